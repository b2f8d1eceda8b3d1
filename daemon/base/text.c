/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 64 }; /* bytes; for a longer word no guess is made */

/* Invisible characters that change how the following text is shown: a file name must not deceive
 * its reader. */
static bool is_invisible(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return !g_unichar_isprint(c) || type == G_UNICODE_LINE_SEPARATOR ||
           type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Whether `c` looks like what we write for a byte. */
static bool is_escape(const char *c)
{
    return c[0] == '\\' && c[1] == 'x' && g_ascii_isxdigit(c[2]) && g_ascii_isxdigit(c[3]);
}

/* Appends the character at `c`, of a sentence with its escapes, and returns where the next one
 * begins. */
static const char *append_character(GString *out, const char *c, const char *end, bool is_sentence)
{
    gunichar point = g_utf8_get_char_validated(c, end - c);
    bool broken = point == (gunichar) -1 || point == (gunichar) -2;
    const char *next = c + (broken ? 1 : g_unichar_to_utf8(point, NULL));

    if (!broken && !is_invisible(point) && (is_sentence || !is_escape(c))) {
        g_string_append_len(out, c, next - c);
        return next;
    }
    for (; c < next; c++)
        g_string_append_printf(out, "\\x%02x", (unsigned char) *c);
    return next;
}

char *text_escape(const char *bytes)
{
    return text_shorten(bytes, SIZE_MAX);
}

char *text_escape_sentence(const char *bytes)
{
    const char *end = bytes + strlen(bytes);
    GString *out = g_string_new(NULL);

    while (bytes < end)
        bytes = append_character(out, bytes, end, true);
    return g_string_free(out, FALSE);
}

char *text_unescape(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *c = text; *c; c++) {
        if (is_escape(c)) {
            g_string_append_c(
                out, (char) (g_ascii_xdigit_value(c[2]) << 4 | g_ascii_xdigit_value(c[3])));
            c += 3;
        } else {
            g_string_append_c(out, *c);
        }
    }
    return g_string_free(out, strlen(out->str) != out->len);
}

char *text_shell_word(const char *bytes)
{
    g_autofree char *shown = text_escape(bytes);
    size_t plain = strspn(bytes, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "/._-@:+,=%");

    if (*bytes && !bytes[plain])
        return g_strdup(bytes);
    if (!strcmp(shown, bytes))
        return g_shell_quote(bytes);
    GString *out = g_string_new("$'");
    for (; *bytes; bytes++)
        if (g_ascii_isprint(*bytes) && !strchr("\\'", *bytes))
            g_string_append_c(out, *bytes);
        else
            g_string_append_printf(out, "\\%03o", (unsigned char) *bytes);
    g_string_append_c(out, '\'');
    return g_string_free(out, FALSE);
}

char *text_shorten(const char *bytes, size_t most)
{
    const char *end = bytes + strlen(bytes);
    GString *out = g_string_new(NULL);
    size_t count = 0;

    for (const char *c = bytes; c < end; count++) {
        if (count == most) {
            g_string_append(out, "...");
            break;
        }
        c = append_character(out, c, end, false);
    }
    return g_string_free(out, FALSE);
}

char *text_value(const char *bytes, size_t most)
{
    return *bytes ? text_shorten(bytes, most) : g_strdup("\"\"");
}

/* What stands in Windows-1252 where Latin-1 has control characters; 0: nothing. */
static gunichar of_windows(unsigned char byte)
{
    const unsigned first = 0x80;
    static const gunichar signs[] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
    };

    return byte >= first && byte - first < G_N_ELEMENTS(signs) ? signs[byte - first] : 0;
}

char *text_from_latin1(const char *bytes, size_t length)
{
    GString *text = g_string_sized_new(length);

    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char) bytes[i];
        gunichar sign = of_windows(byte);
        g_string_append_unichar(text, sign ? sign : byte);
    }
    return g_string_free(text, FALSE);
}

size_t text_cut(const char *bytes, size_t most)
{
    size_t cut = most;

    for (int i = 0; cut && i < 3 && ((unsigned char) bytes[cut] & 0xc0) == 0x80; i++)
        cut--;
    return cut;
}

/* The typing errors between the first i letters of a and the first j of b, from those of shorter
 * words; i and j are 1 or more. */
static size_t distance_at(const char *a, const char *b, size_t i, size_t j,
                          size_t d[][WORD_MAX + 1])
{
    size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
    size_t least = MIN(change, MIN(d[i - 1][j], d[i][j - 1]) + 1);

    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        least = MIN(least, d[i - 2][j - 2] + 1);
    return least;
}

size_t text_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    size_t d[WORD_MAX + 1][WORD_MAX + 1];

    if (rows > WORD_MAX || columns > WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= rows; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= rows; i++)
        for (size_t j = 1; j <= columns; j++)
            d[i][j] = distance_at(a, b, i, j, d);
    return d[rows][columns];
}

const char *text_closest(const char *word, const char *const *words)
{
    g_autofree char *low = g_ascii_strdown(word, -1);
    size_t limit = MIN(2, (strlen(word) - (*word != '\0')) / 2), least = limit + 1;
    const char *closest = NULL;

    for (; *words; words++) {
        g_autofree char *candidate = g_ascii_strdown(*words, -1);
        size_t distance = text_distance(low, candidate);

        if (distance < least) {
            least = distance;
            closest = *words;
        }
    }
    return closest;
}

/* In our spelling, newly allocated. */
static char *in_our_spelling(const char *word)
{
    static const struct {
        const char *theirs, *ours;
    } rows[] = { { "color", "colour" }, { "center", "centre" }, { "gray", "grey" } };
    char *out = g_strdup(word);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) parts = g_strsplit(out, rows[i].theirs, -1);
        g_free(out);
        out = g_strjoinv(rows[i].ours, parts);
    }
    return out;
}

bool text_is_word(const char *ours, const char *word)
{
    g_autofree char *spelt = strcmp(ours, word) != 0 ? in_our_spelling(word) : NULL;

    return !spelt || !strcmp(ours, spelt);
}

/* Lower case, with one hyphen for all that stands between letters and digits; newly allocated. */
static char *hyphenated(const char *word)
{
    GString *out = g_string_new(NULL);
    bool between = false;

    for (; *word; word++) {
        if (strchr(" _-:", *word)) {
            between = out->len > 0;
            continue;
        }
        if (between)
            g_string_append_c(out, '-');
        g_string_append_c(out, g_ascii_tolower(*word));
        between = false;
    }
    return g_string_free(out, FALSE);
}

bool text_has_word(const char *words, const char *word)
{
    g_auto(GStrv) each = g_strsplit(words ? words : "", " ", -1);
    g_autofree char *meant = hyphenated(word);

    for (char **one = each; *one; one++) {
        g_autofree char *ours = hyphenated(*one);
        if (*ours && text_is_word(ours, meant))
            return true;
    }
    return false;
}

static size_t columns_of(const char *word)
{
    return g_utf8_validate(word, -1, NULL) ? (size_t) g_utf8_strlen(word, -1) : strlen(word);
}

char *text_wrap(const char *text, size_t indent, size_t width)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    GString *out = g_string_new(NULL);
    size_t column = 0; /* 0: at the beginning of a line */

    for (char **word = words; *word; word++) {
        size_t length = columns_of(*word);

        if (!length)
            continue;
        if (column && column + 1 + length > width) {
            g_string_append_c(out, '\n');
            column = 0;
        }
        if (column)
            g_string_append_c(out, ' ');
        else
            g_string_append_printf(out, "%*s", (int) indent, "");
        g_string_append(out, *word);
        column = (column ? column + 1 : indent) + length;
    }
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}
