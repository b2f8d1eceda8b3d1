/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words for people, and times and sizes as people write them. */
#include "base/text.h"
#include "base/units.h"
#include "tests/unit/check.h"

static void assert_escaped(const char *bytes, const char *expected)
{
    g_autofree char *text = text_escape(bytes);

    assert_string_equal(text, expected);
}

static void plain_text_is_shown_as_it_is(void **state)
{
    (void) state;
    assert_escaped("", "");
    assert_escaped("Straße am Meer 海.jpg", "Straße am Meer 海.jpg");
}

static void what_would_break_a_line_or_fool_its_reader_is_shown_as_bytes(void **state)
{
    /* a right-to-left override: what follows is shown as exe.jpg */
    const char turned[] = { (char) 0xe2, (char) 0x80, (char) 0xae, 'g', 'p', 'j',
                            '.',         'e',         'x',         'e', 0 };

    (void) state;
    assert_escaped("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f");
    assert_escaped("\xff\xc3(", "\\xff\\xc3("); /* broken UTF-8 */
    assert_escaped(turned, "\\xe2\\x80\\xaegpj.exe");
    assert_escaped("x\xe2\x80\xa8y", "x\\xe2\\x80\\xa8y"); /* line separator */
}

static void what_is_shown_can_be_given_back_as_bytes(void **state)
{
    static const char *const names[] = { "",         "a.jpg",   "\xff\n",  "\\",
                                         "\\x",      "\\x4",    "a\\x41b", "\\\\x41",
                                         "\\x5cx41", "\\x\xff", "\\\xff",  "x\\xAf" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = text_escape(names[i]);
        g_autofree char *bytes = text_unescape(text);
        assert_string_equal(bytes, names[i]);
    }
    assert_escaped("a\\x41b", "a\\x5cx41b");
    assert_null(text_unescape("a\\x00"));
}

/* As a shell that has $'...' reads the word; newly allocated. */
static char *read_by_a_shell(const char *word)
{
    g_autofree char *command = g_strconcat("printf %s ", word, NULL);
    const char *const arguments[] = { "bash", "-c", command, NULL };
    char *out = NULL;

    assert_true(g_spawn_sync(NULL, (char **) (uintptr_t) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL,
                             NULL, &out, NULL, NULL, NULL));
    return out;
}

static void a_sentence_keeps_the_names_that_it_shows(void **state)
{
    g_autofree char *name = text_escape("b\xfcro\n");
    g_autofree char *sentence = g_strconcat("'", name, "' is no JPEG\x1b", NULL);
    g_autofree char *text = text_escape_sentence(sentence);

    (void) state;
    assert_string_equal(text, "'b\\xfcro\\x0a' is no JPEG\\x1b");
}

static void a_path_is_a_word_of_a_shell_with_quotes_only_where_it_needs_them(void **state)
{
    static const char *const paths[] = {
        "/srv/in/beach.jpg",          "/srv/in/two words.jpg",     "/srv/in/it's.jpg",
        "/srv/in/$HOME;`x`.jpg",      "/srv/in/latin\xe9.jpg",     "/srv/in/line\nfeed.jpg",
        "/srv/in/m\xc3\xbcnchen.jpg", "/srv/in/both\xe9'\\\n.jpg", "/srv/in/\\x41.jpg",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *word = text_shell_word(paths[i]), *read = read_by_a_shell(word);

        assert_string_equal(read, paths[i]);
        assert_true(g_utf8_validate(word, -1, NULL));
        assert_null(strchr(word, '\n'));
    }
    g_autofree char *plain = text_shell_word(paths[0]), *spaced = text_shell_word(paths[1]);
    g_autofree char *nothing = text_shell_word("");
    assert_string_equal(plain, paths[0]);
    assert_string_equal(spaced, "'/srv/in/two words.jpg'");
    assert_string_equal(nothing, "''");
}

static void a_long_text_is_cut_between_characters(void **state)
{
    g_autofree char *cut = text_shorten("ääääää", 3);
    g_autofree char *whole = text_shorten("ääääää", 6);

    (void) state;
    assert_string_equal(cut, "äää...");
    assert_string_equal(whole, "ääääää");
}

static void an_empty_value_is_shown_as_quotes(void **state)
{
    g_autofree char *empty = text_value("", 6);
    g_autofree char *cut = text_value("abcd", 3);

    (void) state;
    assert_string_equal(empty, "\"\"");
    assert_string_equal(cut, "abc...");
}

static void the_word_that_was_meant_is_found(void **state)
{
    static const char *const words[] = { "width", "height", "enlarge", "keep", NULL };

    (void) state;
    assert_string_equal(text_closest("widht", words), "width"); /* two letters swapped */
    assert_string_equal(text_closest("hight", words), "height");
    assert_string_equal(text_closest("WIDTH", words), "width");
    assert_string_equal(text_closest("enlareg", words), "enlarge");
    assert_string_equal(text_closest("kep", words), "keep");
}

static void nothing_is_guessed_from_too_little(void **state)
{
    static const char *const words[] = { "width", "x", NULL };

    (void) state;
    assert_null(text_closest("length", words));
    assert_null(text_closest("y", words));
    assert_null(text_closest("", words));
}

static void a_swap_counts_as_one_typing_error(void **state)
{
    (void) state;
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("ab", "ba"), 1);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
}

static void text_is_wrapped_at_its_width_and_a_longer_word_stands_alone(void **state)
{
    g_autofree char *text = text_wrap("one two  three incomprehensibilities four", 2, 12);

    (void) state;
    assert_string_equal(text, "  one two\n  three\n  incomprehensibilities\n  four\n");
}

static void assert_duration(const char *text, int64_t expected)
{
    int64_t ms = -1;

    assert_null(units_read_duration(text, &ms));
    assert_int_equal(ms, expected);
}

static void times_take_their_units(void **state)
{
    (void) state;
    assert_duration("250ms", 250);
    assert_duration("2s", 2000);
    assert_duration("1.5s", 1500);
    assert_duration("10min", 600000);
    assert_duration("10 min", 600000);
    assert_duration("1h", 3600000);
    assert_duration("0", 0);
}

static void a_time_that_could_mean_anything_is_refused(void **state)
{
    int64_t ms = 0;

    (void) state;
    assert_string_equal(units_read_duration("2", &ms), "needs a unit");
    assert_string_equal(units_read_duration("2m", &ms), "unknown unit");
    assert_string_equal(units_read_duration("-2s", &ms), "cannot be negative");
    assert_non_null(units_read_duration("", &ms));
    assert_non_null(units_read_duration(".", &ms));
    assert_non_null(units_read_duration("1.2.3s", &ms));
    assert_non_null(units_read_duration("0x10s", &ms));
    assert_string_equal(units_read_duration("99999999999999999999h", &ms), "too large");
}

static void sizes_are_powers_of_1024(void **state)
{
    int64_t bytes = 0;

    (void) state;
    assert_null(units_read_bytes("20MB", &bytes));
    assert_int_equal(bytes, 20 * 1024 * 1024);
    assert_null(units_read_bytes("1.5kb", &bytes));
    assert_int_equal(bytes, 1536);
    assert_non_null(units_read_bytes("20", &bytes));
}

static void a_size_is_shown_near_enough(void **state)
{
    static const struct {
        int64_t bytes;
        const char *text;
    } rows[] = {
        { 0, "0B" },
        { 1023, "1023B" },
        { 1536, "1.5KB" },
        { INT64_C(70) << 20, "70.0MB" },
        { INT64_C(1) << 50, "1024.0TB" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = units_bytes_rounded(rows[i].bytes);
        assert_string_equal(text, rows[i].text);
    }
}

static void a_time_is_shown_in_the_largest_unit_that_is_exact(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = { { 0, "0" },       { 250, "250ms" },    { 1500, "1500ms" },
                 { 90000, "90s" }, { 600000, "10min" }, { 7200000, "2h" } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = units_duration_text(rows[i].ms);
        assert_string_equal(text, rows[i].text);
    }
}

static void a_text_is_cut_between_two_characters(void **state)
{
    (void) state;
    assert_int_equal(text_cut("beach", 3), 3);
    assert_int_equal(text_cut("caf\xc3\xa9!", 4), 3);
    assert_int_equal(text_cut("caf\xc3\xa9!", 5), 5);
    assert_int_equal(text_cut("\xf0\x9f\x98\x80.", 3), 0);
    assert_int_equal(text_cut("\x80\x80\x80\x80\x80\x80", 5), 2); /* no character is that long */
}

static void american_spelling_is_understood(void **state)
{
    (void) state;
    assert_true(text_is_word("colour", "colour"));
    assert_true(text_is_word("colour", "color"));
    assert_true(text_is_word("centre", "center"));
    assert_true(text_is_word("greyscale", "grayscale"));
    assert_true(text_is_word("grey-colours", "gray-colors"));
    assert_false(text_is_word("colour", "colours"));
    assert_false(text_is_word("colour", "Colour"));
    assert_false(text_is_word("color", "colour")); /* the first is ours */
    assert_true(text_has_word("desaturate greyscale", "Grayscale"));
    assert_false(text_has_word(NULL, "gray"));
}

static void a_word_is_found_in_any_case_and_with_any_space_between_its_parts(void **state)
{
    static const char *const spellings[] = { "auto-contrast", "Auto Contrast", "AUTO_CONTRAST",
                                             "auto: contrast", " Auto - Contrast " };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++)
        assert_true(text_has_word("normalise auto-contrast stretch", spellings[i]));
    assert_true(text_has_word("colour_to_alpha", "Color to Alpha"));
    assert_false(text_has_word("auto-contrast", "autocontrast"));
    assert_false(text_has_word("auto-contrast", "auto"));
    assert_false(text_has_word("auto-contrast", " -_: "));
    assert_false(text_has_word("auto  contrast", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_shown_as_it_is),
        cmocka_unit_test(what_would_break_a_line_or_fool_its_reader_is_shown_as_bytes),
        cmocka_unit_test(what_is_shown_can_be_given_back_as_bytes),
        cmocka_unit_test(a_sentence_keeps_the_names_that_it_shows),
        cmocka_unit_test(a_path_is_a_word_of_a_shell_with_quotes_only_where_it_needs_them),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(an_empty_value_is_shown_as_quotes),
        cmocka_unit_test(the_word_that_was_meant_is_found),
        cmocka_unit_test(american_spelling_is_understood),
        cmocka_unit_test(a_word_is_found_in_any_case_and_with_any_space_between_its_parts),
        cmocka_unit_test(nothing_is_guessed_from_too_little),
        cmocka_unit_test(a_swap_counts_as_one_typing_error),
        cmocka_unit_test(text_is_wrapped_at_its_width_and_a_longer_word_stands_alone),
        cmocka_unit_test(times_take_their_units),
        cmocka_unit_test(a_time_that_could_mean_anything_is_refused),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(a_size_is_shown_near_enough),
        cmocka_unit_test(a_text_is_cut_between_two_characters),
        cmocka_unit_test(a_time_is_shown_in_the_largest_unit_that_is_exact),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
