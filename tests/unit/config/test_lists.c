/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings that are ranked words, directories, and times of a day. */
#include "config/param.h"
#include "tests/unit/check.h"

typedef struct Sample {
    char **ranks, **places;
    char *source;
    int dawn;
} Sample;

static const Choice sides[] = {
    { "left", 1, "the left one" },
    { "right", 2, "the right one" },
    { NULL, 0, NULL },
};

static const Param params[] = {
    RANKING(Sample, ranks, .def = "{ right, left }", .choices = sides, .help = "which first"),
    DIRPATHS(Sample, places, .help = "its directories"),
    DIRPATH(Sample, source, .def = "left", .choices = sides, .help = "from where"),
    CLOCK(Sample, dawn, .def = "04:00", .help = "when it begins"),
    { 0 },
};

static void read_right(const char *name, const char *text, Sample *sample)
{
    g_autoptr(Error) error = NULL;

    assert_ok(param_read(param_find(params, name), text, sample, &error), error);
}

/* "what; fix" is this. */
static void read_wrong(const char *name, const char *text, Sample *sample, const char *expected)
{
    g_autoptr(Error) error = NULL;

    assert_false(param_read(param_find(params, name), text, sample, &error));
    g_autofree char *said = error_text(error);
    assert_string_equal(said, expected);
}

static void words_keep_their_order_and_stand_once(void **state)
{
    Sample sample = { 0 };

    (void) state;
    params_set_defaults(params, &sample);
    assert_string_equal(sample.ranks[0], "right");
    assert_string_equal(sample.ranks[1], "left");
    read_wrong("ranks", "left", &sample,
               "ranks = left: it is there already; give { ... } of left, right; default { right, "
               "left }");
    assert_int_equal(g_strv_length(sample.ranks), 2);
    params_clear(params, &sample);
}

static void directories_are_normalized_and_stand_once(void **state)
{
    Sample sample = { 0 };

    (void) state;
    read_right("places", "/srv//a/", &sample);
    read_right("places", "/srv/b", &sample);
    assert_string_equal(sample.places[0], "/srv/a");
    read_wrong("places", "/srv/a", &sample,
               "places = /srv/a: it is there already; give { \"/path\", ... }, whole paths of "
               "directories, from /");
    read_wrong("places", "a", &sample,
               "places = a: not an absolute path; give { \"/path\", ... }, whole paths of "
               "directories, from /");
    params_clear(params, &sample);
}

static void a_directory_may_have_words_beside_it(void **state)
{
    Sample sample = { 0 };

    (void) state;
    read_right("source", "right", &sample);
    assert_string_equal(sample.source, "right");
    read_right("source", "/right/", &sample);
    assert_string_equal(sample.source, "/right");
    read_wrong("source", "rihgt", &sample,
               "source = rihgt: not an absolute path (did you mean right?); give left, right, or "
               "the whole path of a directory, from /; default left");
    params_clear(params, &sample);
}

static void a_time_of_day_has_hours_and_minutes(void **state)
{
    static const char *const wrong[] = { "24:00", "04:60", "4", "04:0", "004:00", "4am", ":30" };
    Sample sample = { 0 };

    (void) state;
    read_right("dawn", "4:05", &sample);
    assert_int_equal(sample.dawn, 245);
    read_right("dawn", "23:59", &sample);
    assert_int_equal(sample.dawn, 1439);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *expected = g_strdup_printf(
            "dawn = %s: no time of a day; give 00:00 to 23:59; default 04:00", wrong[i]);
        read_wrong("dawn", wrong[i], &sample, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_keep_their_order_and_stand_once),
        cmocka_unit_test(directories_are_normalized_and_stand_once),
        cmocka_unit_test(a_directory_may_have_words_beside_it),
        cmocka_unit_test(a_time_of_day_has_hours_and_minutes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
