/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How values are written in names and texts. */
#include <string.h>

#include "actions/value_format.h"
#include "tests/actions/check.h"

enum { COLUMN = 8 }; /* of a format in these tests, as in "{title:upper}" */

static char *written(const Value *value, const char *format)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(ValueFormat) compiled =
        format ? value_format_new(format, COLUMN, value->type, &error) : NULL;

    if (format && !compiled)
        fail_msg("'%s': %s", format, error->what);
    return value_format_apply(compiled, value);
}

static void is_written(const Value *value, const char *format, const char *as)
{
    g_autofree char *text = written(value, format);

    if (strcmp(text, as) != 0)
        fail_msg("'%s' gives '%s', not '%s'", format ? format : "(no format)", text, as);
}

static void numbers_get_zeros_decimals_and_thousands(void **state)
{
    static const struct {
        double number;
        const char *format, *as;
    } rows[] = {
        { 42, NULL, "42" },
        { 2.8, NULL, "2.8" },
        { 1.0 / 3, NULL, "0.333333" },
        { -0.0, NULL, "0" },
        { 100, NULL, "100" },
        { 1e15, NULL, "1000000000000000" },
        { 42, "4", "0042" },
        { 42.6, "4", "0043" },
        { 12345, "4", "12345" },
        { -5, "3", "-005" },
        { 24, ".1", "24.0" },
        { 47.56789, ".4", "47.5679" },
        { -0.01, ".1", "0.0" },
        { 0.25, ".0", "0" },
        { 7.5, "3.1", "007.5" },
        { 1234567, ",", "1,234,567" },
        { 123, ",", "123" },
        { -1234.5, ",", "-1,234.5" },
        { 1234.5, ",.2", "1,234.50" },
        { 42, "18", "000000000000000042" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Value value = { .type = VALUE_NUMBER, .number = rows[i].number };
        is_written(&value, rows[i].format, rows[i].as);
    }
}

static void exposure_times_are_written_as_photographers_do(void **state)
{
    static const struct {
        double seconds;
        const char *format, *as;
    } rows[] = {
        { 0.004, NULL, "1/250" }, { 10.0 / 600, NULL, "1/60" },
        { 0.25, NULL, "1/4" },    { 1.0 / 8000, NULL, "1/8000" },
        { 0.3, NULL, "0.3" },     { 0.5, NULL, "0.5" },
        { 1, NULL, "1" },         { 1.3, NULL, "1.3" },
        { 30, NULL, "30" },       { 0, NULL, "0" },
        { 0.004, ".3", "0.004" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Value value = { .type = VALUE_NUMBER, .fraction = true, .number = rows[i].seconds };
        is_written(&value, rows[i].format, rows[i].as);
    }
}

static void dates_are_written_by_strftime(void **state)
{
    g_autoptr(GDateTime) date = g_date_time_new_utc(2024, 5, 1, 6, 7, 8);
    const Value value = { .type = VALUE_DATE, .date = date };

    (void) state;
    is_written(&value, NULL, "2024-05-01");
    is_written(&value, "%Y/%m/%d", "2024/05/01");
    is_written(&value, "%Y%m%d-%H%M%S", "20240501-060708");
    is_written(&value, "%H:%M", "06:07");
    is_written(&value, "%G-W%V", "2024-W18");
    is_written(&value, "%j, %B %-d", "122, May 1");
    is_written(&value, "%A 100%%", "Wednesday 100%");
}

static void texts_get_letters_slugs_and_parts(void **state)
{
    static const struct {
        const char *text, *format, *as;
    } rows[] = {
        { "Beach at DAWN", "upper", "BEACH AT DAWN" },
        { "Ärger ÉTÉ", "lower", "ärger été" },
        { "Beach at DAWN", "title", "Beach At Dawn" },
        { "don’t o'neill émile", "title", "Don’t O'neill Émile" },
        { "  a b \n", "trim", "a b" },
        { "   ", "trim", "" },
        { "Beach at Dawn!", "slug", "beach-at-dawn" },
        { "  Été à l’Île -- Œuvre & Straße ", "slug", "ete-a-lile-oeuvre-strasse" },
        { "e\xcc\x81te\xcc\x81", "slug", "ete" },
        { "NIKON D850", "slug", "nikon-d850" },
        { "日本 Привет", "slug", "日本-привет" },
        { "../../etc/passwd", "slug", "etc-passwd" },
        { "?!", "slug", "" },
        { "DSC_0123", "[-4]", "0123" },
        { "DSC_0123", "[0,3]", "DSC" },
        { "DSC_0123", "[4]", "0123" },
        { "DSC_0123", "[-4,2]", "01" },
        { "ab", "[-4]", "ab" },
        { "ab", "[0,40]", "ab" },
        { "ab", "[5,2]", "" },
        { "Ünïcödé", "[1,3]", "nïc" },
        { "\xff\xfe"
          "ab",
          "[1,2]",
          "\xfe"
          "a" },
        { "\xff"
          "ab",
          "upper",
          "\xff"
          "AB" },
        { "  beach at dawn ", "trim,title,[0,5]", "Beach" },
        { "beach", " upper , [-2] ", "CH" },
        { "beach", "UPPER", "BEACH" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup(rows[i].text);
        const Value value = { .type = VALUE_TEXT, .text = text };
        is_written(&value, rows[i].format, rows[i].as);
    }
}

static void lists_are_joined_before_they_are_formatted(void **state)
{
    char first[] = "Beach", second[] = "at Dawn";
    char *list[] = { first, second, NULL };
    const Value value = { .type = VALUE_LIST, .list = list };

    (void) state;
    is_written(&value, NULL, "Beach, at Dawn");
    is_written(&value, "slug", "beach-at-dawn");
    is_written(&value, "upper", "BEACH, AT DAWN");
}

static void yes_and_no_are_texts(void **state)
{
    const Value yes = { .type = VALUE_TRUTH, .number = 1 }, no = { .type = VALUE_TRUTH };

    (void) state;
    is_written(&yes, NULL, "yes");
    is_written(&no, "upper", "NO");
}

static void a_missing_value_is_empty(void **state)
{
    const Value value = { .type = VALUE_TEXT, .missing = true };

    (void) state;
    is_written(&value, NULL, "");
    is_written(&value, "upper", "");
}

static void mistakes_show_their_column_and_their_cure(void **state)
{
    static const struct {
        ValueType type;
        const char *format, *what, *fix;
    } rows[] = {
        { VALUE_TEXT, "uper", "column 8: 'uper' is not a text's format", "did you mean upper?" },
        { VALUE_TEXT, "trim, uper", "column 14: 'uper'", "did you mean upper?" },
        { VALUE_TEXT, "", "column 8: ''", "choose upper" },
        { VALUE_TEXT, "trim,", "column 13: ''", "choose upper" },
        { VALUE_TEXT, "[0,0]", "column 8: '[0,0]' is not a part of a text", "[-4]" },
        { VALUE_TEXT, "[0", "column 8: '[0'", "as in [0,4]" },
        { VALUE_TEXT, "[a]", "column 8: '[a]'", "as in [0,4]" },
        { VALUE_TEXT, "[0,4]x", "column 8: '[0,4]x'", "as in [0,4]" },
        { VALUE_TEXT, "[99999999999999999999]", "column 8:", "as in [0,4]" },
        { VALUE_TEXT, "%Y", "column 8: '%Y' is for dates only", "upper" },
        { VALUE_TEXT, "lower,lower,lower,lower,lower,lower,lower,lower,lower",
          "column 56: 'lower' is one format too many", "at most 8" },
        { VALUE_LIST, "4", "column 8: '4' is not a text's format", "choose upper" },
        { VALUE_TRUTH, "4", "column 8: '4' is not a text's format", "choose upper" },
        { VALUE_NUMBER, "", "column 8: '' is not a number's format", ".1" },
        { VALUE_NUMBER, "0", "column 8: '0'", ".1" },
        { VALUE_NUMBER, "99", "column 8: '99' are too many digits", "{seq:4}" },
        { VALUE_NUMBER, ".99", "column 8: '.99' are too many digits", "as in .2" },
        { VALUE_NUMBER, ".", "column 8: '.'", ".1" },
        { VALUE_NUMBER, ",4", "column 8: ',4'", ".1" },
        { VALUE_NUMBER, "upper", "column 8: 'upper'", ".1" },
        { VALUE_DATE, "", "column 8: '' is not a date format", "%Y" },
        { VALUE_DATE, "upper", "column 8: 'upper' is not a date format", "%Y" },
        { VALUE_DATE, "%Y-ä%Q", "column 12: '%Q' is not a date format", "%Y" },
        { VALUE_DATE, "%Y%", "column 10: '%' is not a date format", "%Y" },
        { VALUE_DATE, "%D", "column 8: '%D'", "%Y" },
        { VALUE_DATE, "%c", "column 8: '%c'", "%Y" },
        { VALUE_DATE, "%n", "column 8: '%n'", "%Y" },
        { VALUE_DATE, "%Ex", "column 8: '%E'", "%Y" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autoptr(ValueFormat) format =
            value_format_new(rows[i].format, COLUMN, rows[i].type, &error);
        if (format)
            fail_msg("'%s' was taken for a format", rows[i].format);
        assert_int_equal(error->kind, ERROR_CONFIG);
        if (!g_str_has_prefix(error->what, rows[i].what) || !strstr(error->fix, rows[i].fix))
            fail_msg("'%s': '%s; %s' does not say '%s; %s'", rows[i].format, error->what,
                     error->fix, rows[i].what, rows[i].fix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_get_zeros_decimals_and_thousands),
        cmocka_unit_test(exposure_times_are_written_as_photographers_do),
        cmocka_unit_test(dates_are_written_by_strftime),
        cmocka_unit_test(texts_get_letters_slugs_and_parts),
        cmocka_unit_test(lists_are_joined_before_they_are_formatted),
        cmocka_unit_test(yes_and_no_are_texts),
        cmocka_unit_test(a_missing_value_is_empty),
        cmocka_unit_test(mistakes_show_their_column_and_their_cure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
