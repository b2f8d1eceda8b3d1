/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a profile may ask of a picture by name: the table, tags by their names, a picture's shape.
 */
#include <string.h>

#include "actions/facts.h"
#include "actions/image_state.h"
#include "actions/value_format.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

/* ---- the table ---- */

static bool is_number(const char *text)
{
    char *end = NULL;

    g_ascii_strtod(g_str_has_prefix(text, "1/") ? text + 2 : text, &end);
    return *text && !*end;
}

static bool is_date(const char *text)
{
    int year = 0, month = 0, day = 0, length = 0;

    return sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) == 3 && !text[length];
}

static bool fits(const Fact *fact)
{
    switch (fact->type) {
    case VALUE_NUMBER:
        return is_number(fact->example);
    case VALUE_TRUTH:
        return !strcmp(fact->example, "yes") || !strcmp(fact->example, "no");
    case VALUE_DATE:
        return is_date(fact->example);
    case VALUE_LIST:
        return strstr(fact->example, ", ");
    case VALUE_TEXT:
        break;
    }
    return *fact->example;
}

static void every_fact_has_a_group_a_help_and_an_example_of_its_type(void **state)
{
    (void) state;
    for (const Fact *fact = facts; fact->name; fact++) {
        g_autofree char *lower = g_ascii_strdown(fact->name, -1);
        bool line = fact->help && *fact->help && !g_str_has_suffix(fact->help, ".");
        if (strcmp(lower, fact->name) != 0 || !fact->group || !fact->read || !line || !fits(fact))
            fail_msg("{%s} is not a whole row: help '%s', example '%s'", fact->name, fact->help,
                     fact->example);
    }
}

static void facts_of_a_group_stand_together(void **state)
{
    g_autoptr(GHashTable) past = g_hash_table_new(g_str_hash, g_str_equal);

    (void) state;
    for (const Fact *fact = facts; fact->name; fact++) {
        bool first = fact == facts || strcmp(fact[-1].group, fact->group) != 0;
        if (first && !g_hash_table_add(past, (char *) (guintptr) fact->group))
            fail_msg("{%s} stands apart from the others of '%s'", fact->name, fact->group);
    }
}

static void facts_are_found_in_any_case(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    for (const Fact *fact = facts; fact->name && !(fact->flags & FACT_OF_IMPORT); fact++) {
        g_autofree char *upper = g_ascii_strup(fact->name, -1);
        assert_ptr_equal(fact_find(FACTS_OF_PICTURES, fact->name, &error), fact);
        assert_ptr_equal(fact_find(FACTS_OF_PICTURES, upper, &error), fact);
    }
    assert_null(error);
}

/* ---- tags ---- */

static void tags_are_found_as_exiftool_and_exiv2_spell_them(void **state)
{
    static const struct {
        const char *name;
        ValueType type;
    } rows[] = {
        { "exif.LensModel", VALUE_TEXT },
        { "EXIF.lensmodel", VALUE_TEXT },
        { "exif.ISO", VALUE_NUMBER },
        { "exif.ISOSpeedRatings", VALUE_NUMBER },
        { "exif.Photo.ISOSpeedRatings", VALUE_NUMBER },
        { "exif.ExposureCompensation", VALUE_NUMBER },
        { "exif.ExposureBiasValue", VALUE_NUMBER },
        { "exif.CreateDate", VALUE_TEXT },
        { "exif.DateTimeDigitized", VALUE_TEXT },
        { "exif.ModifyDate", VALUE_TEXT },
        { "exif.GPSLatitude", VALUE_TEXT },
        { "exif.Opto-ElectricConvFactor", VALUE_TEXT },
        { "exif.Canon.OwnerName", VALUE_TEXT },
        { "exif.UniqueCameraModel", VALUE_TEXT },
        { "iptc.By-line", VALUE_LIST },
        { "iptc.Byline", VALUE_LIST },
        { "iptc.Application2.Byline", VALUE_LIST },
        { "iptc.Caption-Abstract", VALUE_TEXT },
        { "iptc.caption", VALUE_TEXT },
        { "iptc.Country-PrimaryLocationName", VALUE_TEXT },
        { "xmp.dc.title", VALUE_TEXT },
        { "XMP.DC.Title", VALUE_TEXT },
        { "xmp.dc.Subject", VALUE_LIST },
        { "xmp.iptcCore.Location", VALUE_TEXT },
        { "xmp.Iptc4xmpCore.CountryCode", VALUE_TEXT },
        { "xmp.iptcCore.CreatorWorkEmail", VALUE_TEXT },
        { "xmp.exif.ISO", VALUE_LIST },
        { "xmp.photoshop.AnythingNew", VALUE_TEXT },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        const Fact *fact = fact_find(FACTS_OF_PICTURES, rows[i].name, &error);
        if (!fact)
            fail_msg("%s: %s; %s", rows[i].name, error->what, error->fix);
        else if (fact->type != rows[i].type || strcmp(fact->name, rows[i].name) != 0)
            fail_msg("%s is %s", rows[i].name, value_type_text(fact->type));
        else
            assert_true(fact->flags & FACT_MAY_BE_MISSING && fact->scope == FACT_OF_PICTURE);
        assert_ptr_equal(fact_find(FACTS_OF_PICTURES, rows[i].name, &error), fact);
    }
}

static void unknown_names_get_what_was_meant(void **state)
{
    static const struct {
        const char *name, *fix;
    } rows[] = {
        { "widht", "did you mean width?" },
        { "WIDHT", "did you mean width?" },
        { "colour", "`hotfolder values`" },
        { "", "`hotfolder values`" },
        { "source.with", "did you mean source.width?" },
        { "exif.LensModl", "did you mean exif.LensModel?" },
        { "exif.lenzmodel", "did you mean exif.LensModel?" },
        { "exif.", "exiftool" },
        { "exif", "`hotfolder values`" },
        { "exif.Nothing.LikeThis", "exiftool" },
        { "iptc.By_line", "did you mean iptc.By-line?" },
        { "iptc.Nothing", "exiftool" },
        { "xmp.dc.titl", "did you mean xmp.dc.title?" },
        { "xmp.title", "xmp.dc.title" },
        { "xmp.cd.title", "did you mean xmp.dc.title?" },
        { "xmp.acme.job", "exiftool" },
        { "xmp..", "exiftool" },
        { "xmp.dc.", "exiftool" },
        { "xmp.dc.a.b", "exiftool" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        if (fact_find(FACTS_OF_PICTURES, rows[i].name, &error))
            fail_msg("'%s' was found", rows[i].name);
        assert_int_equal(error->kind, ERROR_CONFIG);
        if (!strstr(error->fix, rows[i].fix))
            fail_msg("'%s': '%s; %s' does not say '%s'", rows[i].name, error->what, error->fix,
                     rows[i].fix);
    }
}

/* ---- a picture ---- */

static Image *opened(VipsImage *picture, const char *suffix, const SourceNames *names)
{
    g_autoptr(Error) error = NULL;
    Image *image = image_open(picture_file(picture, suffix), NULL, names, NULL, &error);

    if (!image)
        fail_msg("%s", error->what);
    return image;
}

/* Newly allocated. */
static char *said(Image *image, const char *name)
{
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape };
    g_autoptr(Error) error = NULL;
    g_auto(Value) value = { .missing = true };
    const Fact *fact = fact_find(FACTS_OF_PICTURES, name, &error);

    g_assert(fact);
    if (!fact->read(fact, &source, &value, &error))
        fail_msg("%s: %s", name, error->what);
    if (!value.missing && value.type != fact->type)
        fail_msg("{%s} is %s, not %s", name, value_type_text(value.type),
                 value_type_text(fact->type));
    if (value.missing && !(fact->flags & FACT_MAY_BE_MISSING))
        fail_msg("{%s} is missing", name);
    return value.missing ? NULL : value_format_apply(NULL, &value);
}

static void says(Image *image, const char *name, const char *expected)
{
    g_autofree char *text = said(image, name);

    if (g_strcmp0(text, expected) != 0)
        fail_msg("{%s} is '%s', not '%s'", name, text, expected);
}

static const SourceNames names = { "web", "photos", "2024/may", "DSC_0123.JPG", 86400, { 0 } };

static void the_shape_of_a_picture_is_that_of_its_step(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image = opened(picture_photo(96, 64), ".png", &names);

    (void) state;
    says(image, "width", "96");
    says(image, "longer", "96");
    says(image, "shorter", "64");
    says(image, "pixels", "6144");
    says(image, "aspect", "1.5");
    says(image, "landscape", "yes");
    says(image, "alpha", "no");
    says(image, "grey", "no");
    says(image, "depth", "8");
    says(image, "space", "sRGB");
    says(image, "format", "png");
    says(image, "pages", "1");
    assert_true(image_resample(image, NULL, 24, 32, NULL, &error));
    says(image, "width", "24");
    says(image, "portrait", "yes");
    says(image, "square", "no");
    says(image, "source.width", "96");
    says(image, "source.height", "64");
}

static void names_and_content_are_those_of_the_file(void **state)
{
    g_autoptr(Image) image = opened(picture_photo(96, 64), ".jpg", &names);
    g_autofree char *size = said(image, "size"), *hash = said(image, "hash");

    (void) state;
    says(image, "stem", "DSC_0123");
    says(image, "ext", "JPG");
    says(image, "name", "DSC_0123.JPG");
    says(image, "dir", "2024/may");
    says(image, "folder", "photos");
    says(image, "profile", "web");
    says(image, "shot", "0123");
    assert_true(g_ascii_strtoll(size, NULL, 10) > 500);
    assert_int_equal(strlen(hash), 64);
}

static void a_name_without_digits_at_its_end_has_no_shot(void **state)
{
    static const struct {
        const char *name, *shot;
    } rows[] = {
        { "beach.jpg", NULL },    { "0042.jpg", "0042" }, { "IMG_1.2.jpg", "2" },
        { "DSC0001-Edit", NULL }, { ".jpg", NULL },       { "a7.", "7" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const SourceNames other = { "web", "photos", "", rows[i].name, 0, { 0 } };
        g_autoptr(Image) image = opened(picture_photo(96, 64), ".png", &other);
        says(image, "shot", rows[i].shot);
    }
}

static void only_what_is_asked_for_is_read(void **state)
{
    static const char *const cheap[] = { "stem", "width", "pixels", "space",        "format",
                                         "size", "date",  "mtime",  "source.width", "shot" };
    g_autoptr(Image) image = opened(picture_photo(96, 64), ".jpg", &names);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(cheap); i++)
        g_free(said(image, cheap[i]));
    assert_null(image->metadata);
    assert_null(image->hash);
    assert_null(image->state.pixels);
    g_free(said(image, "title"));
    assert_non_null(image->metadata);
    assert_null(image->hash);
}

static void every_fact_is_read_of_a_picture_that_says_nothing(void **state)
{
    g_autoptr(Image) image = opened(picture_photo(96, 64), ".png", &names);

    (void) state;
    for (const Fact *fact = facts; fact->name && !(fact->flags & FACT_OF_IMPORT); fact++)
        if (!g_str_has_prefix(fact->name, "seq")) /* a job has it */
            g_free(said(image, fact->name));
    says(image, "camera", NULL);
    says(image, "keywords", NULL);
    says(image, "latitude", NULL);
    says(image, "exif.LensModel", NULL);
    says(image, "iptc.By-line", NULL);
    says(image, "xmp.dc.title", NULL);
}

static int set_up(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    return !libvips_start("test", &error) || !metadata_start(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fact_has_a_group_a_help_and_an_example_of_its_type),
        cmocka_unit_test(facts_of_a_group_stand_together),
        cmocka_unit_test(facts_are_found_in_any_case),
        cmocka_unit_test(tags_are_found_as_exiftool_and_exiv2_spell_them),
        cmocka_unit_test(unknown_names_get_what_was_meant),
        cmocka_unit_test(the_shape_of_a_picture_is_that_of_its_step),
        cmocka_unit_test(names_and_content_are_those_of_the_file),
        cmocka_unit_test(a_name_without_digits_at_its_end_has_no_shot),
        cmocka_unit_test(only_what_is_asked_for_is_read),
        cmocka_unit_test(every_fact_is_read_of_a_picture_that_says_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
