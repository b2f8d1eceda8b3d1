/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dates, numbers and which format a type takes; text_format.c has those of texts. */
#include "actions/value_format.h"

#include <math.h>
#include <string.h>

#include "actions/text_format.h"
#include "base/text.h"

enum {
    ZEROS_MAX = 18,     /* digits of a number; an int64_t has no more */
    DECIMALS_MAX = 9,   /* behind the point */
    COMMON_DECIMALS = 6 /* of a number without a format */
};

#define COMMON_DATE "%Y-%m-%d"

struct ValueFormat {
    ValueType type;
    char *date;     /* strftime's */
    bool thousands; /* a comma between them */
    int zeros;      /* digits before the point, at least; 0: as many as it has */
    int decimals;   /* digits behind it; -1: as many as it has */
    TextFormat *text;
};

static bool refuse(Error **err, unsigned column, const char *fix, const char *what,
                   const char *shown)
{
    g_autofree char *safe = text_escape(shown);

    return error_set(err, ERROR_CONFIG, fix, "column %u: '%s' %s", column, safe, what);
}

/* ---- dates ---- */

/* GLib's conversions, except what gives slashes or line breaks or depends on the locale; `length`
 * of the one at `text`, 0: it is none. */
static size_t conversion_length(const char *text)
{
    size_t length = 1;

    length += strspn(text + length, ":_-0");
    const char *kind = text + length;
    if (!*kind || !strchr("aAbBCdeFgGhHIjklmMpPRsSTuVwWyYzZf%", *kind))
        return 0;
    return length + 1;
}

static bool check_conversion(const char *text, size_t length)
{
    g_autoptr(GDateTime) some = g_date_time_new_utc(2000, 1, 2, 3, 4, 5);
    g_autofree char *conversion = g_strndup(text, length);
    g_autofree char *tried = length ? g_date_time_format(some, conversion) : NULL;

    return tried && *tried;
}

static bool compile_date(ValueFormat *format, const char *text, unsigned column, Error **err)
{
    const char *fix = "give %Y (year), %m (month), %d (day), %H (hour), %M (minute), %S (second), "
                      "%j (day of the year), %V (week)";

    if (!*text || *text != '%' || !g_utf8_validate(text, -1, NULL))
        return refuse(err, column, fix, "is not a date format, which begins with %", text);
    for (const char *c = strchr(text, '%'); c; c = strchr(c, '%')) {
        size_t length = conversion_length(c);
        g_autofree char *shown = g_utf8_substring(c, 0, MIN(2, g_utf8_strlen(c, -1)));
        if (!check_conversion(c, length))
            return refuse(err, value_column(text, column, c), fix, "is not a date format", shown);
        c += length;
    }
    format->date = g_strdup(text);
    return true;
}

static char *date_text(const ValueFormat *format, GDateTime *date)
{
    g_autofree char *text = g_date_time_format(date, format ? format->date : COMMON_DATE);

    return text ? g_steal_pointer(&text) : g_strdup("");
}

/* ---- numbers ---- */

/* Digits at *at, which moves behind them: -1 where there is none, more than `most` where they say
 * more. */
static int take_digits(const char **at, int most)
{
    int number = g_ascii_isdigit(**at) ? 0 : -1;

    for (; g_ascii_isdigit(**at); (*at)++)
        number = MIN(number * 10 + g_ascii_digit_value(**at), most + 1);
    return number;
}

static bool compile_number(ValueFormat *format, const char *text, unsigned column, Error **err)
{
    const char *at = text;
    const char *fix = "give 4 (at least so many digits, with zeros), .1 (digits behind the point) "
                      "or , (between thousands)";

    format->thousands = *at == ',';
    at += format->thousands;
    int zeros = format->thousands ? -1 : take_digits(&at, ZEROS_MAX);
    bool point = *at == '.';
    at += point;
    int decimals = point ? take_digits(&at, DECIMALS_MAX) : -1;
    if (!*text || *at || (point && decimals < 0) || zeros == 0)
        return refuse(err, column, fix, "is not a number's format", text);
    if (zeros > ZEROS_MAX)
        return refuse(err, column, "give 1 to 18 digits, as in {seq:4}", "are too many digits",
                      text);
    if (decimals > DECIMALS_MAX)
        return refuse(err, column, "give 0 to 9 digits behind the point, as in .2",
                      "are too many digits", text);
    format->zeros = MAX(zeros, 0);
    format->decimals = zeros > 0 && !point ? 0 : decimals;
    return true;
}

/* With a point in every locale. */
static char *decimal_text(double number, int decimals)
{
    enum { LONGEST = 400 }; /* the largest double has 309 digits */
    char buffer[LONGEST];
    g_autofree char *form = g_strdup_printf("%%.%df", decimals < 0 ? COMMON_DECIMALS : decimals);
    char *text = g_ascii_formatd(buffer, LONGEST, form, number);

    for (char *last = text + strlen(text) - 1; decimals < 0 && strchr("0.", *last); last--) {
        bool point = *last == '.';
        *last = '\0';
        if (point)
            break;
    }
    bool nothing = strspn(text, "-0.") == strlen(text); /* -0.00 is 0 */
    return g_strdup(nothing && *text == '-' ? text + 1 : text);
}

/* With zeros before it, or commas between thousands. */
static char *grouped(const ValueFormat *format, const char *digits)
{
    enum { GROUP = 3 };
    GString *out = g_string_new(*digits == '-' ? "-" : "");

    digits += *digits == '-';
    size_t whole = strcspn(digits, ".");
    for (size_t i = whole; i < (size_t) format->zeros; i++)
        g_string_append_c(out, '0');
    for (size_t i = 0; i < whole; i++) {
        if (format->thousands && i && (whole - i) % GROUP == 0)
            g_string_append_c(out, ',');
        g_string_append_c(out, digits[i]);
    }
    g_string_append(out, digits + whole);
    return g_string_free(out, FALSE);
}

/* As photographers write the time of an exposure: 1/250, 0.4. */
static char *fraction_text(double number)
{
    const double written_as_decimal = 0.25001;

    if (number > 0 && number < written_as_decimal)
        return g_strdup_printf("1/%.0f", 1 / number);
    g_autofree char *text = decimal_text(number, 1);
    if (g_str_has_suffix(text, ".0"))
        text[strlen(text) - 2] = '\0';
    return g_steal_pointer(&text);
}

char *value_number_text(double number)
{
    return decimal_text(number, -1);
}

static char *formatted(const ValueFormat *format, const Value *value)
{
    if (!format)
        return value->fraction ? fraction_text(value->number) : value_number_text(value->number);
    g_autofree char *digits = decimal_text(value->number, format->decimals);
    return grouped(format, digits);
}

/* ---- all ---- */

static char *as_text(const Value *value)
{
    if (value->type == VALUE_TRUTH)
        return g_strdup(value->number != 0 ? "yes" : "no");
    return value->type == VALUE_LIST ? g_strjoinv(", ", value->list) : g_strdup(value->text);
}

static bool compile(ValueFormat *format, const char *text, unsigned column, Error **err)
{
    if (format->type == VALUE_DATE)
        return compile_date(format, text, column, err);
    if (format->type == VALUE_NUMBER)
        return compile_number(format, text, column, err);
    if (*text == '%')
        return refuse(err, column, "give a text's format: upper, lower, title, slug, trim, [0,40]",
                      "is for dates only", text);
    format->text = text_format_new(text, column, err);
    return format->text;
}

ValueFormat *value_format_new(const char *text, unsigned column, ValueType type, Error **err)
{
    g_autoptr(ValueFormat) format = g_new0(ValueFormat, 1);

    format->type = type;
    return compile(format, text, column, err) ? g_steal_pointer(&format) : NULL;
}

void value_format_free(ValueFormat *format)
{
    if (!format)
        return;
    g_free(format->date);
    text_format_free(format->text);
    g_free(format);
}

char *value_format_apply(const ValueFormat *format, const Value *value)
{
    if (value->missing)
        return g_strdup("");
    if (value->type == VALUE_DATE)
        return date_text(format, value->date);
    if (value->type == VALUE_NUMBER)
        return formatted(format, value);
    g_autofree char *text = as_text(value);
    return format ? text_format_apply(format->text, text) : g_steal_pointer(&text);
}
