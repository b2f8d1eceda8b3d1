/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/text_format.h"

#include <limits.h>
#include <string.h>

#include "actions/value.h"
#include "base/text.h"

enum {
    SHOWN = 40,        /* characters that a message quotes */
    STEPS_MAX = 8,     /* of a chain */
    PLACE_MAX = 10000, /* in a text, from either end */
};

typedef struct TextStep {
    char *(*apply)(const struct TextStep *step, const char *text);
    long from, count; /* of a part; from below 0: from its end */
} TextStep;

struct TextFormat {
    size_t steps;
    TextStep step[STEPS_MAX];
};

/* ---- characters ---- */

/* The character at *at, which moves behind it. A byte that is none is 0, with its length 1. */
static gunichar next_character(const char **at)
{
    gunichar c = g_utf8_get_char_validated(*at, -1);
    bool valid = c != (gunichar) -1 && c != (gunichar) -2;

    *at = valid ? g_utf8_find_next_char(*at, NULL) : *at + 1;
    return valid ? c : 0;
}

/* Each character as `change` makes it; bytes that are none stay. */
static char *changed(const char *text, gunichar (*change)(gunichar c))
{
    GString *out = g_string_new(NULL);

    while (*text) {
        const char *from = text;
        gunichar c = next_character(&text);
        if (c)
            g_string_append_unichar(out, change(c));
        else
            g_string_append_c(out, *from);
    }
    return g_string_free(out, FALSE);
}

static char *upper(const TextStep *step G_GNUC_UNUSED, const char *text)
{
    return changed(text, g_unichar_toupper);
}

static char *lower(const TextStep *step G_GNUC_UNUSED, const char *text)
{
    return changed(text, g_unichar_tolower);
}

static bool is_apostrophe(gunichar c)
{
    return c == '\'' || c == 0x2019;
}

/* The first letter of each word is large, the others are small. */
static char *title(const TextStep *step G_GNUC_UNUSED, const char *text)
{
    GString *out = g_string_new(NULL);
    bool inside = false;

    while (*text) {
        const char *from = text;
        gunichar c = next_character(&text);
        if (c)
            g_string_append_unichar(out, inside ? g_unichar_tolower(c) : g_unichar_totitle(c));
        else
            g_string_append_c(out, *from);
        inside = g_unichar_isalnum(c) || g_unichar_ismark(c) || (inside && is_apostrophe(c));
    }
    return g_string_free(out, FALSE);
}

/* ---- slug ---- */

/* What a character is in ASCII; itself where ASCII has nothing like it, and it is a letter. Newly
 * allocated. */
static char *in_ascii(gunichar c)
{
    enum { BYTES = 8 };
    char one[BYTES] = "";

    one[g_unichar_to_utf8(c, one)] = '\0';
    g_autofree char *ascii = g_str_to_ascii(one, "C");
    bool letter = g_unichar_isalnum(c) || g_unichar_ismark(c);
    if (letter && !g_ascii_isalnum(*ascii)) {
        g_free(ascii);
        one[g_unichar_to_utf8(g_unichar_tolower(c), one)] = '\0';
        ascii = g_strdup(one);
    }
    return g_steal_pointer(&ascii);
}

static bool is_of_slug(char byte)
{
    return g_ascii_isalnum(byte) || (unsigned char) byte >= 0x80;
}

/* What is no letter and no digit becomes a hyphen, but for apostrophes; two never meet. */
static void append_to_slug(GString *out, const char *ascii)
{
    for (; *ascii; ascii++) {
        if (is_of_slug(*ascii))
            g_string_append_c(out, g_ascii_tolower(*ascii));
        else if (out->len && out->str[out->len - 1] != '-')
            g_string_append_c(out, '-');
    }
}

static char *slug(const TextStep *step G_GNUC_UNUSED, const char *text)
{
    GString *out = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);

    for (const char *at = composed; *at;) {
        gunichar c = next_character(&at);
        g_autofree char *ascii = is_apostrophe(c) ? g_strdup("") : in_ascii(c);
        append_to_slug(out, g_unichar_isalnum(c) || g_unichar_ismark(c) || is_apostrophe(c) ? ascii
                                                                                            : "-");
    }
    if (g_str_has_suffix(out->str, "-"))
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

/* ---- parts ---- */

static char *trim(const TextStep *step G_GNUC_UNUSED, const char *text)
{
    const char *begin = NULL, *end = NULL;

    while (*text) {
        const char *from = text;
        if (g_unichar_isspace(next_character(&text)))
            continue;
        begin = begin ? begin : from;
        end = text;
    }
    return begin ? g_strndup(begin, (gsize) (end - begin)) : g_strdup("");
}

static long length_of(const char *text)
{
    long length = 0;

    for (; *text; length++)
        next_character(&text);
    return length;
}

static const char *skip(const char *text, long characters)
{
    for (; *text && characters > 0; characters--)
        next_character(&text);
    return text;
}

static char *part(const TextStep *step, const char *text)
{
    long from = step->from < 0 ? MAX(0, length_of(text) + step->from) : step->from;
    const char *begin = skip(text, from);

    return g_strndup(begin, (gsize) (skip(begin, step->count) - begin));
}

/* ---- compiling ---- */

static const char *const words[] = { "upper", "lower", "title", "slug", "trim", NULL };
static char *(*const functions[])(const TextStep *, const char *) = { upper, lower, title, slug,
                                                                      trim };

static bool refuse(Error **err, unsigned column, const char *fix, const char *said,
                   const char *what)
{
    g_autofree char *shown = text_shorten(said, SHOWN);

    return error_set(err, ERROR_CONFIG, fix, "column %u: '%s' %s", column, shown, what);
}

static bool compile_word(TextStep *step, const char *word, unsigned column, Error **err)
{
    g_autofree char *fix = NULL;

    for (size_t i = 0; words[i]; i++)
        if (!g_ascii_strcasecmp(words[i], word)) {
            step->apply = functions[i];
            return true;
        }
    const char *meant = text_closest(word, words);
    fix = meant ? g_strdup_printf("did you mean %s?", meant)
                : g_strdup("choose upper, lower, title, slug, trim, or a part such as [0,40]");
    return refuse(err, column, fix, word, "is not a text's format");
}

/* A whole number at *at, which moves behind it and the blanks around it. */
static bool take_place(const char **at, long *number)
{
    char *end = NULL;

    *number = strtol(*at, &end, 10);
    bool taken = end != *at && *number >= -PLACE_MAX && *number <= PLACE_MAX;
    *at = end + strspn(end, " ");
    return taken;
}

/* [0,40]: from and count; without a count, to its end. */
static bool compile_part(TextStep *step, const char *said, unsigned column, Error **err)
{
    const char *at = said + 1;

    *step = (TextStep){ .apply = part, .count = LONG_MAX };
    bool good = take_place(&at, &step->from);
    if (good && *at == ',') {
        at++;
        good = take_place(&at, &step->count) && step->count > 0;
    }
    if (good && !strcmp(at, "]"))
        return true;
    return refuse(err, column, "give from and count, as in [0,4], or the last ones, as in [-4]",
                  said, "is not a part of a text");
}

/* Where the step at `text` ends: at a comma outside of brackets. */
static size_t step_length(const char *text)
{
    size_t length = *text == '[' ? strcspn(text, "]") : 0;

    return length + strcspn(text + length, ",");
}

static bool compile_step(TextFormat *format, const char *said, unsigned column, Error **err)
{
    if (format->steps == STEPS_MAX)
        return refuse(err, column, "give at most 8", said, "is one format too many");
    TextStep *step = &format->step[format->steps++];
    return *said == '[' ? compile_part(step, said, column, err)
                        : compile_word(step, said, column, err);
}

TextFormat *text_format_new(const char *text, unsigned column, Error **err)
{
    g_autoptr(TextFormat) format = g_new0(TextFormat, 1);
    const char *at = text;

    for (;;) {
        size_t blanks = strspn(at, " "), length = step_length(at + blanks);
        g_autofree char *said = g_strndup(at + blanks, length);
        if (!compile_step(format, g_strchomp(said), value_column(text, column, at + blanks), err))
            return NULL;
        at += blanks + length;
        if (!*at)
            return g_steal_pointer(&format);
        at++;
    }
}

void text_format_free(TextFormat *format)
{
    g_free(format);
}

char *text_format_apply(const TextFormat *format, const char *text)
{
    char *out = g_strdup(text);

    for (size_t i = 0; i < format->steps; i++) {
        char *next = format->step[i].apply(&format->step[i], out);
        g_free(out);
        out = next;
    }
    return out;
}
