# roff.awk - what scdoc writes, as mandoc -T lint wants it: paragraphs begin where there is text,
# lines of text have at most 80 bytes, the title is in capitals.

function emit(line) { print line; last = line }

# A paragraph is only begun by the text that follows it.
function begin() {
    if (owed && last !~ /^\.(SH|SS|TH)/)
        emit(".P")
    owed = 0
}

# In lines of 80 bytes; what would look like a macro at the beginning of one is kept from it.
function wrap(text,    words, count, i, line) {
    count = split(text, words, / /)
    line = words[1]
    for (i = 2; i <= count; i++) {
        if (length(line) + 1 + length(words[i]) > 80) {
            emit(line)
            line = (words[i] ~ /^[.']/ ? "\\&" : "") words[i]
        } else {
            line = line " " words[i]
        }
    }
    emit(line)
}

# A backslash that is to be seen: before a quote it would become an accent.
{ gsub(/\\\\/, "\\e") }
/^\.TH/ { split($0, part, "\""); sub("\"" part[2] "\"", "\"" toupper(part[2]) "\"") }
/^\.(P|PP)$/ || /^$/ && !literal { owed = 1; next }
/^\.RE$/ { emit($0); owed = 1; next }
/^\.(SH|SS)/ { owed = 0; emit($0); next }
/^\.(nf|TS)/ { begin(); literal = 1 }
/^\.(fi|TE)/ { literal = 0 }
literal || /^[.']/ { if (/^\.(RS|IP|ie|el)/ && !/^\.RS/) begin(); emit($0); next }
{ begin(); wrap($0) }
