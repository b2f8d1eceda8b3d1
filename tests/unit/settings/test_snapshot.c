/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration as the daemon uses it. Profiles are checked by the real worker. */
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "daemon/settings/feedback.h"
#include "daemon/settings/load.h"
#include "daemon/settings/profiles.h"
#include "daemon/settings/snapshot.h"
#include "daemon/settings/tables.h"
#include "tests/unit/settings/bench.h"

static int spawn_fails; /* with this errno; 0: it does not */

/* The linker has a worker started here. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *files,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *files,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[]);

int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *files,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
    return spawn_fails ? spawn_fails : __real_posix_spawn(pid, path, files, attributes, argv, env);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static void the_example_of_the_manual_is_right(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        "# hotfolder.conf\n"
        "workers = auto                        # or a number; default: one for each core\n"
        "\n"
        "defaults {                            # inherited by every folder; a folder may override "
        "each\n"
        "    originals = \"done\"                # keep | done (moved to done/ in the folder) | "
        "trash\n"
        "    retry     { attempts = 5  first = 2s  max = 10min }\n"
        "}\n"
        "folder \"inbox\" {\n"
        "    path    = \"@/srv/photos/inbox\"     # recursive = yes/no, ignore += {...}, quiet = "
        "2s, ... may follow\n"
        "    output  = \"@/srv/photos/finished\"\n"
        "    profile = \"web\"\n"
        "}\n"
        "profile \"web\" {                       # steps run in the order written; `save` may "
        "come more than once\n"
        "    upright {}\n"
        "    scale { width = 2048  height = 2048 }\n"
        "    save  { name = \"{dir}/{stem}.jpg\"  quality = 85 }\n"
        "    fit   { width = 400  height = 400 }\n"
        "    save  { name = \"{dir}/thumbs/{stem}.jpg\"  quality = 75 }\n"
        "}\n"
        "include(\"conf.d/*.conf\")              # our own: a glob, relative to this file, sorted; "
        "no match is no error\n",
        "");
    const Folder *folder = settings_find_folder(bench->settings, "inbox");
    g_autofree char *path = g_build_filename(bench->dir, "srv/photos/inbox", NULL);

    assert_non_null(folder);
    assert_string_equal(folder->path, path);
    assert_string_equal(folder->profile->name, "web");
    assert_int_equal(folder->profile->line, 13);
    assert_true(folder->recursive);
    assert_int_equal(folder->originals, ORIGINALS_DONE);
    assert_int_equal(folder->retry.max_ms, 600000);
    assert_int_equal(folder->quiet_ms, 2000);
    assert_int_equal(folder->incomplete_ms, 15000);
    assert_int_equal(folder->deadline_ms, 120000);
    assert_null(folder->ignore[0]);
    assert_int_equal(folder->line, 8);
    assert_true(bench->settings->workers >= 1);
    assert_int_equal(bench->settings->reconcile_ms, 300000);
    assert_int_equal(bench->settings->stop_ms, 30000);
}

static void a_folder_inherits_and_overrides_setting_by_setting(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        FOLDER("a", "retry { first = 5s } ignore += { \"*.b\" } quiet = 0")
            FOLDER("b", "originals = keep ignore = {}") FOLDER(
                "c",
                "ignore = \"*.c\"") "defaults { originals = trash quiet = 7s ignore = { \"*.a\" } "
                                    "retry { attempts = 2 first = 1s } }\n",
        "");
    const Folder *a = settings_find_folder(bench->settings, "a");
    const Folder *b = settings_find_folder(bench->settings, "b");
    const Folder *c = settings_find_folder(bench->settings, "c");

    assert_int_equal(a->originals, ORIGINALS_TRASH);
    assert_int_equal(b->originals, ORIGINALS_KEEP);
    assert_int_equal(a->quiet_ms, 0);
    assert_int_equal(b->quiet_ms, 7000);
    assert_int_equal(a->retry.attempts, 2);
    assert_int_equal(a->retry.first_ms, 5000);
    assert_int_equal(b->retry.first_ms, 1000);
    assert_int_equal(a->retry.max_ms, 600000);
    assert_string_equal(a->ignore[0], "*.a"); /* += adds to what defaults says */
    assert_string_equal(a->ignore[1], "*.b");
    assert_null(b->ignore[0]);
    assert_string_equal(c->ignore[0], "*.c");
    assert_null(c->ignore[1]);
}

static void an_order_and_a_priority_are_oldest_and_5_where_nothing_else_is_said(void **state)
{
    Bench *bench = *state;

    assert_reported(bench,
                    FOLDER("a", "order = newest priority = 9") FOLDER("b", "order = name")
                        FOLDER("c", "") "defaults { priority = 0 }\n",
                    "");
    const Folder *a = settings_find_folder(bench->settings, "a");
    const Folder *b = settings_find_folder(bench->settings, "b");
    const Folder *c = settings_find_folder(bench->settings, "c");

    assert_int_equal(a->order, ORDER_NEWEST);
    assert_int_equal(a->priority, 9);
    assert_int_equal(b->order, ORDER_NAME);
    assert_int_equal(b->priority, 0);
    assert_int_equal(c->order, ORDER_OLDEST);
    assert_string_equal(order_word(ORDER_OLDEST), "oldest");
    assert_string_equal(order_word(b->order), "name");
    assert_reported(bench, FOLDER("a", "order = random priority = 10") FOLDER("b", ""),
                    "@/main.conf:1: order = random: no such choice; give oldest, newest, "
                    "name; default oldest\n"
                    "@/main.conf:1: priority = 10: too large; give 0 to 9; default 5\n");
}

static void a_wrong_default_is_reported_once_however_many_inherit_it(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        "defaults { quiet = 2 retry { first = 2s max = 1s }\nprofile = \"wbe\" }\n"
        "folder a { path = \"@/a\" output = \"@/o\" }\nfolder b { path = \"@/b\" output = \"@/o\" "
        "profile = \"web\" }\n",
        "@/main.conf:1: quiet = 2: needs a unit; give 0 to 1h; default 2s\n"
        "@/main.conf:1: the longest wait (max) is shorter than the first one; "
        "give max at least as long as first\n"
        "@/main.conf:2: profile = wbe: no such profile; did you mean web?\n");
}

static void every_error_of_every_file_is_reported_in_order(void **state)
{
    Bench *bench = *state;

    put(bench, "conf.d/20.conf",
        "\nworkers = 3\nfolder \"x\" { path = \"@/x\" output = \"@/o\" }\n");
    put(bench, "conf.d/10.conf", "profile \"mine\" {\n scale { widht = 100 }\n save {}\n}\n");
    assert_reported(
        bench,
        "workers = 999\n"
        "include(\"conf.d/*.conf\")\n"
        "folder \"inbox\" {\n"
        "  path = photos/in\n"
        "  output = \"@/out\"\n"
        "  profile = \"wbe\"\n"
        "  ignore = { \"a/b\" }\n"
        "}\n",
        "@/main.conf:1: workers = 999: too large; give 1 to 256, or auto; default auto\n"
        "@/main.conf:4: path = photos/in: not an absolute path; "
        "give the whole path of a directory, from /\n"
        "@/main.conf:6: profile = wbe: no such profile; did you mean web?\n"
        "@/main.conf:7: ignore = a/b: a pattern is compared with names, not with paths; "
        "give the pattern of a name, without /\n"
        "@/conf.d/10.conf:2: widht: no such setting in scale; did you mean width?\n"
        "@/conf.d/20.conf:2: workers is set twice, first at @/main.conf:1; keep one of them\n"
        "@/conf.d/20.conf:3: folder \"x\" needs profile; write profile = ...: "
        "the name of the profile that is applied to each picture (text in quotes)\n");
}

static void includes_are_sorted_relative_and_nested(void **state)
{
    Bench *bench = *state;

    put(bench, "d/2.conf", FOLDER("two", ""));
    put(bench, "d/10.conf", FOLDER("ten", "") "include(\"e/*.conf\") include(\"none/*.conf\")\n");
    put(bench, "d/e/x.conf", FOLDER("deep", ""));
    put(bench, "d/.hidden.conf", FOLDER("hidden", ""));
    assert_reported(bench, FOLDER("first", "") "include('d/*.conf')\n" FOLDER("last", ""), "");
    static const char *const order[] = { "first", "ten", "deep", "two", "last" };

    assert_int_equal(bench->settings->folders->len, G_N_ELEMENTS(order));
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        assert_string_equal(((Folder *) bench->settings->folders->pdata[i])->name, order[i]);
}

static void a_file_that_includes_itself_is_refused(void **state)
{
    Bench *bench = *state;

    put(bench, "b.conf", "\ninclude(\"main.conf\")\n");
    assert_reported(bench, "include(\"b.conf\")\n",
                    "@/b.conf:2: @/main.conf includes itself; remove this include\n");
}

static void an_include_of_one_file_that_is_missing_is_an_error(void **state)
{
    Bench *bench = *state;
    static const char fix[] = "there is no such file; correct the name, create the file, or remove "
                              "the line; a pattern such as \"conf.d/*.conf\" may match nothing\n";
    g_autofree char *expected = g_strdup_printf("@/main.conf:1: include(\"none.conf\"): %s"
                                                "@/main.conf:2: include(\"none/x.conf\"): %s",
                                                fix, fix);

    assert_reported(bench, "include(\"none.conf\")\ninclude(\"none/x.conf\")\n", expected);
    assert_reported(bench, "include(\"none/[x].conf\")\n", "");
}

/* As in a home that a sandbox closes. */
static void an_include_that_cannot_be_looked_for_is_an_error(void **state)
{
    Bench *bench = *state;
    g_autofree char *loop = g_build_filename(bench->dir, "loop", NULL);

    assert_int_equal(symlink("loop", loop), 0);
    assert_reported(
        bench, "include(\"loop/x.conf\")\n",
        "@/main.conf:1: include(\"loop/x.conf\"): Too many levels of symbolic links; make "
        "it readable, or remove the line\n");
}

static void includes_end_at_a_depth(void **state)
{
    Bench *bench = *state;

    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("%d.conf", i);
        g_autofree char *text = g_strdup_printf("include(\"%d.conf\")", i + 1);
        put(bench, name, text);
    }
    assert_reported(
        bench, "include(\"0.conf\")\n",
        "@/14.conf:1: @/15.conf: included too deeply (16 files); include it from a higher file\n");
}

static void a_missing_or_binary_configuration_is_reported_and_not_read(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "main.conf", NULL);

    load_with(bench, NULL);
    assert_string_equal(bench->messages, "cannot read '@/main.conf': No such file or directory; "
                                         "write it (`man hotfolder.conf`), or name another file "
                                         "with --config\n");
    assert_true(g_file_set_contents(path, "w\0", 2, NULL));
    load_with(bench, NULL);
    assert_string_equal(bench->messages,
                        "'@/main.conf' is not a text file; save it as plain text, in UTF-8\n");
}

static void an_empty_configuration_is_a_right_one(void **state)
{
    assert_reported(*state, "", "");
}

static void operators_are_a_group_that_exists(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, "", "");
    assert_true(bench->settings->operators == SETTINGS_NO_GROUP);
    assert_reported(bench, "# hotfolder.conf\noperators = \"root\"\n", "");
    assert_int_equal(bench->settings->operators, 0);
    assert_reported(bench, "# hotfolder.conf\noperators = \"no-such-group\"\n",
                    "@/main.conf:2: operators = no-such-group: no such group; give a name that "
                    "`getent group` lists\n");
}

static void every_setting_says_what_it_does(void **state)
{
    const Param *const tables[] = { top_settings, folder_settings, retry_settings };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Param *p = tables[i]; p->type != PARAM_END; p++)
            if (!p->help || !*p->help || g_str_has_suffix(p->help, "."))
                fail_msg("%s: one line of help, no full stop", p->name);
}

/* ---- profiles ---- */

static void a_shipped_profile_is_found_and_the_users_one_wins(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, FOLDER("a", ""), "");
    uint64_t shipped = settings_find_profile(bench->settings, "web")->hash;

    assert_non_null(settings_find_profile(bench->settings, "thumbnail"));
    assert_non_null(strstr(bench->settings->profiles_text, "profile \"web\""));
    assert_null(
        strstr(bench->settings->profiles_text, "profile \"print\"")); /* no folder uses it */

    assert_reported(bench, FOLDER("a", "") "profile \"web\" { save {} }\n", "");
    assert_int_equal(settings_find_profile(bench->settings, "web")->line, 2);
    assert_true(settings_find_profile(bench->settings, "web")->hash != shipped);
}

static void the_hash_of_a_profile_changes_with_what_it_says_and_not_with_its_looks(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, "profile \"p\" { scale { width = 5 } save { name = \"a  b\" } }\n", "");
    uint64_t hash = settings_find_profile(bench->settings, "p")->hash;

    assert_reported(
        bench, "\nprofile \"p\" { # small\n scale { width = 5 }\n\n  save { name = \"a  b\" } }\n",
        "");
    assert_true(settings_find_profile(bench->settings, "p")->hash == hash);
    assert_reported(bench, "profile \"p\" { scale { width = 5 } save { name = \"a b\" } }\n", "");
    assert_true(settings_find_profile(bench->settings, "p")->hash != hash);
}

static void a_profile_that_no_folder_uses_yet_is_checked_too(void **state)
{
    assert_reported(*state, "profile \"p\" {\n scale { width = 0 }\n}\n",
                    "@/main.conf:1: profile \"p\" saves nothing; "
                    "end it with save { name = \"{dir}/{stem}.jpg\" }\n"
                    "@/main.conf:2: width = 0: too small; give 1 to 100000 px, mm, cm, in or % of "
                    "the width, or auto; default auto\n");
}

static void a_profile_that_was_written_wrongly_is_not_called_unknown(void **state)
{
    assert_reported(*state,
                    "folder \"a\" { path = \"@/a\" output = \"@/out\" profile = \"mine\" }\n"
                    "profile \"mine\" {\n save {}\n",
                    "@/main.conf:2: the section profile that opens here is never closed; "
                    "close it with }\n");
}

static void check_with_script(Bench *bench, const char *script, const char *expected)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Settings) settings = settings_new("main.conf");
    g_autofree char *worker = g_build_filename(bench->dir, "worker", NULL);
    g_autofree char *messages = NULL;

    put(bench, "worker", script);
    assert_int_equal(chmod(worker, 0700), 0);
    assert_false(profiles_check(worker, NULL, "profile", 500, settings, errors));
    messages = error_lines(bench, errors);
    assert_string_equal(messages, expected);
}

static void a_worker_that_cannot_be_asked_is_an_error(void **state)
{
    Bench *bench = *state;
    static const char fix[] = "; install hotfolder again, or report this\n";
    g_autofree char *dead = g_strconcat(
        "cannot check the profiles with @/worker: it was killed by signal 9 (Killed)", fix, NULL);
    g_autofree char *status = g_strconcat("cannot check the profiles with @/worker: it ended with "
                                          "status 3",
                                          fix, NULL);
    g_autofree char *late =
        g_strconcat("cannot check the profiles with @/worker: it did not answer "
                    "in time; try again when this machine has less to do, or report this\n",
                    NULL);
    g_autofree char *odd =
        g_strconcat("cannot check the profiles with @/worker: its answer is not valid", fix, NULL);

    check_with_script(bench, "#!/bin/sh\nkill -9 $$\n", dead);
    check_with_script(bench, "#!/bin/sh\nexit 3\n", status);
    check_with_script(bench, "#!/bin/sh\nexec sleep 60\n", late);
    check_with_script(bench, "#!/bin/sh\nexec 1>&-\nexec sleep 60\n",
                      dead); /* it has answered, but does not end */
    check_with_script(bench, "#!/bin/sh\necho hello\nexit 1\n", odd);
    check_with_script(bench, "#!/bin/sh\ncat >/dev/null\nprintf 'f:1\\037w\\037\\n'\nexit 1\n",
                      "f:1: w\n");
}

/* What a checker does: its answer, and what goes wrong at its start or its end. */
typedef struct Play {
    const char *answer;
    bool starts;
    const char *fix; /* of what goes wrong; may be NULL */
} Play;

static bool play_start(void *user, const char *document, bool fonts, int answer, Error **err)
{
    const Play *play = user;

    assert_string_equal(document, "profile");
    assert_false(fonts);
    if (!play->starts)
        return error_set(err, ERROR_ENVIRONMENT, play->fix, "cannot run it");
    assert_int_equal(write(answer, play->answer, strlen(play->answer)), strlen(play->answer));
    return true;
}

static bool play_end(void *user, Error **err)
{
    const Play *play = user;

    return error_set(err, ERROR_ENVIRONMENT, play->fix, "it has ended");
}

static void a_worker_that_goes_on_after_its_check_says_what_to_do(void **state)
{
    static const struct {
        Play play;
        const char *expected;
    } cases[] = {
        { { "", false, "raise TasksMax=" },
          "cannot check the profiles with worker: cannot run it; raise TasksMax=\n" },
        { { "", true, "raise MemoryMax=" },
          "cannot check the profiles with worker: it has ended; raise MemoryMax=\n" },
        { { "", true, NULL },
          "cannot check the profiles with worker: it has ended; "
          "install hotfolder again, or report this\n" },
        { { "f:1\037width = 0\037give 1\n", true, NULL }, "f:1: width = 0; give 1\n" },
        { { "hello\n", true, NULL },
          "cannot check the profiles with worker: its answer is not valid; "
          "install hotfolder again, or report this\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
        g_autoptr(Settings) settings = settings_new("main.conf");
        Play play = cases[i].play;
        const ProfileChecker checker = { &play, play_start, play_end };
        assert_false(profiles_check("worker", &checker, "profile", 60000, settings, errors));
        g_autofree char *messages = error_lines(*state, errors);
        assert_string_equal(messages, cases[i].expected);
    }
}

static void a_missing_worker_is_an_error(void **state)
{
    Bench *bench = *state;

    put(bench, "main.conf", FOLDER("a", ""));
    load_with(bench, "/nowhere/worker");
    assert_string_equal(bench->messages,
                        "cannot check the profiles with /nowhere/worker: No such file "
                        "or directory; install hotfolder again, or report this\n");
}

static void a_worker_that_cannot_start_says_which_limit_to_raise(void **state)
{
    static const struct {
        int code;
        const char *fix;
    } wants[] = {
        { EAGAIN, "raise the limit of tasks (TasksMax=, ulimit -u)\n" },
        { ENOMEM, "end other programs, or raise the limit of memory (MemoryMax=)\n" },
        { EMFILE, "raise the limit of open files (LimitNOFILE=, ulimit -n)\n" },
        { ENOENT, "install hotfolder again, or report this\n" },
    };
    Bench *bench = *state;

    put(bench, "main.conf", FOLDER("a", ""));
    for (size_t i = 0; i < G_N_ELEMENTS(wants); i++) {
        g_autofree char *expected =
            g_strdup_printf("cannot check the profiles with /nowhere/worker: %s; %s",
                            g_strerror(wants[i].code), wants[i].fix);
        spawn_fails = wants[i].code;
        load_with(bench, "/nowhere/worker");
        spawn_fails = 0;
        assert_string_equal(bench->messages, expected);
    }
}

/* ---- batches ---- */

static Settings *load_batch(Bench *bench, const char *file, const char *profile)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *path = file ? g_build_filename(bench->dir, file, NULL) : NULL;
    Settings *settings = settings_load_batch(path, NULL, profile, "/in", "/out", errors);

    g_free(bench->messages);
    bench->messages = error_lines(bench, errors);
    return settings;
}

static void a_batch_needs_no_configuration(void **state)
{
    Bench *bench = *state;
    g_autoptr(Settings) settings = load_batch(bench, NULL, "web");

    assert_string_equal(bench->messages, "");
    assert_int_equal(settings->folders->len, 1);
    const Folder *folder = settings->folders->pdata[0];
    assert_string_equal(folder->path, "/in");
    assert_string_equal(folder->output, "/out");
    assert_string_equal(folder->profile->name, "web");
    assert_int_equal(folder->originals, ORIGINALS_UNTOUCHED);
}

static void a_snapshot_has_the_programs_of_the_configuration(void **state)
{
    Bench *bench = *state;

    put(bench, "main.conf",
        "program \"some\" { run = { \"/bin/true\", \"-o{out}\", \"{in}\" }  takes = tiff\n"
        " gives = webp  deadline = 1min  grows = 2.5  alpha = yes }\n"
        "program \"other\" { run = { \"/bin/true\", \"{in}\" } }\n"
        "profile \"p\" { program { use = some } program { use = other } save {} }\n");
    load_with(bench, NULL);
    assert_string_equal(bench->messages, "");
    assert_int_equal(bench->settings->programs->len, 2);
    const Program *some = settings_find_program(bench->settings, "some");
    assert_string_equal(some->run[1], "-o{out}");
    assert_int_equal(some->takes, FORMAT_TIFF);
    assert_int_equal(some->gives, FORMAT_WEBP);
    assert_int_equal(some->deadline_ms, 60000);
    assert_true(some->grows == 2.5 && some->alpha);
    const Program *other = settings_find_program(bench->settings, "other");
    assert_int_equal(other->takes, FORMAT_PNG);
    assert_int_equal(other->gives, FORMAT_PNG);
    assert_true(other->grows == 1 && !other->alpha && other->deadline_ms == 30000);
    assert_null(settings_find_program(bench->settings, "none"));
}

static void a_batch_takes_profiles_and_no_folders_from_a_configuration(void **state)
{
    Bench *bench = *state;

    put(bench, "main.conf",
        "folder \"a\" { path = wrong }\nprofile \"mine\" { save {} }\n"
        "profile \"broken\" { scale {} }\n");
    g_autoptr(Settings) settings = load_batch(bench, "main.conf", "mine");

    assert_string_equal(bench->messages, "");
    assert_int_equal(settings->folders->len, 1);
    assert_null(strstr(settings->profiles_text, "broken"));
    g_autoptr(Settings) none = load_batch(bench, "main.conf", "mien");
    assert_null(none);
    assert_string_equal(bench->messages, "mien: no such profile; did you mean mine?\n");
}

static void a_snapshot_lives_as_long_as_someone_holds_it(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, FOLDER("a", ""), "");
    Settings *held = settings_ref(bench->settings);
    g_clear_pointer(&bench->settings, settings_unref);
    assert_non_null(settings_find_folder(held, "a"));
    assert_null(settings_find_folder(held, "b"));
    settings_unref(held);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_example_of_the_manual_is_right),
        TEST(a_folder_inherits_and_overrides_setting_by_setting),
        TEST(an_order_and_a_priority_are_oldest_and_5_where_nothing_else_is_said),
        TEST(a_wrong_default_is_reported_once_however_many_inherit_it),
        TEST(every_error_of_every_file_is_reported_in_order),
        TEST(includes_are_sorted_relative_and_nested),
        TEST(a_file_that_includes_itself_is_refused),
        TEST(an_include_of_one_file_that_is_missing_is_an_error),
        TEST(an_include_that_cannot_be_looked_for_is_an_error),
        TEST(includes_end_at_a_depth),
        TEST(a_missing_or_binary_configuration_is_reported_and_not_read),
        TEST(an_empty_configuration_is_a_right_one),
        TEST(operators_are_a_group_that_exists),
        TEST(every_setting_says_what_it_does),
        TEST(a_shipped_profile_is_found_and_the_users_one_wins),
        TEST(the_hash_of_a_profile_changes_with_what_it_says_and_not_with_its_looks),
        TEST(a_profile_that_no_folder_uses_yet_is_checked_too),
        TEST(a_profile_that_was_written_wrongly_is_not_called_unknown),
        TEST(a_worker_that_cannot_be_asked_is_an_error),
        TEST(a_worker_that_goes_on_after_its_check_says_what_to_do),
        TEST(a_missing_worker_is_an_error),
        TEST(a_worker_that_cannot_start_says_which_limit_to_raise),
        TEST(a_batch_needs_no_configuration),
        TEST(a_snapshot_has_the_programs_of_the_configuration),
        TEST(a_batch_takes_profiles_and_no_folders_from_a_configuration),
        TEST(a_snapshot_lives_as_long_as_someone_holds_it),
    };

    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
