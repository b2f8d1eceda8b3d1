/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Formulas: what they come to, and what is said of those that are wrong. */
#include <string.h>

#include "actions/formula.h"
#include "actions/value_format.h"
#include "tests/actions/check.h"
#include "tests/actions/pictures.h"

static const SourceNames origin = { "web",      "inbox",
                                    "2024/may", "Beach_bw_0123.JPG",
                                    1714566659, { 7, 7, 7, 20240501 } };

/* ---- pictures ---- */

static Image *opened(VipsImage *picture)
{
    g_autoptr(Error) error = NULL;
    Image *image = image_open(picture_file(picture, ".jpg"), NULL, &origin, NULL, &error);

    if (!image)
        fail_msg("%s", error->what);
    return image;
}

/* 30 x 20 pixels that say nothing of themselves; `grey` makes other content. */
static Image *plain_picture(double grey)
{
    const double colour[] = { grey, grey, grey };
    g_autoptr(VipsImage) plain = picture_plain(30, 20, 3, colour);

    return opened(plain);
}

/* The same with a photographer's words and a camera's. */
static Image *described_picture(void)
{
    const double colour[] = { 128, 128, 128 };
    g_autoptr(VipsImage) plain = picture_plain(30, 20, 3, colour);
    g_autoptr(VipsImage) described = picture_described(plain);

    return opened(described);
}

/* ---- what formulas come to ---- */

static Formula *compiled(const char *text)
{
    g_autoptr(Error) error = NULL;
    const char *end = NULL;
    Formula *formula = formula_new(text, 1, &end, &error);

    if (!formula)
        fail_msg("%s: %s; %s", text, error->what, error->fix);
    if (*end)
        fail_msg("%s: '%s' is left", text, end);
    return formula;
}

/* What `text` comes to in a setting of a step, newly allocated; NULL with *err set. */
static char *evaluated_in(const char *text, Image *image, unsigned step, const char *row,
                          Error **err)
{
    g_autoptr(Formula) formula = compiled(text);
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape, .step = step, .row = row };
    g_auto(Value) value = { .missing = true };

    if (!formula_evaluate(formula, &source, &value, err))
        return NULL;
    if (!value.missing && value.type != formula_type(formula))
        fail_msg("%s has another type than it says", text);
    return value.missing ? g_strdup("(missing)") : value_format_apply(NULL, &value);
}

static char *evaluated(const char *text, Image *image, unsigned step, Error **err)
{
    return evaluated_in(text, image, step, "width", err);
}

typedef struct Row {
    const char *text, *result;
} Row;

static void come_to(Image *image, const Row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autoptr(Error) error = NULL;
        g_autofree char *result = evaluated(rows[i].text, image, 0, &error);
        if (!result || strcmp(result, rows[i].result) != 0)
            fail_msg("%s is %s, not %s", rows[i].text, result ? result : error->what,
                     rows[i].result);
    }
}

static void operators_tie_as_in_mathematics(void **state)
{
    static const Row rows[] = {
        { "1 + 2 * 3", "7" },
        { "(1 + 2) * 3", "9" },
        { "10 - 4 - 3", "3" },
        { "100 / 10 / 5", "2" },
        { "17 % 5 % 3", "2" },
        { "2 * 7 % 4", "2" },
        { "-2 * -3", "6" },
        { "2 - -3", "5" },
        { "- -3", "3" },
        { "-7 % 5", "-2" },
        { "0 * -1", "0" },
        { ".5 + 1e2", "100.5" },
        { "1 + 1 == 2", "yes" },
        { "1 < 2 and 3 < 2", "no" },
        { "1 > 2 or 2 > 1 and 1 == 1", "yes" },
        { "1 == 1 or 1 == 1 and 1 == 2", "yes" },
        { "not 1 == 2", "yes" },
        { "not 1 == 2 and 1 == 2", "no" },
        { "not (1 == 2 and 1 == 2)", "yes" },
        { "not not 1 <= 1", "yes" },
        { "2 >= 3", "no" },
        { "2 != 3", "yes" },
        { "'a' == 'a'", "yes" },
        { "'a' == 'A'", "no" },
        { "'it''s'", "it's" },
        { "''", "" },
        { "':|'", ":|" },
    };

    (void) state;
    g_autoptr(Image) image = plain_picture(128);
    come_to(image, rows, G_N_ELEMENTS(rows));
}

static void functions_compute(void **state)
{
    static const Row rows[] = {
        { "min(3, 1, 2)", "1" },
        { "max(3, 1, 2)", "3" },
        { "MAX(1, 2)", "2" },
        { "abs(-2.5)", "2.5" },
        { "round(2.5)", "3" },
        { "round(-2.5)", "-3" },
        { "floor(-2.5)", "-3" },
        { "ceil(2.1)", "3" },
        { "sqrt(9)", "3" },
        { "clamp(5, 1, 3)", "3" },
        { "clamp(-5, 1, 3)", "1" },
        { "clamp(2, 1, 3)", "2" },
        { "if(1 < 2, 'a', 'b')", "a" },
        { "if(1 > 2, 1, 2) + 1", "3" },
        { "matches('IMG_1_bw.jpg', '*_BW*')", "yes" },
        { "matches('IMG_1.jpg', '*_bw*')", "no" },
        { "matches('abc', 'a?c')", "yes" },
        { "matches('abc', 'ab')", "no" },
        { "matches('abc', 'abc*')", "yes" },
        { "matches('aXbXc', 'a*b*c')", "yes" },
        { "matches('', '*')", "yes" },
        { "matches('\xc3\xa9t\xc3\xa9', '?t\xc3\x89')", "yes" },
    };

    (void) state;
    g_autoptr(Image) image = plain_picture(128);
    come_to(image, rows, G_N_ELEMENTS(rows));
}

static void a_formula_knows_the_picture(void **state)
{
    static const Row rows[] = {
        { "width", "30" },
        { "width / height", "1.5" },
        { "min(width, 2048)", "30" },
        { "clamp(shorter * 0.03, 12, 80)", "12" },
        { "landscape and width > 3000", "no" },
        { "landscape and not portrait", "yes" },
        { "if(landscape, 'wide', 'tall')", "wide" },
        { "name", "Beach_bw_0123.JPG" },
        { "matches(name, '*_bw*')", "yes" },
        { "title", "Boats at Sea" },
        { "TITLE == 'Boats at Sea'", "yes" },
        { "has(keywords, 'web')", "yes" },
        { "not has(keywords, 'noweb')", "yes" },
        { "default(title, stem)", "Boats at Sea" },
        { "taken < now", "yes" },
        { "default(taken, now) == taken", "yes" },
        { "source.width-20", "10" },
    };

    (void) state;
    g_autoptr(Image) image = described_picture();
    come_to(image, rows, G_N_ELEMENTS(rows));
}

static void what_a_picture_does_not_say_is_an_error_but_for_lists(void **state)
{
    static const Row rows[] = {
        { "title", "(missing)" },
        { "(title)", "(missing)" },
        { "default(title, 'none')", "none" },
        { "default(title, default(caption, stem))", "Beach_bw_0123" },
        { "has(keywords, 'web')", "no" },
        { "keywords", "" },
        { "if(landscape, 'wide', title)", "wide" },
        { "landscape or title == 'x'", "yes" },
        { "portrait and title == 'x'", "no" },
    };
    g_autoptr(Image) image = plain_picture(128);
    g_autoptr(Error) error = NULL;

    (void) state;
    come_to(image, rows, G_N_ELEMENTS(rows));
    assert_null(evaluated("if(portrait, 'x', title)", image, 0, &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_string_equal(error->what, "the picture has no title for {if(portrait, 'x', title)}");
    assert_non_null(strstr(error->fix, "default(title, ...)"));
}

static void what_has_no_result_shows_its_values(void **state)
{
    static const Row rows[] = {
        { "2 + width / (height - 20)",
          "width / (height - 20) is a division by zero (width = 30, height = 20)" },
        { "width % (height - 20)",
          "width % (height - 20) is a division by zero (width = 30, height = 20)" },
        { "sqrt(height - width)",
          "sqrt(height - width) is the square root of a number below 0 (height = 20, width = 30)" },
        { "1e308 * width", "1e308 * width is a number out of range (width = 30)" },
        { "clamp(1, width, height)",
          "clamp(1, width, height) is a range whose low end is above its "
          "high end (width = 30, height = 20)" },
    };

    (void) state;
    g_autoptr(Image) image = plain_picture(128);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autofree char *result = evaluated(rows[i].text, image, 0, &error);
        if (result)
            fail_msg("%s is %s", rows[i].text, result);
        assert_int_equal(error->kind, ERROR_PICTURE);
        assert_string_equal(error->what, rows[i].result);
    }
}

/* ---- what is wrong in every picture ---- */

typedef struct Wrong {
    const char *text;
    unsigned column;
    const char *because, *fix;
} Wrong;

static void wrong_formulas_name_their_column_and_their_cure(void **state)
{
    static const Wrong rows[] = {
        { "widht", 1, "unknown value 'widht'", "did you mean width?" },
        { "1 + widht", 5, "unknown value 'widht'", "did you mean width?" },
        { "", 1, "there is no value between { and }", "{stem}" },
        { " ", 2, "there is no value between { and }", "{stem}" },
        { "width +", 8, "ends where a value should be", "write a value" },
        { "* width", 1, "* stands where a value should be", "before it" },
        { "1 + * 2", 5, "* stands where a value should be", "before it" },
        { "5%", 2, "nothing follows %", "{2 + 3}%" },
        { "width height", 7, "nothing joins height", "an operator" },
        { "2 width", 3, "nothing joins width", "an operator" },
        { "20px", 1, "20px is not a number", "{10}mm" },
        { "size > 10GB", 8, "10GB is not a number", "write its bytes: 10737418240" },
        { "1,5", 2, "a , outside of a function", "1.5" },
        { "(1 + 2", 1, "a ( has no matching )", "close it" },
        { "min(1, 2", 4, "a ( has no matching )", "close it" },
        { "1)", 2, "a ) has no matching (", "remove it" },
        { "'abc", 1, "a text in quotes has no end", "close it" },
        { "has(keywords, 'web)}", 15, "a text in quotes has no end", "close it with '" },
        { "if(grey, 'a, 'b')}", 10, "the quotes of 'a, ' do not enclose one text", "'web'" },
        { "if(grey, a', 'b')}", 11, "the quotes of ', ' do not enclose one text", "'web'" },
        { "if(grey, 'a', b')}", 16, "the quote behind b closes nothing", "write 'b'" },
        { "'it's'", 1, "the quotes of 'it' do not enclose one text", "'' for one inside" },
        { "stem == 'web} '", 9, "goes on behind the }", "close the text with '" },
        { "has(keywords, 'web)} '", 15, "goes on behind the }", "close the text with '" },
        { "if(grey, 'a)}/{if(landscape, 'b', 'c')}", 10, "do not enclose one text", "'web'" },
        { "\"abc\"", 1, "\" is no sign of a formula", "single quotes" },
        { "landscape && grey", 11, "&& is no sign", "write and" },
        { "landscape || grey", 11, "|| is no sign", "write or" },
        { "!grey", 1, "! is no sign", "write not" },
        { "width = 3", 7, "= is no sign", "write ==" },
        { "width <> 3", 7, "<> is no sign", "write !=" },
        { "width => 3", 7, "=> is no sign", "write >=" },
        { "width ** 2", 7, "** is no sign", "a * a" },
        { "width ^ 2", 7, "^ is no sign", "a * a" },
        { "grey ? 1", 6, "? is no sign", "if(condition, a, b)" },
        { "stem[0]", 5, "[ is no sign", "{stem:[0,4]}" },
        { "width; height", 6, "; is no sign", "+ - * / %" },
        { "stem * 2", 1, "stem is a text, which * does not take there", "side by side" },
        { "2 * stem", 5, "stem is a text", "side by side" },
        { "'a' + 'b'", 1, "'a' is a text, which + does not take there", "side by side" },
        { "-stem", 2, "stem is a text", "side by side" },
        { "not width", 5, "width is a number, which not does not take there", "compare it" },
        { "width and grey", 1, "width is a number", "compare it" },
        { "1 < 2 < 3", 1, "1 < 2 is yes or no", "compare numbers or dates" },
        { "width == 'a'", 10, "'a' is a text, but width is a number", "one type" },
        { "keywords == 'web'", 1, "keywords is a list of texts", "has(keywords, 'web')" },
        { "stem < 'b'", 1, "stem is a text", "only with == and !=" },
        { "taken > 2024", 9, "2024 is a number, but taken is a date", "one type" },
        { "has(title, 'x')", 5, "title is a text, which has does not take there", "keywords" },
        { "has(keywords, 3)", 15, "3 is a number", "single quotes" },
        { "matches(width, '*')", 9, "width is a number", "" },
        { "if(width, 1, 2)", 4, "width is a number", "compare it" },
        { "if(grey, 1, 'b')", 13, "'b' is a text, but 1 is a number", "two values of one type" },
        { "if(grey, 1)", 1, "if() takes 3 values, not 2", "write if(a, b, c)" },
        { "min(1)", 1, "min() takes 2 values or more, not 1", "write min(a, b, ...)" },
        { "min()", 1, "min() takes 2 values or more, not 0", "write min(a, b, ...)" },
        { "sqrt(1, 2)", 1, "sqrt() takes 1 value, not 2", "write sqrt(a)" },
        { "min(1 2)", 7, "2 does not belong there", "a , between two values" },
        { "min(1,)", 7, ") stands where a value should be", "" },
        { "min", 1, "min is a function", "write min(a, b, ...)" },
        { "mim(1, 2)", 1, "there is no function called mim", "did you mean min()?" },
        { "print(1)", 1, "there is no function called print", "hotfolder-profiles(7)" },
        { "width(1)", 1, "width is a value, no function", "remove the (" },
        { "default(width, 1)", 9, "width is never missing", "remove default()" },
        { "default(1, 2)", 9, "1 is never missing", "remove default()" },
        { "default(title, 2)", 16, "2 is a number, but title is a text", "one type" },
        { "1/0", 1, "1/0 is a division by zero", "divide by another" },
        { "width / (2 - 2)", 1, "width / (2 - 2) is a division by zero", "another number" },
        { "1 + sqrt(-1)", 5, "sqrt(-1) is the square root of a number below 0", "change" },
        { "clamp(1, 3, 2)", 1, "a range whose low end is above its high end", "change" },
        { "1e200 * 1e200", 1, "a number out of range", "change" },
        { "1e999", 1, "a number out of range", "smaller" },
        { "\xc3\xbc + widht", 1, "unknown value", "" },
        { "'\xc3\xbc' == widht", 8, "unknown value", "" }, /* characters, not bytes */
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autofree char *column = g_strdup_printf("column %u: ", rows[i].column);
        const char *end = NULL;
        g_autoptr(Formula) formula = formula_new(rows[i].text, 1, &end, &error);
        if (formula)
            fail_msg("'%s' was taken for a formula", rows[i].text);
        assert_int_equal(error->kind, ERROR_CONFIG);
        if (!g_str_has_prefix(error->what, column) || !strstr(error->what, rows[i].because) ||
            !strstr(error->fix ? error->fix : "", rows[i].fix))
            fail_msg("'%s': '%s; %s' does not say '%s%s; %s'", rows[i].text, error->what,
                     error->fix, column, rows[i].because, rows[i].fix);
    }
}

static void a_formula_ends_where_its_value_does(void **state)
{
    static const Row rows[] = {
        { "width}px", "}px" },
        { "taken:%H:%M}", ":%H:%M}" },
        { "title|{stem}}", "|{stem}}" },
        { "if(grey, '}', ':|')  }", "}" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        const char *end = NULL;
        g_autoptr(Formula) formula = formula_new(rows[i].text, 1, &end, &error);
        assert_non_null(formula);
        assert_string_equal(end, rows[i].result);
    }
}

static void a_formula_is_known_before_there_is_a_picture(void **state)
{
    static const struct {
        const char *text;
        ValueType type;
        FactScope scope;
        bool may_be_missing;
        const char *fact;
    } rows[] = {
        { "2 + 3", VALUE_NUMBER, FACT_OF_PROFILE, false, NULL },
        { "folder", VALUE_TEXT, FACT_OF_PROFILE, false, "folder" },
        { "title", VALUE_TEXT, FACT_OF_PICTURE, true, "title" },
        { "(Title)", VALUE_TEXT, FACT_OF_PICTURE, true, "title" },
        { "keywords", VALUE_LIST, FACT_OF_PICTURE, true, "keywords" },
        { "width > 3", VALUE_TRUTH, FACT_OF_STEP, false, NULL },
        { "random(1, 2)", VALUE_NUMBER, FACT_OF_STEP, false, NULL },
        { "if(stem == 'a', folder, title)", VALUE_TEXT, FACT_OF_PICTURE, false, NULL },
        { "default(taken, mtime)", VALUE_DATE, FACT_OF_PICTURE, false, NULL },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Formula) formula = compiled(rows[i].text);
        const Fact *fact = formula_fact(formula);
        assert_int_equal(formula_type(formula), rows[i].type);
        assert_int_equal(formula_scope(formula), rows[i].scope);
        assert_int_equal(formula_may_be_missing(formula), rows[i].may_be_missing);
        assert_string_equal(fact ? fact->name : "", rows[i].fact ? rows[i].fact : "");
        assert_string_equal(formula_text(formula), rows[i].text);
    }
}

/* ---- chance and bounds ---- */

static double drawn(Image *image, const char *text, unsigned step)
{
    g_autoptr(Error) error = NULL;
    g_autofree char *number = evaluated(text, image, step, &error);

    return g_ascii_strtod(number, NULL);
}

static void the_same_content_draws_the_same_number_in_the_same_place(void **state)
{
    g_autoptr(Image) image = plain_picture(128);
    g_autoptr(Image) again = plain_picture(128);
    g_autoptr(Image) other = plain_picture(90);
    const double first = drawn(image, "random(-5, 5)", 1);

    (void) state;
    assert_true(first >= -5 && first < 5);
    assert_true(first == drawn(image, "random(-5, 5)", 1));
    assert_true(first == drawn(again, "random(-5, 5)", 1));
    assert_true(first != drawn(other, "random(-5, 5)", 1));
    assert_true(first != drawn(image, "random(-5, 5)", 2));
    assert_true(drawn(image, "random(0, 1) - random(0, 1)", 1) != 0);
    assert_true(drawn(image, "random(3, 3)", 1) == 3);
}

static void two_settings_of_one_step_draw_two_numbers(void **state)
{
    g_autoptr(Image) image = plain_picture(128);
    g_autoptr(Error) error = NULL;
    g_autofree char *width = evaluated_in("random(0, 1)", image, 1, "width", &error);
    g_autofree char *height = evaluated_in("random(0, 1)", image, 1, "height", &error);

    (void) state;
    assert_string_not_equal(width, height);
}

static void numbers_are_drawn_from_the_whole_range(void **state)
{
    enum { DRAWS = 400 };
    g_autoptr(Image) image = plain_picture(128);
    int quarters[4] = { 0 };

    (void) state;
    for (unsigned step = 0; step < DRAWS; step++)
        quarters[(int) drawn(image, "random(0, 4)", step)]++;
    for (int i = 0; i < 4; i++)
        assert_in_range(quarters[i], DRAWS / 8, DRAWS / 2);
}

static void is_too_much(const char *text, const char *because)
{
    g_autoptr(Error) error = NULL;
    const char *end = NULL;

    assert_null(formula_new(text, 1, &end, &error));
    if (!strstr(error->what, because))
        fail_msg("'%s' does not say '%s'", error->what, because);
}

static char *repeated(const char *before, const char *middle, const char *after, int times)
{
    GString *text = g_string_new(middle);

    for (int i = 0; i < times; i++) {
        g_string_prepend(text, before);
        g_string_append(text, after);
    }
    return g_string_free(text, FALSE);
}

static void a_formula_has_bounds(void **state)
{
    g_autoptr(Image) image = plain_picture(128);
    g_autoptr(Error) error = NULL;
    g_autofree char *deep = repeated("(", "1", ")", 31);
    g_autofree char *deeper = repeated("(", "1", ")", 32);
    g_autofree char *minus = repeated("-", "1", "", 40);
    g_autofree char *wide = repeated("", "width", "+1", 2000);
    g_autofree char *wider = repeated("", "width", "+1", 2100);
    g_autofree char *text = g_strnfill(5000, 'x');
    g_autofree char *quoted = g_strdup_printf("'%s'", text);

    (void) state;
    g_autofree char *one = evaluated(deep, image, 0, &error);
    assert_string_equal(one, "1");
    is_too_much(deeper, "more than 32 levels");
    is_too_much(minus, "more than 32 levels");
    g_autofree char *sum = evaluated(wide, image, 0, &error);
    assert_string_equal(sum, "2030");
    is_too_much(wider, "more than 4 KB");
    is_too_much(quoted, "more than 4 KB");
}

/* A pattern for which fnmatch(3) would need more time than there is. */
static void matching_takes_no_longer_than_the_text(void **state)
{
    g_autofree char *letters = g_strnfill(1500, 'a');
    g_autofree char *text = g_strdup_printf("matches('%s', '%sb')", letters,
                                            "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a");
    g_autoptr(Image) image = plain_picture(128);
    const Row row = { text, "no" };

    (void) state;
    come_to(image, &row, 1);
}

static void a_pattern_has_at_most_256_bytes(void **state)
{
    g_autoptr(Image) image = plain_picture(128);
    g_autoptr(Error) error = NULL;
    g_autofree char *letters = g_strnfill(256, 'x');
    g_autofree char *most = g_strdup_printf("matches(stem, '%s')", letters);
    g_autofree char *more = g_strdup_printf("matches(stem, '%sx')", letters);
    const Row row = { most, "no" };

    (void) state;
    come_to(image, &row, 1);
    assert_null(evaluated(more, image, 0, &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_non_null(strstr(error->what, "is a match with a pattern of more than 256 bytes"));
}

/* 20,000 keywords, of which the last is "last". */
static Image *picture_of_many_words(void)
{
    enum { WORDS = 20000 };
    const double colour[] = { 128, 128, 128 };
    g_autoptr(VipsImage) plain = picture_plain(30, 20, 3, colour);
    g_autoptr(GString) xmp =
        g_string_new("<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
                     "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
                     "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
                     "<dc:subject><rdf:Bag><rdf:li>first</rdf:li>");
    g_autoptr(Error) error = NULL;

    for (int i = 0; i < WORDS; i++)
        g_string_append_printf(xmp, "<rdf:li>word %d</rdf:li>", i);
    g_string_append(xmp, "<rdf:li>last</rdf:li></rdf:Bag></dc:subject></rdf:Description>"
                         "</rdf:RDF></x:xmpmeta>");
    vips_image_set_blob_copy(plain, VIPS_META_XMP_NAME, xmp->str, xmp->len);
    return image_open(picture_file(plain, ".webp"), NULL, &origin, NULL, &error);
}

static void a_list_has_at_most_64_kb_as_a_text(void **state)
{
    static const Row rows[] = { { "has(keywords, 'first')", "yes" },
                                { "has(keywords, 'last')", "no" } };
    g_autoptr(Image) image = picture_of_many_words();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_non_null(image);
    come_to(image, rows, G_N_ELEMENTS(rows));
    g_autofree char *all = evaluated("keywords", image, 0, &error);
    assert_in_range(strlen(all), 65000, 65536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_tie_as_in_mathematics),
        cmocka_unit_test(functions_compute),
        cmocka_unit_test(a_formula_knows_the_picture),
        cmocka_unit_test(what_a_picture_does_not_say_is_an_error_but_for_lists),
        cmocka_unit_test(what_has_no_result_shows_its_values),
        cmocka_unit_test(wrong_formulas_name_their_column_and_their_cure),
        cmocka_unit_test(a_formula_ends_where_its_value_does),
        cmocka_unit_test(a_formula_is_known_before_there_is_a_picture),
        cmocka_unit_test(the_same_content_draws_the_same_number_in_the_same_place),
        cmocka_unit_test(two_settings_of_one_step_draw_two_numbers),
        cmocka_unit_test(numbers_are_drawn_from_the_whole_range),
        cmocka_unit_test(a_formula_has_bounds),
        cmocka_unit_test(matching_takes_no_longer_than_the_text),
        cmocka_unit_test(a_pattern_has_at_most_256_bytes),
        cmocka_unit_test(a_list_has_at_most_64_kb_as_a_text),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_formula", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("formula", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
