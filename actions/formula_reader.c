/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/formula_reader.h"

#include <math.h>
#include <string.h>

#include "actions/value.h"
#include "base/text.h"
#include "base/units.h"

enum {
    LENGTH_MAX = 4 << 10, /* bytes of a formula */
    SHOWN = 60,           /* characters of a formula that a message quotes */
};

/* ---- mistakes ---- */

bool formula_mistake(const FormulaReader *p, const char *at, const char *fix, const char *format,
                     ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    return error_set(p->err, ERROR_CONFIG, fix, "column %u: %s",
                     value_column(p->text, p->column, at), what);
}

/* A piece of the formula for a message; newly allocated. */
char *formula_quote(const char *text, size_t start, size_t end)
{
    g_autofree char *piece = g_strndup(text + start, end - start);

    return text_shorten(piece, SHOWN);
}

char *formula_token_text(const FormulaReader *p)
{
    return formula_quote(p->start, 0, (size_t) (p->end - p->start));
}

/* ---- tokens ---- */

/* What people write in other languages, the longest first, and what it is called here. */
static const struct {
    const char *sign, *fix;
} foreign_signs[] = {
    { "&&", "write and" },
    { "||", "write or" },
    { "**", "write a * a" },
    { "<>", "write !=" },
    { "=>", "write >=" },
    { "=<", "write <=" },
    { "=", "write == to compare; a formula sets nothing" },
    { "!", "write not" },
    { "&", "write and" },
    { "^", "write a * a" },
    { "?", "write if(condition, a, b)" },
    { "\"", "put a text into single quotes: 'web'" },
    { "[", "write it behind a colon: {stem:[0,4]}" },
};

static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">", "+", "-",
                                     "*",  "/",  "%",  "(",  ")", ",", NULL };

static bool is_name_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '.' || (unsigned char) c >= 0x80;
}

/* Names of the picture's own fields have hyphens: iptc.By-line. */
static bool is_raw_name(const char *name)
{
    return !g_ascii_strncasecmp(name, "exif.", 5) || !g_ascii_strncasecmp(name, "iptc.", 5) ||
           !g_ascii_strncasecmp(name, "xmp.", 4);
}

static bool read_name(FormulaReader *p)
{
    bool raw = is_raw_name(p->start);

    while (is_name_byte(*p->end) || (raw && *p->end == '-' && is_name_byte(p->end[1])))
        p->end++;
    p->type = TOKEN_NAME;
    return true;
}

/* Newly allocated. */
static char *number_remedy(const char *shown, bool hexadecimal)
{
    int64_t bytes = 0;

    if (hexadecimal)
        return g_strdup("write it as a decimal number");
    if (!units_read_bytes(shown, &bytes))
        return g_strdup_printf("write its bytes: %" G_GINT64_FORMAT, bytes);
    return g_strdup("write a unit behind the braces, as in {10}mm");
}

static bool read_number(FormulaReader *p)
{
    char *end = NULL;

    p->type = TOKEN_NUMBER;
    if (!isfinite(g_ascii_strtod(p->start, &end)))
        return formula_mistake(p, p->start, "give a smaller number", "a number out of range");
    bool hexadecimal = *p->start == '0' && g_ascii_tolower(p->start[1]) == 'x';
    p->end = hexadecimal ? p->start + 1 : end;
    if (!is_name_byte(*p->end))
        return true;
    while (is_name_byte(*p->end))
        p->end++;
    g_autofree char *shown = formula_token_text(p);
    g_autofree char *fix = number_remedy(shown, hexadecimal);
    return formula_mistake(p, p->start, fix, "%s is not a number", shown);
}

/* Whether a quote must not touch these bytes: they are a word of a text whose other quote was
 * forgotten. */
static bool is_stray(const char *word, size_t length)
{
    static const char *const operators[] = { "and", "or", "not", NULL };
    g_autofree char *lower = g_ascii_strdown(word, (gssize) length);

    return length && !g_strv_contains(operators, lower);
}

/* Of the word that the quote at p->start touches; 0: it touches none. */
static size_t stray_before(const FormulaReader *p)
{
    size_t length =
        p->type == TOKEN_NAME && p->before == p->start ? (size_t) (p->before - p->word) : 0;

    return is_stray(p->word, length) ? length : 0;
}

static bool refuse_open_text(const FormulaReader *p)
{
    size_t length = stray_before(p);
    g_autofree char *word = formula_quote(p->word, 0, length);
    g_autofree char *fix = g_strdup_printf("write '%s'", word);

    return length ? formula_mistake(p, p->start, fix, "the quote behind %s closes nothing", word)
                  : formula_mistake(p, p->start, "close it with '", "a text in quotes has no end");
}

static bool check_around_text(const FormulaReader *p)
{
    g_autofree char *shown = formula_token_text(p);
    size_t length = 0;

    while (is_name_byte(p->end[length]))
        length++;
    if (!stray_before(p) && !is_stray(p->end, length))
        return true;
    return formula_mistake(p, p->start,
                           "write a ' before and behind each text, as in 'web', and '' for one "
                           "inside of it",
                           "the quotes of %s do not enclose one text", shown);
}

/* Two quotes inside of it are one. p->type is still that of the token before it. */
static bool read_text(FormulaReader *p)
{
    do {
        p->end = strchr(p->end + 1, '\'');
        if (!p->end)
            return refuse_open_text(p);
        p->end++;
    } while (*p->end == '\'');
    if (!p->swallows && memchr(p->start, '}', (size_t) (p->end - p->start)))
        p->swallows = p->start;
    if (!check_around_text(p))
        return false;
    p->type = TOKEN_TEXT;
    return true;
}

static bool read_sign(FormulaReader *p)
{
    p->type = TOKEN_SIGN;
    for (const char *const *sign = signs; *sign; sign++)
        if (g_str_has_prefix(p->start, *sign) && !g_str_has_prefix(p->start, "**") &&
            !g_str_has_prefix(p->start, "<>")) {
            p->end = p->start + strlen(*sign);
            return true;
        }
    for (size_t i = 0; i < G_N_ELEMENTS(foreign_signs); i++)
        if (g_str_has_prefix(p->start, foreign_signs[i].sign))
            return formula_mistake(p, p->start, foreign_signs[i].fix, "%s is no sign of a formula",
                                   foreign_signs[i].sign);
    p->end = p->start + 1;
    g_autofree char *shown = formula_token_text(p);
    return formula_mistake(p, p->start,
                           "write values, numbers, 'texts', functions and the signs + - * / %",
                           "%s is no sign of a formula", shown);
}

/* Looks at the next token. */
bool formula_next(FormulaReader *p)
{
    p->before = p->end;
    p->word = p->start;
    p->start = p->end + strspn(p->end, " \t");
    p->end = p->start;
    if (p->start - p->text > LENGTH_MAX)
        return formula_mistake(p, p->text, "make it shorter", "a formula of more than 4 KB");
    if (*p->start == '\'')
        return read_text(p);
    p->type = TOKEN_END;
    if (!*p->start || (strchr(":|}", *p->start) && !g_str_has_prefix(p->start, "||")))
        return true;
    if (g_ascii_isdigit(*p->start) || (*p->start == '.' && g_ascii_isdigit(p->start[1])))
        return read_number(p);
    return is_name_byte(*p->start) ? read_name(p) : read_sign(p);
}

bool formula_reads(const FormulaReader *p, const char *word)
{
    size_t length = (size_t) (p->end - p->start);

    return (p->type == TOKEN_NAME || p->type == TOKEN_SIGN) && strlen(word) == length &&
           !g_ascii_strncasecmp(p->start, word, length);
}
