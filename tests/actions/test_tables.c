/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every action, by its table alone: what the tables promise, holds; and every example runs. */
#include <stdio.h>
#include <string.h>

#include "actions/encode.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static void names_are_sorted_and_unique(void **state)
{
    (void) state;
    for (const Action *const *a = actions; a[0] && a[1]; a++)
        assert_true(strcmp(a[0]->name, a[1]->name) < 0);
}

static void an_action_is_found_by_its_name(void **state)
{
    (void) state;
    for (const Action *const *a = actions; *a; a++)
        assert_ptr_equal(action_find((*a)->name), *a);
    assert_null(action_find("sharpenn"));
    assert_null(action_find(""));
}

/* A guess must not lead the wrong way. */
static void a_word_of_other_programs_means_one_action_and_is_none(void **state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        g_auto(GStrv) words = g_strsplit((*a)->aliases ? (*a)->aliases : "", " ", -1);
        for (char **word = words; *word; word++) {
            assert_null(action_find(*word));
            assert_ptr_equal(action_of_alias(*word), *a);
            if (!g_hash_table_add(seen, g_strdup(*word)))
                fail_msg("%s: '%s' is a word for two actions", (*a)->name, *word);
        }
    }
}

static void an_action_is_found_in_american_spelling(void **state)
{
    (void) state;
    assert_ptr_equal(action_find("gray"), action_find("grey"));
    assert_ptr_equal(action_of_alias("grayscale"), action_find("grey"));
    assert_null(action_of_alias("grey"));
    assert_null(action_of_alias(""));
}

static int kinds_of(const Action *a)
{
    bool branches = a->flags & ACTION_BRANCHES;

    return branches + !!a->tone + !!a->colours + !!a->pixels + !!a->geometry + !!a->ink +
           !!a->apply;
}

static void every_action_has_its_chapter_and_its_line(void **state)
{

    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        assert_true(g_strv_contains(action_groups, (*a)->group));
        assert_int_equal(kinds_of(*a), 1);
        assert_true((*a)->size > 0);
        if (!*(*a)->summary || g_str_has_suffix((*a)->summary, "."))
            fail_msg("%s: a summary is one line without a full stop", (*a)->name);
        if (!g_str_has_prefix((*a)->example, (*a)->name))
            fail_msg("%s: the example is a step of another name", (*a)->name);
    }
}

static void every_default_passes_its_own_check(void **state)
{
    (void) state;
    for (const Action *const *a = actions; *a; a++)
        for (const Param *p = action_params(*a); p->type != PARAM_END; p++) {
            g_autoptr(Error) error = NULL;
            if (p->def && !param_read(p, p->def, NULL, &error))
                fail_msg("%s: %s", (*a)->name, error->what);
        }
}

static bool is_a_line(const char *help)
{
    return help && *help && !strchr(help, '\n') && !g_str_has_suffix(help, ".") &&
           !g_ascii_isspace(*help);
}

static void every_setting_says_what_it_does(void **state)
{
    (void) state;
    for (const Action *const *a = actions; *a; a++)
        for (const Param *p = action_params(*a); p->type != PARAM_END; p++) {
            if (!is_a_line(p->help))
                fail_msg("%s: %s: one line of help, no full stop", (*a)->name, p->name);
            if (p->type == PARAM_LENGTH && !p->of)
                fail_msg("%s: %s: what is %% of?", (*a)->name, p->name);
            for (unsigned i = 0; param_choice(p, i); i++)
                if (!is_a_line(param_choice(p, i)->help))
                    fail_msg("%s: %s = %s: one line of help", (*a)->name, p->name,
                             param_choice(p, i)->word);
        }
}

static void settings_are_named_once(void **state)
{
    (void) state;
    for (const Action *const *a = actions; *a; a++)
        for (const Param *p = action_params(*a); p->type != PARAM_END; p++) {
            g_auto(GStrv) others = g_strsplit(p->also ? p->also : "", " ", -1);
            assert_ptr_equal(param_find(action_params(*a), p->name), p);
            for (char **other = others; *other; other++)
                assert_ptr_equal(param_find(action_params(*a), *other), p);
        }
}

static void what_a_setting_does_nothing_without_are_settings(void **state)
{
    unsigned count = 0;

    (void) state;
    for (const Action *const *a = actions; *a; a++)
        for (const Param *p = (*a)->params; p->type != PARAM_END; p++) {
            g_auto(GStrv) words = g_strsplit(p->only_with ? p->only_with : "", " ", -1);
            g_autoptr(Error) error = NULL;
            assert_int_equal(g_strv_length(words) % 3, 0);
            for (char **word = words; *word; word += 3, count++)
                if (!param_find((*a)->params, word[0]) || strcmp(word[1], "=") != 0 ||
                    !param_read(param_find((*a)->params, word[0]), word[2], NULL, &error))
                    fail_msg("%s: %s: only with %s", (*a)->name, p->name, p->only_with);
        }
    assert_true(count > 5);
}

static bool is_a(const Action *action, const char *name, ParamType type)
{
    const Param *row = param_find(action->params, name);

    return row && row->type == type;
}

static void what_actions_call_their_settings_is_so(void **state)
{
    unsigned count = 0;

    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        const char *random = (*a)->random_by, *channels = (*a)->channels_by;
        if (random && !is_a(*a, random, PARAM_CHOICE) && !is_a(*a, random, PARAM_COLOUR))
            fail_msg("%s: %s is no choice and no colour", (*a)->name, random);
        if (channels && (!(*a)->tone || !is_a(*a, channels, PARAM_WORDS)))
            fail_msg("%s: %s names no channels of a tone", (*a)->name, channels);
        count += random && (*a)->flags & ACTION_RANDOM;
        count += channels != NULL;
    }
    assert_true(count >= 4);
}

/* "add kind = motion, or remove angle"; NULL: no advice. */
static char *advice_on(const char *name, const char *setting, const char *value, const char *other,
                       const char *other_value)
{
    const Action *action = action_find(name);
    g_autofree void *settings = g_malloc0(action_size(action));
    g_autoptr(Error) error = NULL;

    params_set_defaults(action_params(action), settings);
    assert_true(param_read(param_find(action->params, setting), value, settings, &error));
    assert_true(param_read(param_find(action->params, other), other_value, settings, &error));
    return action_advise(action, settings, &error) ? NULL : g_strdup(error->fix);
}

static void a_setting_that_does_nothing_without_another_is_pointed_out(void **state)
{
    static const struct {
        const char *action, *setting, *value, *other, *other_value, *advice;
    } rows[] = {
        { "blur", "angle", "0", "kind", "box", NULL },
        { "blur", "angle", "30", "kind", "motion", NULL },
        { "blur", "angle", "30", "kind", "box", "add kind = motion, or remove angle" },
        { "blur", "length", "20%", "kind", "gauss", "add kind = motion, or remove length" },
        { "equalize", "slope", "2", "local", "no", "add local = 10%, or remove slope" },
        { "equalize", "slope", "2", "local", "30px", NULL },
        { "contrast", "threshold", "40", "curve", "s", "give other values, or remove the step" },
        { "contrast", "threshold", "40", "curve", "line",
          "add curve = s pivot = middle, or remove threshold" },
        { "convert", "dither", "no", "depth", "8", "add depth = 1, or remove dither" },
        { "convert", "dither", "no", "depth", "1", NULL },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *advice = advice_on(rows[i].action, rows[i].setting, rows[i].value,
                                            rows[i].other, rows[i].other_value);
        if (g_strcmp0(advice, rows[i].advice) != 0)
            fail_msg("%s: %s = %s: %s", rows[i].action, rows[i].setting, rows[i].value, advice);
    }
}

/* ---- steps that do nothing ---- */

/* What a step needs beside that. */
static const char *needed(const Action *action)
{
    return !strcmp(action->name, "text")        ? " text = \"x\""
           : !strcmp(action->name, "watermark") ? " file = \"" MARK "\""
                                                : "";
}

static bool leaves(VipsImage *picture, const char *suffix, const Action *action, const char *rows)
{
    g_autofree char *step = g_strdup_printf("%s { %s%s }", action->name, rows, needed(action));
    g_autoptr(VipsImage) before = desk_apply(picture_file(picture, suffix), "");
    g_autoptr(VipsImage) after = desk_apply_idle(picture_file(picture, suffix), step);

    return picture_distance(before, after).most == 0;
}

static bool leaves_all(const Action *action, const char *rows)
{
    g_autoptr(VipsImage) photo = picture_photo(120, 80), drawing = picture_drawing(100, 120);

    return leaves(photo, ".png", action, rows) && leaves(drawing, ".png", action, rows);
}

/* What a step says beside that it is idle changes nothing: each word of each choice. */
static void check_other_words(const Action *action)
{
    g_auto(GStrv) idle = g_strsplit(action->idle, " ", -1);

    for (const Param *p = action->params; p->type != PARAM_END; p++) {
        if (p->type != PARAM_CHOICE || g_strv_contains((const char *const *) idle, p->name))
            continue;
        for (const Choice *choice = p->choices; choice->word; choice++) {
            g_autofree char *rows =
                g_strdup_printf("%s %s = %s", action->idle, p->name, choice->word);
            if (!leaves_all(action, rows))
                fail_msg("%s { %s } does something", action->name, rows);
        }
    }
}

static void an_idle_step_leaves_the_picture_and_is_pointed_out(void **state)
{
    unsigned count = 0;

    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        g_autoptr(Error) advice = NULL;
        if (!(*a)->idle)
            continue;
        g_autofree char *step =
            g_strdup_printf("%s { %s%s } save {}", (*a)->name, (*a)->idle, needed(*a));
        g_autoptr(GPtrArray) profiles = desk_profiles(step);
        if (!leaves_all(*a, (*a)->idle))
            fail_msg("%s { %s } does something", (*a)->name, (*a)->idle);
        check_other_words(*a);
        assert_false(action_advise(*a, profile_step(profiles->pdata[0], 0)->settings, &advice));
        assert_non_null(strstr(advice->what, "does nothing with"));
        count++;
    }
    assert_true(count > 15);
}

/* A row of `idle` that is forgotten shows here, where the defaults do nothing. */
static void a_step_whose_defaults_do_nothing_says_so(void **state)
{
    static const char *const others[] = { "background", "crop",    "icc", "lossless",
                                          "scale",      "upright", NULL };

    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        bool bare = !((*a)->flags & ACTION_LEAVES);
        for (const Param *p = (*a)->params; p->type != PARAM_END; p++)
            bare = bare && p->def;
        if (!bare || (*a)->idle || !strcmp((*a)->group, "output") ||
            (*a)->flags & ACTION_METADATA || g_strv_contains(others, (*a)->name))
            continue;
        if (leaves_all(*a, ""))
            fail_msg("%s {} does nothing, and has no row `idle`", (*a)->name);
    }
}

/* ---- examples ---- */

static char *replaced(const char *text, const char *old, const char *new)
{
    g_auto(GStrv) pieces = g_strsplit(text, old, -1);

    return g_strjoinv(new, pieces);
}

/* An example names files where they are installed; they are in the sources, too. */
static char *example_of(const Action *action)
{
    g_autofree char *marked = replaced(action->example, INSTALLED_MARK, MARK);

    return replaced(marked, INSTALLED_TRACK, TRACK_FILE);
}

static VipsImage *of_example(const Action *action, VipsImage *in, const char *suffix)
{
    g_autofree char *steps = example_of(action);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    if (strcmp(action->group, "output") != 0 || action->flags & (ACTION_PROGRAM | ACTION_LEAVES))
        return desk_apply(picture_file(in, suffix), steps);
    if (!desk_run(desk, picture_file(in, suffix), steps, &error))
        fail_msg("%s", error->what);
    return desk_output(desk, 0);
}

/* The picture that a person looked at once and found right. HOTFOLDER_ACCEPT=1 writes a new one. */
static void compare(const Action *action, const char *which, VipsImage *made)
{
    g_autofree char *path = g_strdup_printf("%s/%s%s.png", ACCEPTED, action->name, which);
    g_autoptr(VipsImage) accepted = NULL;

    if (g_getenv("HOTFOLDER_ACCEPT")) {
        if (vips_pngsave(made, path, "strip", TRUE, "filter", VIPS_FOREIGN_PNG_FILTER_ALL, NULL))
            fail_msg("%s", vips_error_buffer());
        return;
    }
    if (vips_pngload(path, &accepted, NULL))
        fail_msg("%s: no accepted picture; look at what the example makes, then run "
                 "`cmake --build BUILD --target accept-pictures`",
                 action->name);
    Distance distance = picture_distance(made, accepted);
    if (distance.mean > 1 || distance.most > 24)
        fail_msg("%s%s: the example makes another picture than the accepted one (mean %.2f, most "
                 "%.0f)",
                 action->name, which, distance.mean, distance.most);
}

/* One that changes only what a picture says makes the picture that came in. */
static void leaves_pixels(const Action *action, VipsImage *in, const char *suffix)
{
    g_autoptr(VipsImage) made = of_example(action, in, suffix);
    g_autoptr(VipsImage) as_it_was = desk_apply(picture_file(in, suffix), "");

    if (picture_distance(made, as_it_was).most > 0)
        fail_msg("%s: the example changes pixels", action->name);
}

static void every_example_makes_the_accepted_picture(void **state)
{
    g_autoptr(VipsImage) upright = picture_photo(240, 160);
    g_autoptr(VipsImage) photo = picture_turned(upright, 6);
    g_autoptr(VipsImage) drawing = picture_drawing(160, 120);

    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        if (!strcmp((*a)->group, "metadata")) {
            leaves_pixels(*a, upright, ".jpg[Q=95]");
            continue;
        }
        g_autoptr(VipsImage) from_photo = of_example(*a, photo, ".jpg[Q=95]");
        if ((*a)->flags & ACTION_METADATA) {
            g_autoptr(VipsImage) plain = desk_apply(picture_file(photo, ".jpg[Q=95]"), "");
            assert_int_equal(picture_distance(plain, from_photo).most, 0);
            continue;
        }
        g_autoptr(VipsImage) from_drawing =
            of_example(*a, drawing, (*a)->flags & ACTION_JPEG ? ".jpg[Q=95]" : ".png");
        compare(*a, "", from_photo);
        compare(*a, "-drawing", from_drawing);
    }
}

static void the_example_of_save_saves(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(photo, ".png"), action_find("save")->example, &error));
    assert_int_equal(desk->names->len, 1);
    assert_string_equal(desk->names->pdata[0], "2024/may/beach-90.jpg");
}

/* The daemon takes no other names of outputs from a worker. */
static void the_formats_that_are_written_are_known_as_such(void **state)
{
    (void) state;
    for (Format format = FORMAT_JPEG; format < FORMAT_COUNT; format++) {
        const char *extension = format_extension(format);
        if (extension)
            assert_int_equal(encode_format(extension) == format,
                             (FORMAT_BIT(format) & FORMATS_WRITTEN) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formats_that_are_written_are_known_as_such),
        cmocka_unit_test(names_are_sorted_and_unique),
        cmocka_unit_test(an_action_is_found_by_its_name),
        cmocka_unit_test(an_action_is_found_in_american_spelling),
        cmocka_unit_test(a_word_of_other_programs_means_one_action_and_is_none),
        cmocka_unit_test(every_action_has_its_chapter_and_its_line),
        cmocka_unit_test(every_default_passes_its_own_check),
        cmocka_unit_test(every_setting_says_what_it_does),
        cmocka_unit_test(settings_are_named_once),
        cmocka_unit_test(what_a_setting_does_nothing_without_are_settings),
        cmocka_unit_test(what_actions_call_their_settings_is_so),
        cmocka_unit_test(a_setting_that_does_nothing_without_another_is_pointed_out),
        cmocka_unit_test(an_idle_step_leaves_the_picture_and_is_pointed_out),
        cmocka_unit_test(a_step_whose_defaults_do_nothing_says_so),
        cmocka_unit_test(every_example_makes_the_accepted_picture),
        cmocka_unit_test(the_example_of_save_saves),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_tables", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("tables", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
