/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Profiles as the worker reads them, and what it says about actions. */
#include "tests/unit/check.h"
#include "worker/profile.h"

typedef struct Reading {
    GPtrArray *profiles;
    GPtrArray *errors;
    char *messages; /* a line for each error */
} Reading;

static Reading *read_document(const char *document)
{
    Reading *reading = g_new0(Reading, 1);

    reading->errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    reading->profiles = profiles_read(document, reading->errors);
    profiles_prepare(reading->profiles, reading->errors);
    reading->messages = check_error_lines(reading->errors);
    return reading;
}

static void reading_free(Reading *reading)
{
    g_ptr_array_unref(reading->profiles);
    g_ptr_array_unref(reading->errors);
    g_free(reading->messages);
    g_free(reading);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reading, reading_free)

static void assert_reported(const char *document, const char *expected)
{
    g_autoptr(Reading) reading = read_document(document);

    assert_string_equal(reading->messages, expected);
}

static void two_saves_of_one_name_are_an_error_and_of_different_names_are_not(void **state)
{
    static const char expected[] =
        "profiles:3: this save would write the same name as that in line "
        "2; give each save of a profile another name, as in "
        "{dir}/thumbs/{stem}.jpg\n";
    static const char *const clashes[] = { "save { name = \"{stem}.jpg\" quality = 70 }",
                                           "save { name = \"{stem}\" format = jpeg }",
                                           "save { name = \"{ Stem }.jpg\" }" };
    static const char *const right[] = { "save { name = \"{stem}.png\" }",
                                         "save { name = \"{stem}-{width}.jpg\" }",
                                         "save { name = \"{stem}.jpeg\" }",
                                         "save { name = \"{stem:lower}.jpg\" }",
                                         "save { name = \"{'stem'}.jpg\" }" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(clashes); i++) {
        g_autofree char *text =
            g_strdup_printf("profile \"p\" {\nsave { name = \"{stem}.jpg\" }\n%s\n}\n", clashes[i]);
        assert_reported(text, expected);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(right); i++) {
        g_autofree char *text =
            g_strdup_printf("profile \"p\" {\nsave { name = \"{stem}.jpg\" }\n%s\n}\n", right[i]);
        assert_reported(text, "");
    }
    /* with a scale between them they differ */
    assert_reported("profile \"p\" { save { name = \"{stem}-{width}.jpg\" }\n"
                    "scale { width = 90 height = 90 } save { name = \"{stem}-{width}.jpg\" } }\n",
                    "");
}

static void numbers_and_truths_may_be_formulas(void **state)
{
    (void) state;
    assert_reported(
        "profile \"p\" { dpi = 300\n"
        "scale { width = \"{min(width, 2048)}\" enabled = \"{landscape and width > 3000}\" }\n"
        "fit { width = \"{shorter}\" height = \"{shorter}\" }\n"
        "crop { left = \"{10}mm\" right = \"{2 + 3}%\" top = \"{longer * 0.02}\" }\n"
        "rotate { angle = \"{random(-5, 5)}\" }\n"
        "text { text = \"{pixels / 1000000:.1} MP\" size = \"{width / 40}px\"\n"
        "  margin = \"{clamp(shorter * 0.03, 12, 80)}\" }\n"
        "save { name = \"{stem}.jpg\" enabled = \"{not has(keywords, 'noweb')}\" }\n}\n",
        "");
    assert_reported(
        "profile \"p\" {\nsave { name = \"{stem}.jpg\" enabled = \"camera == 'X'\" }\n}\n",
        "profiles:2: column 28: enabled = camera == 'X': a formula stands between { and "
        "}; write enabled = \"{camera == 'X'}\"\n");
}

static void a_name_that_every_picture_has_is_an_error_where_the_second_is_skipped(void **state)
{
    (void) state;
    assert_reported("profile \"p\" { save { name = \"{folder}.jpg\" exists = skip } }\n",
                    "profiles:1: every picture would have this name, and exists = skip writes only "
                    "the first; add {stem} or {seq:4} to the name, or set exists = number\n");
    assert_reported("profile \"p\" { save { name = \"last.jpg\" exists = number } }\n", "");
    assert_reported("profile \"p\" { save { name = \"{dir}.jpg\" exists = skip } }\n", "");
}

static void steps_keep_the_order_they_were_written_in(void **state)
{
    static const char *const order[] = { "upright", "scale", "save", "fit", "save" };
    g_autoptr(Reading) reading =
        read_document("#line 13 \"/etc/h.conf\"\n"
                      "profile \"web\" {\n"
                      " upright {}\n"
                      " scale { width = 2048  height = 2048 }\n"
                      " save  { name = \"{dir}/{stem}.jpg\"  quality = 85 }\n"
                      " fit   { width = 400  height = 400 }\n"
                      " save  { name = \"{dir}/thumbs/{stem}.jpg\" }\n"
                      "}\n");
    const Profile *profile = profile_find(reading->profiles, "web");

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_non_null(profile);
    assert_string_equal(profile->file, "/etc/h.conf");
    assert_int_equal(profile->line, 13);
    assert_int_equal(profile->steps->len, G_N_ELEMENTS(order));
    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        assert_string_equal(step->action->name, order[i]);
        assert_int_equal(step->line, 14 + (int) i);
    }
    assert_null(profile_find(reading->profiles, "wbe"));
}

static void every_example_of_every_action_is_right(void **state)
{
    (void) state;
    for (const Action *const *a = actions; *a; a++) {
        g_autofree char *document =
            g_strdup_printf("program \"pngquant\" { takes = png gives = png }\n"
                            "profile \"p\" { %s\n save {} }\n",
                            (*a)->example);
        g_autoptr(Reading) reading = NULL;

        if (strstr((*a)->example, "\"/")) /* it names a file, which is not there */
            continue;
        reading = read_document(document);
        if (*reading->messages)
            fail_msg("%s: %s", (*a)->name, reading->messages);
    }
}

static void errors_carry_their_own_file_and_line(void **state)
{
    (void) state;
    assert_reported("#line 5 \"a.conf\"\n"
                    "profile \"one\" { scale { width = 0 }\n"
                    "  sharpne { }\n"
                    "  save { qualty = 5 } }\n"
                    "#line 90 \"b.conf\"\n"
                    "profile \"two\" {\n"
                    "  sharpen { sigma = 22 }\n"
                    "  save {} }\n",
                    "a.conf:6: sharpne: no such action in profile; did you mean sharpen?\n"
                    "a.conf:7: qualty: no such setting in save; did you mean quality?\n"
                    "a.conf:5: width = 0: too small; give 1 to 100000 px, mm, cm, in or % of the "
                    "width, or auto; default auto\n"
                    "b.conf:91: sigma = 22: too large; give 0.1 to 10 px; default 0.8\n");
}

static void the_name_of_another_program_for_an_action_is_an_error_with_ours(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n resize { width = 9 }\n Straighten {}\n save {} }\n",
                    "profiles:2: resize is called scale here; write scale { ... }; `hotfolder "
                    "actions resize` explains it\n"
                    "profiles:3: Straighten is called rotate here; write rotate { ... }; "
                    "`hotfolder actions Straighten` explains it\n");
}

static void other_names_of_settings_and_american_spelling_are_understood(void **state)
{
    g_autoptr(Reading) reading =
        read_document("profile \"p\" {\n fit { width = 9 height = 9 where = center }\n gray {}\n"
                      " save {} }\n");
    const Profile *profile = profile_find(reading->profiles, "p");

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_non_null(profile);
    assert_string_equal(g_array_index(profile->steps, Step, 0).action->name, "fit");
    assert_string_equal(g_array_index(profile->steps, Step, 1).action->name, "grey");
    assert_reported(
        "profile \"p\" {\n fit { width = 9 height = 9\n place = left where = top }\n save {} }\n",
        "profiles:3: where is set twice, first at profiles:3, as place; keep one of them\n");
    assert_reported("profile \"p\" {\n fit { width = 9 height = 9 place = up }\n save {} }\n",
                    "profiles:2: where = up: no such place; give top-left, top, top-right, left, "
                    "centre, right, bottom-left, bottom, bottom-right, attention, entropy, or \"x "
                    "y\" in px, mm, cm, in or % of the width and the height; default centre\n");
    assert_reported(
        "profile \"p\" {\n fit { width = 9 height = 9 where = \"1cm 0\" }\n save {} }\n",
        "profiles:2: where: how many pixels an inch has is not known; add dpi = 300, or "
        "what you print with\n");
}

static void settings_that_contradict_each_other_are_reported_on_their_step(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n upright {}\n scale {}\n save {} }\n",
                    "profiles:3: scale has neither width nor height nor megapixels; give a width, "
                    "a height, or megapixels\n");
}

static void a_profile_without_a_save_is_refused(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n upright {}\n}\nprofile \"none\" {}\n",
                    "profiles:1: profile \"p\" saves nothing; "
                    "end it with save { name = \"{dir}/{stem}.jpg\" }\n"
                    "profiles:4: profile \"none\" saves nothing; "
                    "end it with save { name = \"{dir}/{stem}.jpg\" }\n");
    assert_reported("profile \"two\" { save {} save { enabled = no } }\n", "");
    assert_reported("profile \"off\" { save { enabled = no } }\n",
                    "profiles:1: profile \"off\" saves nothing; "
                    "end it with save { name = \"{dir}/{stem}.jpg\" }\n");
}

static void a_step_that_changes_nothing_saved_is_refused(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n save {}\n upright {}\n sharpen {}\n}\n",
                    "profiles:3: upright has no effect: no save comes after it; "
                    "move it before a save, or add a save after it\n");
}

static void a_step_after_which_the_original_is_only_copied_is_refused(void **state)
{
    static const char expected[] =
        "profiles:2: scale has no effect: after it the original is only copied; "
        "remove it, or save in another format after it\n";
    static const char *const without_effect[] = {
        "save { format = original }",
        "grey {} branch { save { name = \"a\" format = original } } save { format = original }",
        "save { format = original } save { name = \"a.jpg\" enabled = no }",
    };
    static const char *const with_effect[] = {
        "save { format = original } save { name = \"a.jpg\" }",
        "branch { save { name = \"a.jpg\" } } save { format = original }",
        "save { name = \"{stem}-{width}\" format = original }",
        "save { format = original enabled = \"{width > 8}\" }",
        "branch { enabled = \"{width > 8}\" save { format = original } }",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(without_effect); i++) {
        g_autofree char *text =
            g_strdup_printf("profile \"p\" {\n scale { width = 9 }\n %s\n}\n", without_effect[i]);
        assert_reported(text, expected);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(with_effect); i++) {
        g_autofree char *text =
            g_strdup_printf("profile \"p\" {\n scale { width = 9 }\n %s\n}\n", with_effect[i]);
        assert_reported(text, "");
    }
    assert_reported("profile \"p\" {\n branch {\n grey {} save { format = original } }\n"
                    " scale { width = 9 } save { name = \"a.jpg\" } }\n",
                    "profiles:3: grey has no effect: after it in its branch the original is only "
                    "copied; remove it, or save in another format after it\n");
    assert_reported("profile \"p\" {\n save { format = original }\n grey {} }\n",
                    "profiles:3: grey has no effect: no save comes after it; "
                    "move it before a save, or add a save after it\n");
}

static void the_steps_of_a_branch_follow_it_in_the_list(void **state)
{
    static const struct {
        const char *name;
        guint next;
    } expected[] = { { "scale", 1 }, { "branch", 6 }, { "grey", 3 }, { "branch", 5 },
                     { "save", 5 },  { "save", 6 },   { "save", 7 } };
    g_autoptr(Reading) reading =
        read_document("profile \"p\" { scale { width = 9 }\n"
                      " branch { gray {} branch { save { name = \"a\" } } save { name = \"b\" } }\n"
                      " save {} }\n");
    const Profile *profile = profile_find(reading->profiles, "p");

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_int_equal(profile->steps->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < profile->steps->len; i++) {
        assert_string_equal(profile_step(profile, i)->action->name, expected[i].name);
        assert_int_equal(profile_step(profile, i)->next, expected[i].next);
    }
}

static void how_a_raw_is_read_is_no_step(void **state)
{
    g_autoptr(Reading) reading =
        read_document("profile \"p\" { raw { use = half depth = 16 } save {} }\n"
                      "profile \"plain\" { save {} }\n");
    const Profile *profile = reading->profiles->pdata[0], *plain = reading->profiles->pdata[1];

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_int_equal(profile->steps->len, 1);
    assert_int_equal(profile->settings.raw.use, RAW_HALF);
    assert_int_equal(profile->settings.raw.depth, 16);
    assert_memory_equal(&plain->settings.raw, &raw_plain, sizeof(raw_plain));
    assert_reported("profile \"p\" {\n raw { use = big }\n save {} }\n",
                    "profiles:2: use = big: no such choice; give auto, preview, half, full; "
                    "default auto\n");
    assert_reported("profile \"p\" {\n branch { raw {} save {} } }\n",
                    "profiles:2: raw: no such action in branch; write the step raw { ... } beside "
                    "branch { ... }\n");
    assert_reported("profile \"p\" {\n raw {}\n raw {}\n save {} }\n",
                    "profiles:3: raw is set twice, first at profiles:2; keep one of them\n");
}

static void each_path_of_a_profile_ends_with_a_save(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n scale { width = 9 }\n branch {\n save {} } }\n", "");
    assert_reported("profile \"p\" {\n branch { save {} } grey {}\n save { name = \"a\" } }\n", "");
    assert_reported("profile \"p\" {\n save {}\n branch { scale { width = 9 } } }\n",
                    "profiles:3: this branch saves nothing; end it with save { name = "
                    "\"{dir}/NAME/{stem}.jpg\" }, or remove it\n");
    assert_reported("profile \"p\" {\n branch { save {}\n grey {} }\n sharpen {} }\n",
                    "profiles:3: grey has no effect: no save comes after it in its branch; "
                    "move it before a save, or add a save after it\n"
                    "profiles:4: sharpen has no effect: no save comes after it; "
                    "move it before a save, or add a save after it\n");
    assert_reported("profile \"p\" {\n branch { branch { enabled = no save {} } }\n save {} }\n",
                    "profiles:2: this branch saves nothing; end it with save { name = "
                    "\"{dir}/NAME/{stem}.jpg\" }, or remove it\n");
    assert_reported("profile \"p\" {\n branch { enabled = no grey {} }\n save {} }\n", "");
    assert_reported("profile \"p\" {\n branch { enabled = no save {} } }\n",
                    "profiles:1: profile \"p\" saves nothing; "
                    "end it with save { name = \"{dir}/{stem}.jpg\" }\n");
}

static void two_branches_do_not_save_by_one_name(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n branch { grey {} save {} }\n branch { save {} } }\n",
                    "profiles:3: this save would write the same name as that in line 2; give each "
                    "save of a profile another name, as in {dir}/thumbs/{stem}.jpg\n");
    assert_reported("profile \"p\" {\n branch { enabled = no save {} }\n save {} }\n", "");
}

static void two_saves_draw_two_names(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n save { name = \"{stem}-{random(0, 1000):.0}.jpg\" }\n"
                    " save { name = \"{stem}-{random(0, 1000):.0}.jpg\" } }\n",
                    "");
}

static void a_fifth_branch_in_another_is_refused(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n branch {\n branch {\n branch {\n branch {\n save {} }}}}}\n",
                    "");
    assert_reported("profile \"p\" {\n branch {\n branch {\n branch {\n branch {\n"
                    " branch {\n save {} } }}}}}\n",
                    "profiles:6: this branch is inside 4 others: it is one too deep; "
                    "move it out of the one around it\n");
}

/* "blur, branch, ...", newly allocated. */
static char *all_actions(void)
{
    GString *names = g_string_new(actions[0]->name);

    for (const Action *const *action = actions + 1; *action; action++)
        g_string_append_printf(names, ", %s", (*action)->name);
    return g_string_free(names, FALSE);
}

static void what_goes_is_guessed_among_the_words_of_untag(void **state)
{
    (void) state;
    assert_reported("profile \"p\" { untag { what = gsp } save {} }\n",
                    "profiles:1: what = \"gsp\": there is no such part; did you mean gps?\n");
    assert_reported(
        "profile \"p\" { untag { what = nonsense } save {} }\n",
        "profiles:1: what = \"nonsense\": there is no such part; write one of all, gps, "
        "device, thumbnail, maker, history, exif, iptc, xmp, or the name of a tag as "
        "`tag` has it\n");
}

static void mistakes_in_a_branch_are_reported_on_their_lines(void **state)
{
    g_autofree char *names = all_actions();
    g_autofree char *expected = g_strdup_printf(
        "profiles:2: fork is called branch here; write branch { ... }; `hotfolder actions fork` "
        "explains it\n"
        "profiles:4: sharpne: no such action in branch; did you mean sharpen?\n"
        "profiles:5: width: no such action in branch; choose one of: enabled, %s\n"
        "profiles:6: width = 0: too small; give 1 to 100000 px, mm, cm, in or %% of "
        "the width, or auto; default auto\n",
        names);

    (void) state;
    assert_reported("profile \"p\" {\n fork {}\n branch {\n sharpne {}\n width = 9\n"
                    " scale { width = 0 }\n save {} } }\n",
                    expected);
    assert_reported("profile \"p\" {\n branch {\n save {}\n}\nprofile \"q\" { save {} }\n",
                    "profiles:1: the section profile that opens here is never closed; close it "
                    "with }\n");
}

static void a_step_that_is_written_as_a_setting_is_named(void **state)
{
    (void) state;
    assert_reported(
        "profile \"p\" {\n grey { text = \"me\" }\n blur { sharpen = 3 }\n save {}\n}\n",
        "profiles:2: text: no such setting in grey; "
        "write the step text { text = ... } beside grey { ... }\n"
        "profiles:3: sharpen: no such setting in blur; "
        "write the step sharpen { ... } beside blur { ... }\n");
}

static void a_word_that_is_written_as_a_setting_is_named(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n background { tile = yes }\n"
                    " crop { trim = yes }\n save {}\n}\n",
                    "profiles:2: tile: no such setting in background; write method = tile\n"
                    "profiles:3: trim: no such setting in crop; write mode = trim\n");
}

static void a_setting_is_understood_by_the_name_that_others_give_it(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n mask { shape = heart }\n"
                    " text { text = \"me\" position = bottom-right }\n"
                    " polaroid { text = \"{stem}\" }\n save { name = \"{stem}.png\" }\n}\n",
                    "");
}

static void a_save_that_cannot_be_read_is_not_called_missing(void **state)
{
    (void) state;
    assert_reported("profile \"p\" {\n save { name = {stem}.jpg }\n}\n",
                    "profiles:2: name = {stem}.jpg: { } need quotes; "
                    "put it in quotes: name = \"{stem}.jpg\"\n");
}

static void a_wrong_profile_leaves_the_right_ones(void **state)
{
    g_autoptr(Reading) reading = read_document("profile \"bad\" { scale { width = x } save {} }\n"
                                               "profile \"good\" { save {} }\n"
                                               "profile \"worse\" { save {}\n");

    (void) state;
    assert_int_equal(reading->profiles->len, 1);
    assert_non_null(profile_find(reading->profiles, "good"));
    assert_int_equal(reading->errors->len, 2);
}

static void an_empty_document_is_right(void **state)
{
    (void) state;
    assert_reported("", "");
    assert_reported("\n#line 1 \"x\"\n", "");
}

static void folders_have_no_place_in_a_profiles_document(void **state)
{
    (void) state;
    assert_reported("folder \"x\" { }\nworkers = 3\n",
                    "profiles:1: folder: no such section; choose one of: profile, reads, program, "
                    "import, camera\n"
                    "profiles:2: workers: no such section; choose one of: profile, reads, program, "
                    "import, camera\n");
}

static int start(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ok(libvips_start("test_profile", &error), error);
    return 0;
}

static int stop(void **state)
{
    (void) state;
    libvips_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_saves_of_one_name_are_an_error_and_of_different_names_are_not),
        cmocka_unit_test(numbers_and_truths_may_be_formulas),
        cmocka_unit_test(a_name_that_every_picture_has_is_an_error_where_the_second_is_skipped),
        cmocka_unit_test(steps_keep_the_order_they_were_written_in),
        cmocka_unit_test(every_example_of_every_action_is_right),
        cmocka_unit_test(errors_carry_their_own_file_and_line),
        cmocka_unit_test(the_name_of_another_program_for_an_action_is_an_error_with_ours),
        cmocka_unit_test(other_names_of_settings_and_american_spelling_are_understood),
        cmocka_unit_test(settings_that_contradict_each_other_are_reported_on_their_step),
        cmocka_unit_test(a_profile_without_a_save_is_refused),
        cmocka_unit_test(a_step_that_changes_nothing_saved_is_refused),
        cmocka_unit_test(a_step_after_which_the_original_is_only_copied_is_refused),
        cmocka_unit_test(the_steps_of_a_branch_follow_it_in_the_list),
        cmocka_unit_test(how_a_raw_is_read_is_no_step),
        cmocka_unit_test(each_path_of_a_profile_ends_with_a_save),
        cmocka_unit_test(two_branches_do_not_save_by_one_name),
        cmocka_unit_test(two_saves_draw_two_names),
        cmocka_unit_test(a_fifth_branch_in_another_is_refused),
        cmocka_unit_test(what_goes_is_guessed_among_the_words_of_untag),
        cmocka_unit_test(mistakes_in_a_branch_are_reported_on_their_lines),
        cmocka_unit_test(a_step_that_is_written_as_a_setting_is_named),
        cmocka_unit_test(a_word_that_is_written_as_a_setting_is_named),
        cmocka_unit_test(a_setting_is_understood_by_the_name_that_others_give_it),
        cmocka_unit_test(a_save_that_cannot_be_read_is_not_called_missing),
        cmocka_unit_test(a_wrong_profile_leaves_the_right_ones),
        cmocka_unit_test(an_empty_document_is_right),
        cmocka_unit_test(folders_have_no_place_in_a_profiles_document),
    };

    return cmocka_run_group_tests_name("profile", tests, start, stop);
}
