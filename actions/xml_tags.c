/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/xml_tags.h"

#include <string.h>

size_t span_length(Span span)
{
    return (size_t) (span.end - span.start);
}

bool span_is(Span span, const char *word)
{
    return span_length(span) == strlen(word) && memcmp(span.start, word, span_length(span)) == 0;
}

bool span_begins(Span span, const char *word)
{
    return span_length(span) >= strlen(word) && memcmp(span.start, word, strlen(word)) == 0;
}

const char *span_behind(Span text, const char *word)
{
    const char *found =
        span_length(text) ? g_strstr_len(text.start, (gssize) span_length(text), word) : NULL;

    return found ? found + strlen(word) : NULL;
}

bool xml_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *span_skip_spaces(Span text)
{
    while (text.start < text.end && xml_is_space(*text.start))
        text.start++;
    return text.start;
}

static const char *skip_name(Span text)
{
    while (text.start < text.end && !xml_is_space(*text.start) && !strchr("=/>", *text.start))
        text.start++;
    return text.start;
}

const char *xml_tag_end(Span text)
{
    char quote = 0;

    for (const char *p = text.start; p < text.end; p++) {
        if (quote)
            quote = *p == quote ? 0 : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '>')
            return p + 1;
    }
    return NULL;
}

/* Behind what begins at text.start and is no tag: a comment, text that is taken as it is, an
 * instruction. */
static const char *skip_other(Span text)
{
    if (span_begins(text, "<!--"))
        return span_behind(text, "-->");
    if (span_begins(text, "<![CDATA["))
        return span_behind(text, "]]>");
    if (span_begins(text, "<?"))
        return span_behind(text, "?>");
    return span_behind(text, ">");
}

bool xml_next_tag(Span *text, Tag *tag)
{
    const char *at = NULL;

    while (span_length(*text) > 2 && (at = memchr(text->start, '<', span_length(*text) - 2)) &&
           (at[1] == '!' || at[1] == '?')) {
        text->start = skip_other((Span){ at, text->end });
        if (!text->start)
            return false;
    }
    if (span_length(*text) <= 2 || !at)
        return false;
    const char *end = xml_tag_end((Span){ at, text->end });
    if (!end)
        return false;
    tag->whole = (Span){ at, end };
    tag->kind = at[1] == '/' ? TAG_CLOSE : end[-2] == '/' ? TAG_EMPTY : TAG_OPEN;
    tag->name.start = at + (tag->kind == TAG_CLOSE ? 2 : 1);
    tag->name.end = skip_name((Span){ tag->name.start, end });
    text->start = end;
    return true;
}

bool xml_next_attribute(Span *rest, Span *name, Span *whole)
{
    name->start = span_skip_spaces(*rest);
    name->end = skip_name((Span){ name->start, rest->end });
    const char *at = span_skip_spaces((Span){ name->end, rest->end });
    if (name->start == name->end || at == rest->end || *at != '=')
        return false;
    at = span_skip_spaces((Span){ at + 1, rest->end });
    if (at == rest->end || (*at != '"' && *at != '\''))
        return false;
    const char *end = memchr(at + 1, *at, (size_t) (rest->end - at - 1));
    if (!end)
        return false;
    *whole = (Span){ name->start, end + 1 };
    rest->start = end + 1;
    return true;
}
