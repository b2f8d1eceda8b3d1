/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings by their rows: what is read, what is refused, and in which words. */
#include <math.h>

#include "config/manual.h"
#include "config/param.h"
#include "tests/unit/check.h"

typedef struct Sample {
    bool loud;
    int count, workers, floor, side;
    double sigma, share;
    Length width;
    Colour colour;
    char *name, *file, *directory;
    int64_t wait, size;
    char **ignore;
    unsigned sides;
} Sample;

static const Choice sides[] = {
    { "left", 1, "the left one" },
    { "right", 2, "the right one" },
    { NULL, 0, NULL },
};

static const Param params[] = {
    BOOL(Sample, loud, .def = "no", .help = "whether it is heard"),
    INT(Sample, count, .def = "3", .min = 1, .max = 10, .help = "how many"),
    INT(Sample, workers, .def = "auto", .zero = "auto", .min = 1, .max = 64, .help = "how many"),
    INT(Sample, floor, .def = "0", .min = -10, .max = 0, .help = "how deep"),
    CHOICE(Sample, side, .def = "right", .choices = sides, .help = "which one"),
    REAL(Sample, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px", .help = "how large"),
    REAL(Sample, share, .def = "80", .min = 0, .max = 100, .unit = "%", .help = "how much"),
    LENGTH(Sample, width, .def = "50%", .min = 1, .max = 5000, .of = OF_WIDTH, .help = "how wide"),
    COLOUR(Sample, colour, .def = "#ffffff", .help = "its colour"),
    TEXT(Sample, name, .def = "{stem}", .help = "its name"),
    FILEPATH(Sample, file, .help = "its file"),
    DIRPATH(Sample, directory, .help = "its directory"),
    DURATION(Sample, wait, .def = "2s", .min = 0, .max = 60000, .help = "how long"),
    BYTES(Sample, size, .def = "1MB", .min = 1, .help = "how heavy"),
    GLOBS(Sample, ignore, .def = "{ *.a, *.b }", .help = "what not"),
    WORDS(Sample, sides, .def = "{ right }", .choices = sides, .help = "which ones"),
    { 0 },
};

static void read_right(const char *name, const char *text, Sample *sample)
{
    g_autoptr(Error) error = NULL;

    assert_ok(param_read(param_find(params, name), text, sample, &error), error);
}

/* "what; fix" is this. */
static void read_wrong(const char *name, const char *text, const char *expected)
{
    g_autoptr(Error) error = NULL;
    g_autofree char *message = NULL;

    assert_false(param_read(param_find(params, name), text, NULL, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    message = error_text(error);
    assert_string_equal(message, expected);
}

static void defaults_fill_every_row_that_has_one(void **state)
{
    Sample s = { 0 };

    (void) state;
    params_set_defaults(params, &s);
    assert_false(s.loud);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.workers, 0);
    assert_int_equal(s.side, 2);
    assert_true(s.sigma == 0.8);
    assert_true(s.width.amount == 50 && s.width.unit == LENGTH_PERCENT);
    assert_true(s.colour.r == 255 && s.colour.a == 255);
    assert_string_equal(s.name, "{stem}");
    assert_null(s.file);
    assert_int_equal(s.wait, 2000);
    assert_int_equal(s.size, 1024 * 1024);
    assert_string_equal(s.ignore[0], "*.a");
    assert_string_equal(s.ignore[1], "*.b");
    assert_null(s.ignore[2]);
    assert_int_equal(s.sides, 1 << 2);
    params_clear(params, &s);
    assert_null(s.name);
    assert_null(s.ignore);
}

static void right_values_are_read(void **state)
{
    Sample s = { 0 };

    (void) state;
    read_right("loud", "yes", &s);
    assert_true(s.loud);
    read_right("sigma", "1.25 px", &s);
    assert_true(s.sigma == 1.25);
    read_right("share", "0.8%", &s);
    assert_true(s.share == 0.8);
    read_right("share", "1", &s);
    assert_true(s.share == 1);
    read_right("floor", "-10", &s);
    assert_int_equal(s.floor, -10);
    read_right("width", "12px", &s);
    assert_true(s.width.amount == 12 && s.width.unit == LENGTH_PX);
    read_right("width", "12.5%", &s);
    assert_true(s.width.amount == 12.5 && s.width.unit == LENGTH_PERCENT);
    read_right("colour", "#0102FF80", &s);
    assert_true(s.colour.r == 1 && s.colour.g == 2 && s.colour.b == 255 && s.colour.a == 128);
    read_right("directory", "/srv//photos/./in/", &s);
    assert_string_equal(s.directory, "/srv/photos/in");
    read_right("file", "/proc/self/exe", &s);
    read_right("name", "once", &s);
    read_right("name", "twice", &s); /* the first one is freed: LeakSanitizer would report it */
    assert_string_equal(s.name, "twice");
    read_right("size", "2GB", &s);
    assert_int_equal(s.size, INT64_C(2) << 30);
    read_right("sides", "right", &s);
    read_right("sides", "left", &s);
    assert_int_equal(s.sides, 1 << 1 | 1 << 2);
    param_clear_list(param_find(params, "sides"), &s);
    assert_int_equal(s.sides, 0);
    params_clear(params, &s);
}

static void a_value_that_is_only_checked_is_not_kept(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ok(param_read(param_find(params, "name"), "x", NULL, &error), error);
    assert_ok(param_read(param_find(params, "ignore"), "x", NULL, &error), error);
}

static void a_wrong_number_says_what_may_be_given(void **state)
{
    (void) state;
    read_wrong("sigma", "22", "sigma = 22: too large; give 0.1 to 10 px; default 0.8");
    read_wrong("sigma", "0", "sigma = 0: too small; give 0.1 to 10 px; default 0.8");
    read_wrong("sigma", "nan", "sigma = nan: not a number; give 0.1 to 10 px; default 0.8");
    read_wrong("sigma", "0x2", "sigma = 0x2: not a number; give 0.1 to 10 px; default 0.8");
    read_wrong("sigma", "2cm", "sigma = 2cm: unknown unit; give 0.1 to 10 px; default 0.8");
    read_wrong("share", "0.8",
               "share = 0.8: without % it may be a fraction or a percentage (did you mean 80%?); "
               "give 0 to 100 %; default 80");
    read_wrong("width", "0.35",
               "width = 0.35: less than one pixel (did you mean 35%?); give 1 to 5000 px, mm, cm, "
               "in or % of the width; "
               "default 50%");
    read_wrong(
        "width", "0.5px",
        "width = 0.5px: too small; give 1 to 5000 px, mm, cm, in or % of the width; default 50%");
    read_wrong("count", "2.5", "count = 2.5: not a whole number; give 1 to 10; default 3");
    read_wrong("count", "1e99", "count = 1e99: too large; give 1 to 10; default 3");
    read_wrong("workers", "0", "workers = 0: too small; give 1 to 64, or auto; default auto");
    read_wrong("floor", "1", "floor = 1: too large; give -10 to 0; default 0");
    read_wrong(
        "width", "",
        "width = \"\": not a length; give 1 to 5000 px, mm, cm, in or % of the width; default 50%");
}

static void a_wrong_word_is_guessed(void **state)
{
    (void) state;
    read_wrong(
        "side", "rihgt",
        "side = rihgt: no such choice (did you mean right?); give left, right; default right");
    read_wrong("sides", "lefd",
               "sides = lefd: no such choice (did you mean left?); give { ... } of left, right; "
               "default { right }");
    read_wrong("side", "up", "side = up: no such choice; give left, right; default right");
    read_wrong("loud", "true", "loud = true: neither yes nor no; give yes or no; default no");
}

static void a_wrong_path_or_text_is_refused(void **state)
{
    (void) state;
    read_wrong(
        "directory", "photos",
        "directory = photos: not an absolute path; give the whole path of a directory, from /");
    read_wrong("directory", "/srv/../etc",
               "directory = /srv/../etc: contains '..'; "
               "give the whole path of a directory, from /");
    read_wrong("file", "/nowhere/mark.png",
               "file = /nowhere/mark.png: no such file; give the whole path of a file, from /");
    g_setenv("HOTFOLDER_DROPIN", "hotfolder open", TRUE);
    read_wrong("file", "/nowhere/mark.png",
               "file = /nowhere/mark.png: no such file; give the whole path of a file, from /; if "
               "it exists, run `hotfolder open` and restart the service");
    g_unsetenv("HOTFOLDER_DROPIN");
    read_wrong("file", "/", "file = /: not a regular file; give the whole path of a file, from /");
    read_wrong("name", "\xff", "name = \\xff: not UTF-8; give text in quotes; default {stem}");
    read_wrong("colour", "red",
               "colour = red: not a colour; give \"#rrggbb\" or \"#rrggbbaa\"; default #ffffff");
    read_wrong(
        "colour", "#12345g",
        "colour = #12345g: not a colour; give \"#rrggbb\" or \"#rrggbbaa\"; default #ffffff");
}

static void a_wrong_time_or_size_is_refused(void **state)
{
    (void) state;
    read_wrong("wait", "2", "wait = 2: needs a unit; give 0 to 1min; default 2s");
    read_wrong("wait", "61s", "wait = 61s: too large; give 0 to 1min; default 2s");
    read_wrong("size", "0", "size = 0: too small; give 1B or more; default 1MB");
}

static void a_long_or_hostile_value_is_shown_short_and_harmless(void **state)
{
    g_autofree char *value = g_strnfill(5000, 'x');
    g_autoptr(Error) error = NULL;

    (void) state;
    value[0] = '\n';
    assert_false(param_read(param_find(params, "count"), value, NULL, &error));
    assert_true(strlen(error->what) < 120);
    assert_null(strchr(error->what, '\n'));
}

static void a_table_is_explained_by_itself(void **state)
{
    g_autofree char *text = manual_params(params, 2);

    (void) state;
    assert_non_null(
        strstr(text, "  sigma      how large\n             0.1 to 10 px; default 0.8\n"));
    assert_non_null(strstr(text, "left   the left one\n"));
    assert_non_null(strstr(text, "from /; required\n"));
}

typedef struct Lengths {
    Length a, b, c, d, e;
} Lengths;

static void lengths_come_to_pixels_of_a_picture(void **state)
{
    static const Param rows[] = {
        LENGTH(Lengths, a, .def = "12", .of = OF_WIDTH, .help = "a"),
        LENGTH(Lengths, b, .def = "5%", .of = OF_HEIGHT, .help = "b"),
        LENGTH(Lengths, c, .def = "5%", .of = OF_MEAN, .help = "c"),
        LENGTH(Lengths, d, .def = "25.4mm", .of = OF_LONGER, .help = "d"),
        LENGTH(Lengths, e, .def = "50%", .of = OF_AXIS, .help = "e"),
        { 0 },
    };
    Lengths lengths = { 0 };

    (void) state;
    params_set_defaults(rows, &lengths);
    lengths_finish(rows, &lengths, 3000, 1000, 300);
    assert_true(lengths.a.px == 12);
    assert_true(lengths.b.px == 50);
    assert_true(lengths.c.px == 100);
    assert_true(fabs(lengths.d.px - 300) < 1e-9);
    assert_true(length_px(lengths.e, 3000) == 1500);
    assert_true(length_px(lengths.d, 3000) == lengths.d.px);
    read_right("width", "3cm", NULL);
    read_right("width", "1.5 in", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_fill_every_row_that_has_one),
        cmocka_unit_test(right_values_are_read),
        cmocka_unit_test(a_value_that_is_only_checked_is_not_kept),
        cmocka_unit_test(a_wrong_number_says_what_may_be_given),
        cmocka_unit_test(a_wrong_word_is_guessed),
        cmocka_unit_test(a_wrong_path_or_text_is_refused),
        cmocka_unit_test(a_wrong_time_or_size_is_refused),
        cmocka_unit_test(a_long_or_hostile_value_is_shown_short_and_harmless),
        cmocka_unit_test(a_table_is_explained_by_itself),
        cmocka_unit_test(lengths_come_to_pixels_of_a_picture),
    };

    return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
