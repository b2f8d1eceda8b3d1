/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings by their rows: what is read, what is refused, and in which words. */
#include <math.h>

#include "config/manual.h"
#include "config/param.h"
#include "tests/unit/check.h"

typedef struct Sample {
    bool loud;
    int count, workers, bits, floor, side;
    double sigma, share;
    Length width, spread, blur;
    Colour colour, ink, paper;
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
    INT(Sample, bits, .def = "none", .zero = "none", .zero_means = -1, .max = 8, .help = "of 8"),
    INT(Sample, floor, .def = "0", .min = -10, .max = 0, .help = "how deep"),
    CHOICE(Sample, side, .def = "right", .choices = sides, .help = "which one"),
    REAL(Sample, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px", .help = "how large"),
    REAL(Sample, share, .def = "80", .min = 0, .max = 100, .unit = "%", .help = "how much"),
    LENGTH(Sample, width, .def = "50%", .min = 1, .max = 5000, .of = OF_WIDTH, .help = "how wide"),
    LENGTH(Sample, spread, .def = "3", .min = 0.1, .max = 500, .of = OF_WIDTH, .help = "how far"),
    LENGTH(Sample, blur, .def = "3", .min = 1, .max = 20, .of = OF_WIDTH, .help = "how soft"),
    COLOUR(Sample, colour, .def = "#ffffff", .help = "its colour"),
    COLOUR(Sample, ink, .def = "#000000", .only_opaque = true, .help = "the colour of its letters"),
    COLOUR(Sample, paper, .def = "none", .zero = "none", .help = "the colour under it"),
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
    assert_int_equal(s.bits, -1);
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
    read_right("colour", "teal", &s);
    assert_true(s.colour.r == 0 && s.colour.g == 128 && s.colour.b == 128 && s.colour.a == 255);
    read_right("colour", "#0102FF80", &s);
    assert_true(s.colour.r == 1 && s.colour.g == 2 && s.colour.b == 255 && s.colour.a == 128);
    read_right("paper", "#ffffff", &s);
    assert_true(s.paper.a == 255);
    read_right("paper", "none", &s);
    assert_true(s.paper.a == 0);
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

/* Of 0.35 of a width 35% may be meant; of a length that may be shorter than a pixel it is clear. */
static void less_than_one_pixel_is_read_where_a_length_may_be_so_short(void **state)
{
    Sample s = { 0 };

    (void) state;
    read_right("spread", "0.5", &s);
    assert_true(s.spread.amount == 0.5 && s.spread.unit == LENGTH_PX);
    read_right("spread", "0.5px", &s);
    read_right("spread", "0.1", &s);
    read_wrong("spread", "0.05",
               "spread = 0.05: too small; give 0.1 to 500 px, mm, cm, in or % of the width; "
               "default 3");
    read_wrong("blur", "0.5",
               "blur = 0.5: less than one pixel; give 1 to 20 px, mm, cm, in or % of the width; "
               "default 3");
    read_wrong("blur", "0.15",
               "blur = 0.15: less than one pixel (did you mean 15%?); give 1 to 20 px, mm, cm, in "
               "or % of the width; default 3");
}

static void a_colour_without_alpha_is_read_where_none_does_anything(void **state)
{
    Sample s = { 0 };

    (void) state;
    read_right("ink", "#102030", &s);
    read_right("ink", "#102030ff", &s);
    assert_true(s.ink.r == 16 && s.ink.a == 255);
    read_wrong("ink", "#10203080",
               "ink = #10203080: this colour has no alpha, the last two digits; give \"#rrggbb\"; "
               "default #000000");
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
    read_wrong("directory", "~/in",
               "directory = ~/in: ~ is not understood; "
               "give the whole path of a directory, from /");
    read_wrong("directory", "$HOME/in",
               "directory = $HOME/in: environment variables are not expanded; "
               "give the whole path of a directory, from /");
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
    read_wrong(
        "colour", "reddish",
        "colour = reddish: not a colour; give \"#rrggbb\" or \"#rrggbbaa\"; default #ffffff");
    read_wrong(
        "colour", "#12345g",
        "colour = #12345g: not a colour; give \"#rrggbb\" or \"#rrggbbaa\"; default #ffffff");
    read_wrong("paper", "nothing",
               "paper = nothing: not a colour; give \"#rrggbb\", \"#rrggbbaa\" or none; default "
               "none");
}

static void a_wrong_time_or_size_is_refused(void **state)
{
    (void) state;
    read_wrong("wait", "2", "wait = 2: needs a unit; give 0 to 1min; default 2s");
    read_wrong("wait", "61s", "wait = 61s: too large; give 0 to 1min; default 2s");
    read_wrong("size", "0", "size = 0: too small; give 1B or more; default 1MB");
}

/* Only in steps of a profile a picture is known. */
static void a_formula_is_refused_where_no_picture_is_known(void **state)
{
    (void) state;
    read_wrong("width", "{height / 2}",
               "width = {height / 2}: a formula cannot give it: it holds for every picture; give 1 "
               "to 5000 px, mm, cm, in or % of the width; default 50%");
    read_wrong("loud", "{landscape}",
               "loud = {landscape}: a formula cannot give it: it holds for every picture; give yes "
               "or no; default no");
    read_wrong("wait", "{width}s",
               "wait = {width}s: a formula cannot give it: it holds for every picture; give 0 to "
               "1min; default 2s");
    read_right("name", "{width}", NULL);
}

static void a_row_takes_a_formula_unless_it_is_a_text_a_list_or_fixed(void **state)
{
    Param fixed = *param_find(params, "width");

    (void) state;
    fixed.fixed = "names need it";
    assert_true(param_takes_formula(param_find(params, "width")));
    assert_true(param_takes_formula(param_find(params, "side")));
    assert_false(param_takes_formula(param_find(params, "name")));
    assert_false(param_takes_formula(param_find(params, "sides")));
    assert_false(param_takes_formula(&fixed));
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

static const Param length_rows[] = {
    LENGTH(Lengths, a, .def = "12", .of = OF_WIDTH, .help = "a"),
    LENGTH(Lengths, b, .def = "5%", .of = OF_HEIGHT, .help = "b"),
    LENGTH(Lengths, c, .def = "5%", .of = OF_MEAN, .help = "c"),
    LENGTH(Lengths, d, .def = "25.4mm", .of = OF_LONGER, .help = "d"),
    LENGTH(Lengths, e, .def = "50%", .of = OF_AXIS, .help = "e"),
    { 0 },
};

static void lengths_come_to_pixels_of_a_picture(void **state)
{
    Lengths lengths = { 0 };

    (void) state;
    params_set_defaults(length_rows, &lengths);
    lengths_finish(length_rows, &lengths, 3000, 1000, 300);
    assert_true(lengths.a.px == 12);
    assert_true(lengths.b.px == 50);
    assert_true(lengths.c.px == 100);
    assert_true(fabs(lengths.d.px - 300) < 1e-9);
    assert_true(length_px(lengths.e, 3000) == 1500);
    assert_true(length_px(lengths.d, 3000) == lengths.d.px);
    read_right("width", "3cm", NULL);
    read_right("width", "1.5 in", NULL);
}

typedef struct Placed {
    Place place, part, move;
    int side;
} Placed;

static const Choice by_content[] = { { "attention", PLACE_WORDS, "what people look at" }, { 0 } };
static const Choice ends[] = { { "near", 0, "here" }, { "centre", 1, "in the middle" }, { 0 } };
static const Param placed[] = {
    PLACE(Placed, place, .def = "bottom-right", .min = -100, .max = 100, .help = "where"),
    PLACE(Placed, part, .def = "attention", .choices = by_content, .max = 100, .also = "where",
          .help = "which part"),
    OFFSET(Placed, move, .def = "0 0", .min = -100, .max = 100, .help = "how far"),
    CHOICE(Placed, side, .def = "near", .choices = ends, .help = "which one"),
    { 0 },
};

static void assert_lies(const char *text, int left, int top)
{
    Placed s = { 0 };
    g_autoptr(Error) error = NULL;

    assert_ok(param_read(placed, text, &s, &error), error);
    lengths_finish(placed, &s, 300, 200, 254);
    assert_int_equal(place_left(&s.place, 300, 100, 10), left);
    assert_int_equal(place_top(&s.place, 200, 50, 10), top);
}

static void a_place_is_one_of_nine_words_or_two_lengths(void **state)
{
    (void) state;
    assert_lies("top-left", 10, 10);
    assert_lies("top", 100, 10);
    assert_lies("top-right", 190, 10);
    assert_lies("left", 10, 75);
    assert_lies("centre", 100, 75);
    assert_lies("center", 100, 75);
    assert_lies("right", 190, 75);
    assert_lies("bottom-left", 10, 140);
    assert_lies("bottom", 100, 140);
    assert_lies("bottom-right", 190, 140);
    assert_lies("10% 20px", 30, 20); /* without the margin */
    assert_lies("10  50%", 10, 100);
    assert_lies("-5 -10%", -5, -20);
    assert_lies("1cm 25.4mm", 100, 254);
}

static void what_is_larger_than_its_room_begins_at_the_edge(void **state)
{
    Place centre = { .word = PLACE_CENTRE };

    (void) state;
    assert_int_equal(place_left(&centre, 100, 300, 0), 0);
    assert_int_equal(place_top(&centre, 100, 300, 40), 0);
}

static const Choice colour_words[] = { { "none", 1, "no colour" },
                                       { "corner", 2, "its own" },
                                       { 0 } };
static const Param worded[] = {
    COLOUR(Sample, colour, .def = "none", .choices = colour_words, .help = "its colour"),
    { 0 },
};

static void a_colour_may_be_a_word_of_its_row(void **state)
{
    const Param row = worded[0];
    Sample s = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(param_read(&row, "#010203", &s, &error) && s.colour.b == 3 && s.colour.word == 0);
    assert_true(param_read(&row, "corner", &s, &error) && s.colour.b == 0 && s.colour.word == 2);
    assert_false(param_read(&row, "corners", &s, &error));
    assert_string_equal(error->what, "colour = corners: not a colour (did you mean corner?)");
    assert_string_equal(error->fix,
                        "give none, corner, \"#rrggbb\" or \"#rrggbbaa\"; default none");
}

static void a_place_may_have_words_of_its_own(void **state)
{
    Placed s = { 0 };

    (void) state;
    params_set_defaults(placed, &s);
    assert_int_equal(s.place.word, 8);
    assert_int_equal(s.part.word, PLACE_WORDS);
    assert_string_equal(param_choice(&placed[1], 0)->word, "top-left");
    assert_string_equal(param_choice(&placed[1], PLACE_WORDS)->word, "attention");
    assert_null(param_choice(&placed[1], PLACE_WORDS + 1));
    assert_null(param_choice(&placed[0], PLACE_WORDS));
    assert_string_equal(param_choice(&placed[3], 1)->word, "centre");
    assert_null(param_choice(&placed[3], 2));
    assert_null(param_choice(params, 0));
}

static void a_place_may_have_no_words(void **state)
{
    Placed s = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    params_set_defaults(placed, &s);
    assert_int_equal(s.move.word, PLACE_AT);
    assert_null(param_choice(&placed[2], 0));
    assert_ok(param_read(&placed[2], "-5% 7px", &s, &error), error);
    assert_true(s.move.x.amount == -5 && s.move.y.amount == 7);
    assert_false(param_read(&placed[2], "top", &s, &error));
    assert_string_equal(error->what, "move = top: no such place");
    assert_string_equal(error->fix, "give \"x y\" in px, mm, cm, in or % of the width and the "
                                    "height; default 0 0");
}

static void a_wrong_place_says_what_may_be_given(void **state)
{
    static const char all[] =
        "; give top-left, top, top-right, left, centre, right, bottom-left, bottom, bottom-right, "
        "or \"x y\" in px, mm, cm, in or % of the width and the height; default bottom-right";
    static const char *const rows[][2] = {
        { "botom", "no such place (did you mean bottom?)" },
        { "attention", "no such place" },
        { "10%", "no such place" },
        { "", "no such place" },
        { "10 left", "not a length" },
        { "10 20 30", "unknown unit" },
        { "10 20in2", "unknown unit" },
        { "0.5 0", "less than one pixel" },
        { "0 101", "too large" },
        { "-101% 0", "too small" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autofree char *message = NULL;
        g_autofree char *expected =
            g_strdup_printf("place = %s: %s%s", *rows[i][0] ? rows[i][0] : "\"\"", rows[i][1], all);
        assert_false(param_read(placed, rows[i][0], NULL, &error));
        message = error_text(error);
        assert_string_equal(message, expected);
    }
}

static void a_physical_place_needs_to_be_known_in_inches(void **state)
{
    static const char *const texts[] = { "1mm 0", "0 1in", "0 0", "top" };
    Placed s = { 0 };

    (void) state;
    assert_true(param_has_lengths(placed));
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Error) error = NULL;
        assert_ok(param_read(placed, texts[i], &s, &error), error);
        assert_int_equal(param_is_physical(placed, &s), i < 2);
    }
}

static void a_setting_and_a_word_may_have_other_names(void **state)
{
    Placed s = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ptr_equal(param_find(placed, "where"), &placed[1]);
    assert_null(param_find(placed, "Where"));
    assert_null(param_find(placed, ""));
    assert_ptr_equal(param_find(params, "color"), param_find(params, "colour"));
    assert_ok(param_read(param_find(placed, "side"), "center", &s, &error), error);
    assert_int_equal(s.side, 1);
}

static void the_manual_names_the_words_of_a_place_and_its_other_name(void **state)
{
    g_autofree char *text = manual_params(placed, 2);

    (void) state;
    assert_non_null(strstr(text, "  attention  what people look at\n"));
    assert_non_null(strstr(text, "also understood: where\n"));
    assert_null(strstr(text, "the upper left corner"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_fill_every_row_that_has_one),
        cmocka_unit_test(right_values_are_read),
        cmocka_unit_test(a_value_that_is_only_checked_is_not_kept),
        cmocka_unit_test(less_than_one_pixel_is_read_where_a_length_may_be_so_short),
        cmocka_unit_test(a_colour_without_alpha_is_read_where_none_does_anything),
        cmocka_unit_test(a_wrong_number_says_what_may_be_given),
        cmocka_unit_test(a_wrong_word_is_guessed),
        cmocka_unit_test(a_wrong_path_or_text_is_refused),
        cmocka_unit_test(a_wrong_time_or_size_is_refused),
        cmocka_unit_test(a_formula_is_refused_where_no_picture_is_known),
        cmocka_unit_test(a_row_takes_a_formula_unless_it_is_a_text_a_list_or_fixed),
        cmocka_unit_test(a_long_or_hostile_value_is_shown_short_and_harmless),
        cmocka_unit_test(a_table_is_explained_by_itself),
        cmocka_unit_test(lengths_come_to_pixels_of_a_picture),
        cmocka_unit_test(a_place_is_one_of_nine_words_or_two_lengths),
        cmocka_unit_test(what_is_larger_than_its_room_begins_at_the_edge),
        cmocka_unit_test(a_colour_may_be_a_word_of_its_row),
        cmocka_unit_test(a_place_may_have_words_of_its_own),
        cmocka_unit_test(a_place_may_have_no_words),
        cmocka_unit_test(a_wrong_place_says_what_may_be_given),
        cmocka_unit_test(a_physical_place_needs_to_be_known_in_inches),
        cmocka_unit_test(a_setting_and_a_word_may_have_other_names),
        cmocka_unit_test(the_manual_names_the_words_of_a_place_and_its_other_name),
    };

    return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
