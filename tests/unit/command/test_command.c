/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder systemd-dropin, check and actions, as a person runs them. */
#include <grp.h>
#include <sys/wait.h>

#include "base/paths.h"
#include "tests/unit/check.h"

typedef struct Outcome {
    int status;
    char *out, *err;
} Outcome;

static void outcome_clear(Outcome *outcome)
{
    g_free(outcome->out);
    g_free(outcome->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

/* hotfolder lies beside the worker. `args` are separated by spaces. */
static Outcome run(const char *args)
{
    g_autofree char *worker = paths_worker();
    g_autofree char *bin = g_path_get_dirname(worker);
    g_autofree char *line = g_strdup_printf("%s/hotfolder %s", bin, args);
    g_auto(GStrv) argv = g_strsplit(line, " ", -1);
    Outcome outcome = { 0 };
    int status = 0;

    assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &outcome.out,
                             &outcome.err, &status, NULL));
    assert_true(WIFEXITED(status));
    outcome.status = WEXITSTATUS(status);
    return outcome;
}

static Outcome check_text(const char *dir, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "@", -1);
    g_autofree char *whole = g_strjoinv(dir, parts);
    g_autofree char *args = g_strdup_printf("check --config %s/h.conf", dir);

    check_write(dir, "h.conf", whole);
    return run(args);
}

static void a_correct_configuration_is_called_correct(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "in/x", "");
    check_write(dir, "out/x", "");
    g_auto(Outcome) outcome = check_text(
        dir, "workers = 2 folder a { path = \"@/in\" output = \"@/out\" profile = web }\n");

    assert_string_equal(outcome.err, "");
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.out, "h.conf is correct: 1 folder, "));
    check_rmdir(dir);
}

static void every_error_is_a_line_with_its_place(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    g_auto(Outcome) outcome =
        check_text(dir, "workers = x\nprofile \"p\" {\n sharpen { sigma = 22 }\n"
                        " save {} }\n");
    g_autofree char *expected = g_strdup_printf(
        "hotfolder: %s/h.conf:1: workers = x: not a number; give 1 to 256, or auto; default auto\n"
        "hotfolder: %s/h.conf:3: sigma = 22: too large; give 0.1 to 10 px; default 0.8\n",
        dir, dir);

    assert_string_equal(outcome.err, expected);
    assert_string_equal(outcome.out, "");
    assert_int_equal(outcome.status, 1);
    check_rmdir(dir);
}

static void directories_that_cannot_be_used_are_reported(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "in/failed", "a file where a directory has to be");
    g_auto(Outcome) outcome =
        check_text(dir, "folder a { path = \"@/away\" output = \"@\" profile = web }\n"
                        "folder b { path = \"@/in\" output = \"@/none\" profile = web }\n");

    assert_int_equal(outcome.status, 1);
    assert_non_null(strstr(outcome.err, "h.conf:1: folder \"a\": path '"));
    assert_non_null(strstr(outcome.err, "/away' does not exist; create it"));
    assert_non_null(strstr(outcome.err, "h.conf:2: folder \"b\": originals cannot move into '"));
    assert_non_null(strstr(outcome.err, "/none'"));
    check_rmdir(dir);
}

static void a_name_with_the_extension_of_what_is_not_written_is_warned_of(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "in/x", "");
    check_write(dir, "out/x", "");
    g_auto(Outcome) outcome =
        check_text(dir, "folder a { path = \"@/in\" output = \"@/out\" profile = p }\n"
                        "profile p {\n save { name = \"{stem}.bmp\" }\n"
                        " save { name = \"{stem}.{ext}\" }\n save { name = \"{name}.v2\" } }\n");
    g_autofree char *expected = g_strdup_printf(
        "hotfolder: %s/h.conf:3: name: warning: hotfolder does not write BMP files: the extension "
        "of what it writes is added, as in x.bmp.jpg; end the name in .jpg, .png, .webp, .tif or "
        ".avif\n",
        dir);

    assert_string_equal(outcome.err, expected);
    assert_int_equal(outcome.status, 0);
    check_rmdir(dir);
}

static void a_path_that_is_a_file_is_one_error(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "file", "");
    check_write(dir, "out/x", "");
    g_auto(Outcome) outcome =
        check_text(dir, "folder a { path = \"@/file\" output = \"@/out\" profile = web }\n");
    g_autofree char *expected =
        g_strdup_printf("hotfolder: %s/h.conf:1: folder \"a\": path '%s/file' is not a directory; "
                        "name a directory\nhotfolder: the configuration is correct, but not every "
                        "folder can be used\n",
                        dir, dir);

    assert_int_equal(outcome.status, 1);
    assert_string_equal(outcome.err, expected);
    check_rmdir(dir);
}

static void settings_are_explained_from_their_tables(void **state)
{
    g_auto(Outcome) outcome = run("check --settings");

    (void) state;
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.out, "  reconcile     time between"));
    assert_non_null(strstr(outcome.out, "1s to 1d; default 5min\n"));
    assert_non_null(strstr(outcome.out, "0 or more; default 16MB\n"));
}

static void actions_are_listed_and_explained(void **state)
{
    g_auto(Outcome) list = run("actions");
    g_auto(Outcome) scale = run("actions scale");
    g_auto(Outcome) names = run("actions --names");
    g_auto(Outcome) wrong = run("actions scael");
    g_auto(Outcome) other = run("actions Resize");
    g_auto(Outcome) american = run("actions gray");
    g_auto(Outcome) json = run("actions --json cover");
    g_auto(Outcome) branch = run("actions branch");

    (void) state;
    assert_int_equal(list.status, 0);
    assert_non_null(strstr(list.out, "Geometry\n"));
    assert_non_null(strstr(list.out, "\n  sharpen "));
    assert_int_equal(scale.status, 0);
    assert_true(g_str_has_prefix(scale.out, "scale - "));
    assert_non_null(strstr(scale.out, "\n  width "));
    assert_non_null(strstr(scale.out, "\nExample:\n    scale {"));
    assert_non_null(strstr(names.out, "\ncrop\nduotone\n"));
    assert_non_null(
        strstr(branch.out, "\nIt holds steps, also a branch, up to 4 in each other.\n"));
    assert_int_equal(wrong.status, 1);
    assert_string_equal(wrong.err, "hotfolder: scael: no such action; did you mean scale?\n");
    assert_int_equal(other.status, 0);
    assert_true(g_str_has_prefix(other.out, "Resize is called scale here.\n\nscale - "));
    assert_non_null(strstr(other.out, "\nOther programs call it: resize, "));
    assert_true(g_str_has_prefix(american.out, "grey - "));
    assert_non_null(strstr(json.out, "\"name\":\t\"fit\""));
    assert_non_null(strstr(json.out, "\"aliases\":\t[\"cover\", "));
    assert_non_null(strstr(json.out, "\"also\":\t[\"place\"]"));
    assert_non_null(strstr(json.out, "\"word\":\t\"bottom-right\""));
    assert_non_null(strstr(json.out, "\"word\":\t\"attention\""));
    assert_null(strstr(json.out, "is called"));
}

static void profiles_are_listed_with_their_places(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(
        dir, "h.conf",
        "workers = wrong\nprofile \"web\" {\n}\n# Mine alone.\n# For now.\nprofile mine {}\n");
    g_autofree char *args = g_strdup_printf("profiles --config %s/h.conf", dir);
    g_auto(Outcome) outcome = run(args);
    g_autofree char *names_args = g_strdup_printf("%s --names", args);
    g_auto(Outcome) names = run(names_args);
    g_autofree char *web = g_strdup_printf("\nweb                     %s/h.conf:2\n", dir);
    g_autofree char *mine =
        g_strdup_printf("\nmine                    Mine alone\n%24s%s/h.conf:6\n", "", dir);

    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.out, web));
    assert_non_null(strstr(outcome.out, mine));
    assert_non_null(strstr(outcome.out, "large, sharp pictures for paper\n"));
    assert_non_null(strstr(outcome.out, "/print.conf:6\n"));
    assert_non_null(strstr(names.out, "\nmine\nnewspaper\n"));
    assert_non_null(strstr(names.out, "\nthumbnail\nweb\n"));
    check_rmdir(dir);
}

static void help_shows_every_command_and_option(void **state)
{
    g_auto(Outcome) all = run("--help");
    g_auto(Outcome) of_run = run("run --help");

    (void) state;
    assert_int_equal(all.status, 0);
    assert_string_equal(all.err, "");
    assert_true(g_str_has_prefix(all.out, "Usage: hotfolder [OPTION]... COMMAND [ARGUMENT]...\n"));
    assert_non_null(strstr(all.out, "\n  run PROFILE FILE|DIR...  apply a profile"));
    assert_non_null(strstr(all.out, "\n      --runtime-dir DIR  where the daemon's"));
    assert_true(g_str_has_prefix(of_run.out, "Usage: hotfolder run [OPTION]... PROFILE"));
    assert_non_null(strstr(of_run.out, "\n  -j, --jobs N           how many"));
    assert_non_null(strstr(of_run.out, "\n  -h, --help             show this help and exit\n"));
    assert_non_null(strstr(of_run.out,
                           "\nExit status: 0 all pictures are done, or there was none, 1 "
                           "some pictures failed\nor the run was interrupted, 2 wrong "
                           "usage or configuration.\n"));
}

static Outcome dropin_for(const char *dir, const char *path, const char *output)
{
    g_autofree char *text =
        g_strdup_printf("folder a { path = \"%s\" output = \"%s\" profile = web }\n", path, output);
    g_autofree char *args = g_strdup_printf("systemd-dropin --config %s/h.conf", dir);

    check_write(dir, "h.conf", text);
    return run(args);
}

static void a_dropin_opens_the_folders_and_nothing_else(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    g_auto(Outcome) outcome = dropin_for(dir, "/srv/ann's \\\"50%\\\"", "/srv/back\\\\slash");
    assert_int_equal(outcome.status, 0);
    assert_string_equal(outcome.err, "hotfolder: '/srv/ann's \"50%\"' does not exist now; "
                                     "create it before you restart the service\n"
                                     "hotfolder: '/srv/back\\slash' does not exist now; create it "
                                     "before you restart the service\n");
    assert_non_null(strstr(outcome.out, "\n[Unit]\n"
                                        "RequiresMountsFor=\"/srv/ann's \\\"50%%\\\"\"\n"
                                        "RequiresMountsFor=\"/srv/back\\\\slash\"\n"));
    assert_non_null(strstr(outcome.out, "\nReadWritePaths=\"-/srv/ann's \\\"50%%\\\"\"\n"));
    assert_non_null(strstr(outcome.out, "\nReadWritePaths=\"-/srv/back\\\\slash\"\n"));
    assert_non_null(strstr(outcome.out, "h.conf:1: folder \"a\", path = "));
    assert_non_null(strstr(outcome.out, "# It does not exist now."));
    assert_null(strstr(outcome.out, "ProtectHome"));
    check_rmdir(dir);
}

static void a_dropin_brings_in_what_the_sandbox_hides(void **state)
{
    char *dir = check_mkdir(); /* in /tmp */

    (void) state;
    g_autofree char *inbox = g_build_filename(dir, "in", NULL);
    g_autofree char *bind = g_strdup_printf("\nBindPaths=\"-%s\"\n", inbox);
    check_write(dir, "in/x", "");
    g_auto(Outcome) outcome = dropin_for(dir, inbox, "/home/ann's/Photos");
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.out, "\nProtectHome=tmpfs\n"));
    assert_non_null(strstr(outcome.out, "\nBindPaths=\"-/home/ann's/Photos\"\n"));
    assert_non_null(strstr(outcome.out, bind));
    assert_null(strstr(outcome.out, "ReadWritePaths"));
    check_rmdir(dir);
}

static void a_dropin_lets_outputs_be_given_to_a_group(void **state)
{
    char *dir = check_mkdir();
    char buffer[1 << 14];
    struct group entry, *own = NULL;

    (void) state;
    assert_int_equal(getgrgid_r(getegid(), &entry, buffer, sizeof(buffer), &own), 0);
    assert_non_null(own);
    g_autofree char *text = g_strdup_printf(
        "folder a { path = \"/srv/in\" output = \"/srv/out\" profile = web group = '%s' }\n",
        own->gr_name);
    g_autofree char *args = g_strdup_printf("systemd-dropin --config %s/h.conf", dir);
    g_autofree char *member = g_strdup_printf("\nSupplementaryGroups=%u\n", own->gr_gid);
    check_write(dir, "h.conf", text);
    g_auto(Outcome) outcome = run(args);
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.out, "\nSystemCallFilter=fchown\n"));
    assert_non_null(strstr(outcome.out, member));
    assert_non_null(strstr(outcome.out, "exposure of 0.7.\n"));
    assert_null(strstr(outcome.out, "CAP_CHOWN"));
    check_rmdir(dir);
}

/* A picture of one pixel. */
static void put_logo(const char *path)
{
    static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
                              "M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
                              "gg==";
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode(png, &length);

    assert_true(g_file_set_contents(path, (const char *) bytes, (gssize) length, NULL));
}

static void a_dropin_brings_in_the_files_that_are_named_and_hidden(void **state)
{
    char *dir = check_mkdir(); /* in /tmp */
    g_autofree char *logo = g_strdup_printf("%s/our \xc3\xa9 logo.png", dir);
    g_autofree char *link = g_build_filename(dir, "link.png", NULL);
    g_autofree char *first = g_strdup_printf("\nBindReadOnlyPaths=\"-%s\"\n", logo);
    g_autofree char *second = g_strdup_printf("\nBindReadOnlyPaths=\"-%s\":\"%s\"\n", logo, link);
    g_autofree char *include = g_strdup_printf("\nBindReadOnlyPaths=\"-%s/more/x.conf\"\n", dir);
    g_autofree char *args = g_strdup_printf("systemd-dropin --config %s/h.conf", dir);
    g_autofree char *text =
        g_strdup_printf("include(\"more/*.conf\")\n"
                        "folder a { path = \"/srv/in\" output = \"/srv/out\" profile = web }\n"
                        "profile one { watermark { file = \"%s\" }\n save {} }\n"
                        "profile two { watermark { file = \"%s\" }\n save {} }\n"
                        "profile too { watermark { file = \"%s\" }\n save {} }\n",
                        logo, link, logo);

    (void) state;
    put_logo(logo);
    assert_int_equal(symlink(logo, link), 0);
    check_write(dir, "more/x.conf", "\n");
    check_write(dir, "h.conf", text);
    g_auto(Outcome) outcome = run(args);
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.out, first));
    assert_null(strstr(strstr(outcome.out, first) + 1, first)); /* once */
    assert_non_null(strstr(outcome.out, second));
    assert_non_null(strstr(outcome.out, include));
    assert_non_null(strstr(outcome.out, "h.conf:3 names "));
    assert_null(strstr(outcome.out, "/h.conf\"\n")); /* not the configuration itself */
    assert_null(strstr(outcome.out, "ProtectHome"));
    check_rmdir(dir);
}

static void a_dropin_for_what_units_cannot_name_is_refused(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    g_auto(Outcome) outcome = dropin_for(dir, "/srv/in", "/srv/two\\nlines");
    assert_int_equal(outcome.status, 1);
    assert_string_equal(outcome.out, "");
    assert_non_null(
        strstr(outcome.err, "h.conf:1: folder \"a\": systemd cannot name '/srv/two\\x0a"));
    check_rmdir(dir);
}

static void no_line_of_the_help_is_wider_than_a_terminal(void **state)
{
    static const char *const pages[] = { "actions",
                                         "actions save",
                                         "check --settings",
                                         "--help",
                                         "check --help",
                                         "actions --help",
                                         "run --help",
                                         "sheet --help",
                                         "try --help",
                                         "status --help",
                                         "profiles --help",
                                         "systemd-dropin --help",
                                         "reload --help",
                                         "values --help",
                                         "pause --help",
                                         "resume --help",
                                         "scan --help",
                                         "notify --help",
                                         "why --help",
                                         "undo --help",
                                         "add --help",
                                         "remove --help",
                                         "list --help",
                                         "metrics --help",
                                         "retry --help",
                                         "cancel --help",
                                         "reprocess --help",
                                         "doctor --help",
                                         "import --help",
                                         "import status --help",
                                         "import verify --help",
                                         "import forget --help",
                                         "import assignment --help" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_auto(Outcome) outcome = run(pages[i]);
        g_auto(GStrv) lines = g_strsplit(outcome.out, "\n", -1);

        assert_int_equal(outcome.status, 0);
        for (char **line = lines; *line; line++)
            if (g_utf8_strlen(*line, -1) > 80)
                fail_msg("%s: %s", pages[i], *line);
    }
}

static void wrong_usage_is_status_2(void **state)
{
    g_auto(Outcome) argument = run("check file");
    g_auto(Outcome) option = run("check --nonsense");
    g_auto(Outcome) two = run("actions scale fit");
    g_auto(Outcome) dropin = run("systemd-dropin hotfolder");
    g_auto(Outcome) instance = run("--instance a/b status");
    g_auto(Outcome) names = run("actions --names scale");
    g_auto(Outcome) command = run("statuz");

    (void) state;
    assert_int_equal(argument.status, 2);
    assert_int_equal(option.status, 2);
    assert_int_equal(two.status, 2);
    assert_int_equal(dropin.status, 2);
    assert_int_equal(instance.status, 2);
    assert_int_equal(names.status, 2);
    assert_int_equal(command.status, 2);
    assert_string_equal(option.out, "");
    assert_string_equal(option.err, "hotfolder: unrecognized option '--nonsense'\n"
                                    "hotfolder: try 'hotfolder check --help'\n");
    assert_non_null(strstr(command.err, "'statuz' (did you mean 'status'?); try '"));
}

static void every_line_about_an_error_begins_with_the_name_of_the_program(void **state)
{
    static const char *const wrong[] = { "--nonsense",
                                         "statuz",
                                         "run",
                                         "run web",
                                         "run --jobs none web x",
                                         "run nonsense x",
                                         "run --config /none web x",
                                         "run web /nonsense",
                                         "run --output /dev/null web x",
                                         "run --output",
                                         "check --config /none",
                                         "check file",
                                         "actions scael",
                                         "actions a b",
                                         "profiles --config /none",
                                         "profiles x",
                                         "status --runtime-dir /none",
                                         "status -i a/b",
                                         "reload --runtime-dir /none",
                                         "metrics --runtime-dir /none --output /none/a.prom",
                                         "systemd-dropin --config /none" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Outcome) outcome = run(wrong[i]);
        g_auto(GStrv) lines = g_strsplit(g_strchomp(outcome.err), "\n", -1);

        assert_int_not_equal(outcome.status, 0);
        assert_true(g_strv_length(lines) > 0);
        for (char **line = lines; *line; line++)
            if (!g_str_has_prefix(*line, "hotfolder: ") &&
                !g_str_has_prefix(*line, "the workers' sandbox lacks ")) /* this build's does */
                fail_msg("%s: %s", wrong[i], *line);
    }
}

static void programs_get_actions_and_profiles_as_json(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "h.conf", "profile mine {}\n");
    g_autofree char *args = g_strdup_printf("profiles --json --config %s/h.conf", dir);
    g_auto(Outcome) profiles = run(args);
    g_autofree char *mine = g_strdup_printf(
        "\"name\":\t\"mine\",\n\t\t\t\"purpose\":\t\"\",\n\t\t\t\"file\":\t\"%s/h.conf\",\n"
        "\t\t\t\"line\":\t1\n",
        dir);
    g_auto(Outcome) all = run("actions --json");
    g_auto(Outcome) one = run("actions --json scale");
    g_auto(Outcome) branch = run("actions --json branch");
    g_auto(Outcome) none = run("actions --json scael");

    assert_int_equal(profiles.status, 0);
    assert_true(g_str_has_prefix(profiles.out, "{\n\t\"profiles\":\t[{\n"));
    assert_non_null(strstr(profiles.out, mine));
    assert_int_equal(all.status, 0);
    assert_non_null(strstr(all.out, "\"name\":\t\"crop\""));
    assert_non_null(strstr(all.out, "\"word\":\t\"avif\""));
    assert_non_null(strstr(all.out, "\"formula\":\ttrue"));
    assert_non_null(strstr(all.out, "\"formula\":\tfalse"));
    assert_int_equal(one.status, 0);
    assert_null(strstr(one.out, "\"name\":\t\"crop\""));
    assert_null(strstr(one.out, "holds_steps"));
    assert_non_null(strstr(branch.out, "\"holds_steps\":\ttrue"));
    assert_non_null(strstr(one.out, "\"group\":\t\"geometry\""));
    assert_non_null(strstr(one.out, "\"name\":\t\"width\""));
    assert_int_equal(none.status, 1);
    assert_string_equal(none.out, "");
    check_rmdir(dir);
}

static void programs_get_what_a_check_finds_as_json(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *args = g_strdup_printf("check --json --config %s/h.conf", dir);
    g_autofree char *text = g_strdup_printf(
        "workers = 2\nfolder a { path = \"%s/in\" output = \"%s\" profile = web }\n", dir, dir);

    (void) state;
    check_write(dir, "h.conf", text);
    g_auto(Outcome) missing = run(args);
    g_autofree char *what = g_strdup_printf(
        "\"where\":\t\"%s/h.conf:2\",\n\t\t\t\"folder\":\t\"a\",\n"
        "\t\t\t\"what\":\t\"path '%s/in' does not exist\",\n\t\t\t\"fix\":\t\"create",
        dir, dir);
    assert_int_equal(missing.status, 1);
    assert_string_equal(missing.err, "");
    assert_non_null(strstr(missing.out, what));
    assert_non_null(strstr(missing.out, "\"ok\":\tfalse,\n\t\"folders\":\t1,\n"));
    check_write(dir, "in/x", "");
    g_auto(Outcome) right = run(args);
    assert_int_equal(right.status, 0);
    assert_non_null(strstr(right.out, "\"ok\":\ttrue,\n"));
    assert_non_null(strstr(right.out, "\"workers\":\t2,\n\t\"errors\":\t[],\n"));
    check_write(dir, "h.conf", "workers = x\n");
    g_auto(Outcome) wrong = run(args);
    assert_int_equal(wrong.status, 1);
    assert_string_equal(wrong.err, "");
    assert_non_null(strstr(wrong.out, "\"ok\":\tfalse,\n\t\"errors\":\t[{\n"));
    assert_non_null(strstr(wrong.out, "\"what\":\t\"workers = x: not a number\""));
    check_rmdir(dir);
}

static void options_of_the_program_stand_before_or_after_the_command(void **state)
{
    g_auto(Outcome) before = run("--runtime-dir /nowhere status");
    g_auto(Outcome) after = run("status --runtime-dir /nowhere");
    g_auto(Outcome) instance = run("status --json --instance weddings");
    g_auto(Outcome) both = run("--runtime-dir /nowhere status -i weddings");
    g_auto(Outcome) wrong = run("status --instance a/b");
    g_auto(Outcome) dropin = run("systemd-dropin --instance none");
    g_auto(Outcome) help = run("reload --help");

    (void) state;
    assert_int_equal(before.status, 1);
    assert_non_null(strstr(before.err, "'/nowhere/control.sock': the socket does not exist; start "
                                       "it (systemctl start hotfolder), or "));
    assert_int_equal(after.status, 1);
    assert_string_equal(after.err, before.err);
    assert_int_equal(instance.status, 1);
    assert_non_null(strstr(instance.err, "/hotfolder@weddings/control.sock'"));
    assert_non_null(strstr(instance.err, "(systemctl start hotfolder@weddings)"));
    assert_non_null(strstr(both.err, "'/nowhere/control.sock'"));
    assert_int_equal(wrong.status, 2);
    assert_non_null(strstr(wrong.err, "'a/b' is not an instance"));
    assert_int_equal(dropin.status, 1);
    assert_non_null(strstr(dropin.err, "/none.conf'"));
    assert_true(g_str_has_prefix(help.out, "Usage: hotfolder reload [OPTION]...\n"));
    assert_non_null(strstr(help.out, "\n      --runtime-dir DIR  where the daemon's"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_correct_configuration_is_called_correct),
        cmocka_unit_test(every_error_is_a_line_with_its_place),
        cmocka_unit_test(directories_that_cannot_be_used_are_reported),
        cmocka_unit_test(a_name_with_the_extension_of_what_is_not_written_is_warned_of),
        cmocka_unit_test(a_path_that_is_a_file_is_one_error),
        cmocka_unit_test(settings_are_explained_from_their_tables),
        cmocka_unit_test(actions_are_listed_and_explained),
        cmocka_unit_test(profiles_are_listed_with_their_places),
        cmocka_unit_test(help_shows_every_command_and_option),
        cmocka_unit_test(a_dropin_opens_the_folders_and_nothing_else),
        cmocka_unit_test(a_dropin_brings_in_what_the_sandbox_hides),
        cmocka_unit_test(a_dropin_brings_in_the_files_that_are_named_and_hidden),
        cmocka_unit_test(a_dropin_lets_outputs_be_given_to_a_group),
        cmocka_unit_test(a_dropin_for_what_units_cannot_name_is_refused),
        cmocka_unit_test(no_line_of_the_help_is_wider_than_a_terminal),
        cmocka_unit_test(wrong_usage_is_status_2),
        cmocka_unit_test(every_line_about_an_error_begins_with_the_name_of_the_program),
        cmocka_unit_test(programs_get_actions_and_profiles_as_json),
        cmocka_unit_test(programs_get_what_a_check_finds_as_json),
        cmocka_unit_test(options_of_the_program_stand_before_or_after_the_command),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
