/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the manual promises of values in names, texts and numbers: what is written for a picture,
 * and what is said of a mistake. */
#include <string.h>

#include "actions/formula.h"
#include "actions/template.h"
#include "actions/value_format.h"
#include "tests/actions/check.h"
#include "tests/actions/pictures.h"

static const SourceNames origin = { "web",          "inbox",    "2024/may",
                                    "DSC_0123.JPG", 1714566659, { 42, 42, 42, 20240501 } };

static unsigned subjects_read;

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
char **__real_gexiv2_metadata_try_get_tag_multiple(void *values, const char *tag, GError **error);
char **__wrap_gexiv2_metadata_try_get_tag_multiple(void *values, const char *tag, GError **error);

char **__wrap_gexiv2_metadata_try_get_tag_multiple(void *values, const char *tag, GError **error)
{
    subjects_read += !strcmp(tag, "Xmp.dc.subject");
    return __real_gexiv2_metadata_try_get_tag_multiple(values, tag, error);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* 3600 x 2400 pixels, described as picture_described() says, or not at all. */
static Image *picture(bool described)
{
    const double colour[] = { 128, 128, 128 };
    g_autoptr(VipsImage) plain = picture_plain(3600, 2400, 3, colour);
    g_autoptr(VipsImage) in = described ? picture_described(plain) : g_object_ref(plain);
    g_autoptr(Error) error = NULL;
    Image *image = image_open(picture_file(in, ".jpg"), NULL, &origin, NULL, &error);

    if (!image)
        fail_msg("%s", error->what);
    return image;
}

/* ---- what works ---- */

typedef struct Row {
    TemplateKind kind;
    const char *text;
    const char *described, *plain; /* what it is for each picture; NULL: not to be compared */
} Row;

static void becomes(Image *image, const Row *row, const char *expected)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Template) template = template_new(row->kind, "name", row->text, &error);
    g_autofree char *filled = NULL;

    if (template && row->kind == TEMPLATE_PATH)
        filled = template_expand(template, image, 0, &error);
    else if (template)
        filled = template_text(template, image, false, &error);
    if (!filled || (expected && strcmp(filled, expected) != 0))
        fail_msg("%s became %s, not %s", row->text, filled ? filled : error->what, expected);
}

static void names_and_texts_are_written_as_the_manual_says(void **state)
{
    static const Row rows[] = {
        { TEMPLATE_PATH, "{dir}/{stem}.jpg", "2024/may/DSC_0123.jpg", "2024/may/DSC_0123.jpg" },
        { TEMPLATE_PATH, "{taken:%Y/%m/%d}/{stem}", "2024/05/01/DSC_0123", NULL },
        { TEMPLATE_PATH, "{taken:%Y%m%d-%H%M%S}-{seq:4}", "20240501-123059-0042", NULL },
        { TEMPLATE_PATH, "{camera:slug|unknown}/{name}", "acme-x-100/DSC_0123.JPG",
          "unknown/DSC_0123.JPG" },
        { TEMPLATE_PATH, "{stem:lower}-{width}w.webp", "dsc_0123-3600w.webp",
          "dsc_0123-3600w.webp" },
        { TEMPLATE_PATH, "{title:slug|{stem}}", "boats-at-sea", "DSC_0123" },
        { TEMPLATE_TEXT, "{author|me} {taken:%Y|}", "Jo Doe 2024", "me " },
        { TEMPLATE_TEXT, "\xc2\xa9 {taken:%Y|} {copyright|Jo Doe}", "\xc2\xa9 2024 Jo Doe",
          "\xc2\xa9  Jo Doe" },
        { TEMPLATE_TEXT, "{exif.LensModel|no lens}", "35mm F2", "no lens" },
        { TEMPLATE_TEXT, "{iptc.Headline:[0,40]|}", "", "" },
        { TEMPLATE_TEXT, "{xmp.dc.title|{stem}}", "Boats at Sea", "DSC_0123" },
        { TEMPLATE_PATH, "{stem:[-4]}", "0123", "0123" },
        { TEMPLATE_PATH, "{keywords:slug|none}", "web-boat", "none" },
        { TEMPLATE_TEXT, "{fnumber|?} {shutter|?} ISO {iso|?}", "2.8 1/250 ISO 400", "? ? ISO ?" },
        { TEMPLATE_TEXT, "{latitude:.4|}", "52.5000", "" },
        { TEMPLATE_PATH, "{hash:[0,8]}", NULL, NULL },
        { TEMPLATE_PATH, "{date:%G-W%V}", NULL, NULL },
        { TEMPLATE_PATH, "{folder}-{profile}", "inbox-web", "inbox-web" },
        { TEMPLATE_PATH, "{if(landscape, 'wide', 'tall')}/{name}", "wide/DSC_0123.JPG",
          "wide/DSC_0123.JPG" },
        { TEMPLATE_PATH, "{if(default(rating, 0) >= 4, 'best', 'rest')}", "best", "rest" },
        { TEMPLATE_TEXT, "{pixels / 1000000:.1} MP", "8.6 MP", "8.6 MP" },
    };
    g_autoptr(Image) described = picture(true);
    g_autoptr(Image) plain = picture(false);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        becomes(described, &rows[i], rows[i].described);
        becomes(plain, &rows[i], rows[i].plain);
    }
}

/* A text of a picture that says its date needs no other for that. */
static void what_a_picture_says_needs_no_bar(void **state)
{
    static const Row rows[] = {
        { TEMPLATE_TEXT, "{author|me} {taken:%Y}", "Jo Doe 2024", NULL },
        { TEMPLATE_TEXT, "\xc2\xa9 {taken:%Y} {copyright|Jo Doe}", "\xc2\xa9 2024 Jo Doe", NULL },
        { TEMPLATE_PATH, "{seq.day:3}", "042", NULL },
    };
    g_autoptr(Image) described = picture(true);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        becomes(described, &rows[i], rows[i].described);
}

/* What stands between the braces of a number, or of yes and no. */
static void settings_are_computed_as_the_manual_says(void **state)
{
    static const struct {
        const char *text, *result; /* NULL: not to be compared */
    } rows[] = {
        { "min(width, 2048)", "2048" },
        { "shorter", "2400" },
        { "clamp(shorter * 0.03, 12, 80)", "72" },
        { "width / 40", "90" },
        { "longer * 0.02", "72" },
        { "random(-5, 5)", NULL },
        { "landscape and width > 3000", "yes" },
        { "not has(keywords, 'noweb')", "yes" },
        { "not has(keywords, 'web')", "no" },
    };
    g_autoptr(Image) image = picture(true);
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_auto(Value) value = { .missing = true };
        const char *end = NULL;
        g_autoptr(Formula) formula = formula_new(rows[i].text, 1, &end, &error);
        if (!formula || !formula_evaluate(formula, &source, &value, &error))
            fail_msg("%s: %s", rows[i].text, error->what);
        g_autofree char *result = value_format_apply(NULL, &value);
        if (rows[i].result)
            assert_string_equal(result, rows[i].result);
    }
}

static void keywords_are_read_once_for_all_formulas(void **state)
{
    static const Row rows[] = {
        { TEMPLATE_TEXT, "{has(keywords, 'web') and not has(KEYWORDS, 'none')}", "yes", NULL },
        { TEMPLATE_TEXT, "{has(keywords, 'none') or has(keywords, 'web')}", "yes", NULL },
    };
    g_autoptr(Image) image = picture(true);

    (void) state;
    subjects_read = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        becomes(image, &rows[i], rows[i].described);
    assert_int_equal(subjects_read, 1);
}

/* ---- what is a mistake ---- */

static void mistakes_name_their_setting_their_column_and_their_cure(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
        const char *because, *fix;
    } rows[] = {
        { "{widht}.jpg", 2, "widht", "did you mean width?" },
        { "{stem}-{hight}", 9, "hight", "did you mean height?" },
        { "{width +}", 9, "the formula ends where a value should be", "write a value" },
        { "{stem * 2}", 2, "stem is a text, which * does not take there", "{stem}-{width}" },
        { "{1/0}", 2, "1/0 is a division by zero", "divide by another number" },
        { "{{stem}", 7, "a } has no matching {", "}}" },
        { "{stem", 1, "a { has no matching }", "{{" },
        { "stem}", 5, "a } has no matching {", "}}" },
        { "{}", 2, "there is no value between { and }", "{stem}" },
        { "{taken:%Q}", 8, "'%Q' is not a date format", "%Y (year)" },
        { "{taken:upper}", 8, "'upper' is not a date format", "%Y (year)" },
        { "{seq:x}", 6, "'x' is not a number's format", "4 (at least so many digits" },
        { "{seq:99}", 6, "'99' are too many digits", "{seq:4}" },
        { "{stem:uper}", 7, "'uper' is not a text's format", "upper" },
        { "{stem:lower,uper}", 13, "'uper' is not a text's format", "upper" },
        { "{stem:[a]}", 7, "'[a]' is not a part of a text", "[0,4]" },
        { "{stem:%Y}", 7, "'%Y' is for dates only", "upper, lower" },
        { "{stem|none}", 6, "every picture has a {stem}", "remove the |" },
        { "{title|{widht}}", 9, "widht", "did you mean width?" },
        { "{if(landscape, 'wide', 3)}", 24, "3 is a number, but 'wide' is a text", "one type" },
        { "{if(landscape, 'wide')}", 2, "if() takes 3 values, not 2", "write if(a, b, c)" },
        { "{mim(width, 3)}", 2, "there is no function called mim", "did you mean min()?" },
        { "{min}", 2, "min is a function", "write min(a, b, ...)" },
        { "{width(3)}", 2, "width is a value, no function", "remove the (" },
        { "{if(has(title, 'x'), 1, 2)}", 9, "title is a text", "such as keywords" },
        { "{'wide}", 2, "a text in quotes has no end", "close it with '" },
        { "{\"wide\"}", 2, "\" is no sign of a formula", "single quotes" },
        { "{landscape && grey}", 12, "&& is no sign of a formula", "write and" },
        { "{width = 3}", 8, "= is no sign of a formula", "write ==" },
        { "{width height}", 8, "nothing joins height to what is before it", "an operator" },
        { "{(width}", 2, "a ( has no matching )", "close it with )" },
        { "{width)}", 7, "a ) has no matching (", "remove it" },
        { "{20px}", 2, "20px is not a number", "{10}mm" },
        { "{5%}", 3, "nothing follows %", "{2 + 3}%" },
        { "{default(width, 1)}", 10, "width is never missing", "remove default()" },
        { "{keywords == 'web'}", 2, "keywords is a list of texts", "has(keywords, 'web')" },
        { "{exif.LensModle}", 2, "LensModle", "LensModel" },
        { "{0x10}", 2, "0x10 is not a number", "decimal" },
        { "", 1, "an empty name", "{stem}" },
        { "/a/{stem}", 1, "an absolute path", "remove the first /" },
        { "a/{stem}/", 9, "a directory without a file name", "add a name" },
        { "{stem}/../{name}", 8, "'..' as a directory", "remove it" },
        { "{taken:%Y/../%m}", 11, "'..' as a directory", "remove it" },
        { "a/.hotfolder-{stem}", 3, "begins like a temporary file", "another name" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", rows[i].text, &error);
        g_autofree char *start =
            g_strdup_printf("name = \"%s\", column %u: ", rows[i].text, rows[i].column);
        if (template)
            fail_msg("%s was taken for a name", rows[i].text);
        assert_int_equal(error->kind, ERROR_CONFIG);
        if (!g_str_has_prefix(error->what, start) || !strstr(error->what, rows[i].because) ||
            !strstr(error->fix, rows[i].fix))
            fail_msg("'%s; %s' does not say '%s%s; %s'", error->what, error->fix, start,
                     rows[i].because, rows[i].fix);
    }
}

static void a_picture_that_lacks_a_value_is_refused_by_its_name(void **state)
{
    g_autoptr(Image) image = picture(false);
    g_autoptr(Error) error = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", "{camera:slug}.jpg", &error);

    (void) state;
    assert_null(template_expand(template, image, 0, &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_string_equal(error->what, "the picture has no camera for {camera}");
    assert_non_null(strstr(error->fix, "write {camera|...} in the profile"));
}

static char *in_setting(const char *row, const char *text, Image *image)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_TEXT, row, text, &error);

    return template_text(template, image, false, &error);
}

static void two_texts_of_one_step_draw_two_numbers(void **state)
{
    g_autoptr(Image) image = picture(false);
    g_autofree char *title = in_setting("title", "{random(0, 1)}", image);
    g_autofree char *caption = in_setting("caption", "{random(0, 1)}", image);

    (void) state;
    assert_string_not_equal(title, caption);
}

static void a_part_without_a_count_goes_to_the_end_of_the_longest_text(void **state)
{
    enum { LONG = 30000, LEFT_OUT = 5 };
    g_autofree char *text = g_strnfill(LONG, 'x');
    const Value value = { .type = VALUE_TEXT, .text = text };
    g_autoptr(Error) error = NULL;
    g_autoptr(ValueFormat) format = value_format_new("[5]", 1, VALUE_TEXT, &error);
    g_autofree char *part = value_format_apply(format, &value);

    (void) state;
    assert_int_equal(strlen(part), LONG - LEFT_OUT);
}

/* ---- which texts are one name ---- */

static void assert_keys(const char *one, const char *other, bool same)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Template) first = template_new(TEMPLATE_PATH, "name", one, &error);
    g_autoptr(Template) second = template_new(TEMPLATE_PATH, "name", other, &error);
    g_autofree char *key = template_key(first), *compared = template_key(second);

    if ((strcmp(key, compared) == 0) != same)
        fail_msg("%s and %s", one, other);
}

static void names_that_differ_only_in_blanks_capitals_and_slashes_are_one(void **state)
{
    (void) state;
    assert_keys("{stem}", "{ STEM }", true);
    assert_keys("a/{stem}", "a///{stem}", true);
    assert_keys("{if(landscape and width>3, 'Wide', stem)}",
                "{IF( landscape AND width > 3,'Wide',stem )}", true);
    assert_keys("{title:slug|{stem}}", "{ title:slug|{Stem}}", true);
    assert_keys("{if(landscape, 'wide', stem)}", "{if(landscape, 'Wide', stem)}", false);
    assert_keys("{if(landscape, 'a b', stem)}", "{if(landscape, 'ab', stem)}", false);
    assert_keys("{stem:upper}", "{stem:lower}", false);
    assert_keys("{title|{stem}}", "{title|stem}", false);
    assert_keys("{title:[0,4]|}{stem}", "{title|:[0,4]}{stem}", false);
    assert_keys("{stem}", "{{stem}}", false);
    assert_keys("Beach", "beach", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts_are_written_as_the_manual_says),
        cmocka_unit_test(what_a_picture_says_needs_no_bar),
        cmocka_unit_test(settings_are_computed_as_the_manual_says),
        cmocka_unit_test(keywords_are_read_once_for_all_formulas),
        cmocka_unit_test(mistakes_name_their_setting_their_column_and_their_cure),
        cmocka_unit_test(a_picture_that_lacks_a_value_is_refused_by_its_name),
        cmocka_unit_test(two_texts_of_one_step_draw_two_numbers),
        cmocka_unit_test(a_part_without_a_count_goes_to_the_end_of_the_longest_text),
        cmocka_unit_test(names_that_differ_only_in_blanks_capitals_and_slashes_are_one),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_values", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("values", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
