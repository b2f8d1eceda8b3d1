/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders that would feed on themselves, and chains of them that may. */
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/settings/feedback.h"
#include "daemon/settings/load.h"
#include "tests/unit/settings/bench.h"

static void an_output_inside_a_watched_folder_is_refused(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        "folder a { path = \"@/a\" output = \"@/b/x/y\" profile = web }\n"
        "folder b { path = \"@/b\"\n output = \"@/b\" profile = web }\n"
        "folder c { path = \"@/c\"\n output = \"@/c/out\" profile = web }\n",
        "@/main.conf:1: output = @/b/x/y: a loop, because folder \"b\" (@/main.conf:2) "
        "watches @/b; "
        "choose a directory outside of all watched ones, or set chain = yes in that folder "
        "to let it take them\n"
        "@/main.conf:3: output = @/b: the same directory as path; "
        "give finished pictures a directory of their own\n"
        "@/main.conf:5: output = @/c/out: a loop, because folder \"c\" (@/main.conf:4) "
        "watches @/c; "
        "choose a directory outside of all watched ones\n");
}

static void a_chain_of_folders_is_allowed_where_it_is_wanted(void **state)
{
    Bench *bench = *state;

    assert_reported(bench,
                    "folder a { path = \"@/a\" output = \"@/b/from a\" profile = web }\n"
                    "folder b { path = \"@/b\" output = \"@/c\" profile = web chain = yes }\n"
                    "folder c { path = \"@/c\" output = \"@/d\" profile = web chain = yes }\n",
                    "");
}

static void a_circle_of_folders_is_refused(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        "defaults { chain = yes }\n"
        "folder a { path = \"@/a\" output = \"@/b\" profile = web }\n"
        "folder b { path = \"@/b\" output = \"@/c\" profile = web }\n"
        "folder c { path = \"@/c\" output = \"@/a/x\" profile = web }\n"
        "folder d { path = \"@/d\" output = \"@/a/y\" profile = web }\n"
        "folder e { path = \"@/e\" output = \"@/e/z\" profile = web }\n",
        "@/main.conf:2: output = @/b: a loop, because what folder \"b\" makes of it "
        "comes back to folder \"a\"; break the loop: give one of the folders another output\n"
        "@/main.conf:3: output = @/c: a loop, because what folder \"c\" makes of it "
        "comes back to folder \"b\"; break the loop: give one of the folders another output\n"
        "@/main.conf:4: output = @/a/x: a loop, because what folder \"a\" makes of it "
        "comes back to folder \"c\"; break the loop: give one of the folders another output\n"
        "@/main.conf:6: output = @/e/z: a loop, because folder \"e\" (@/main.conf:6) "
        "watches @/e; choose a directory outside of all watched ones\n");
}

static void what_cannot_loop_is_allowed(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        "folder a { path = \"@/a\" output = \"@/a/done/web\" profile = web }\n"
        "folder b { path = \"@/b\" recursive = no output = \"@/b/out\" profile = web }\n"
        "folder c { path = \"@/b/c\" output = \"@/ab\" profile = web }\n"
        "folder d { path = \"@/ab.in\" output = \"@/d.out\" profile = web }\n",
        "");
}

static void a_directory_is_watched_once(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        "folder a { path = \"@/a/in\" output = \"@/out\" profile = web }\n"
        "folder b { path = \"@/a//in/.\" output = \"@/out\" profile = web }\n"
        "folder c { path = \"@/a\" output = \"@/out\" profile = web }\n"
        "folder d { path = \"@/a/in/d\" output = \"@/out\" profile = web recursive = no }\n",
        "@/main.conf:2: path = @/a/in: the same as @/a/in, which folder \"a\" (@/main.conf:1) "
        "watches; give each folder a directory of its own\n"
        "@/main.conf:3: path = @/a: contains @/a/in, which folder \"a\" (@/main.conf:1) watches; "
        "move it, or set recursive = no in the outer folder\n"
        "@/main.conf:3: path = @/a: contains @/a/in, which folder \"b\" (@/main.conf:2) watches; "
        "move it, or set recursive = no in the outer folder\n"
        "@/main.conf:4: path = @/a/in/d: inside @/a/in, which folder \"a\" (@/main.conf:1) "
        "watches; move it, or set recursive = no in the outer folder\n"
        "@/main.conf:4: path = @/a/in/d: inside @/a/in, which folder \"b\" (@/main.conf:2) "
        "watches; move it, or set recursive = no in the outer folder\n"
        "@/main.conf:4: path = @/a/in/d: inside @/a, which folder \"c\" (@/main.conf:3) "
        "watches; move it, or set recursive = no in the outer folder\n");
}

static void a_loop_through_a_symbolic_link_is_seen(void **state)
{
    Bench *bench = *state;
    g_autofree char *in = g_build_filename(bench->dir, "in", NULL);
    g_autofree char *link = g_build_filename(bench->dir, "link", NULL);

    assert_int_equal(mkdir(in, 0755), 0);
    assert_int_equal(symlink("in", link), 0);
    assert_reported(
        bench, "folder a { path = \"@/in\" output = \"@/link/not/yet\" profile = web }\n",
        "@/main.conf:1: output = @/link/not/yet: a loop, because folder \"a\" (@/main.conf:1) "
        "watches @/in; choose a directory outside of all watched ones\n");
    assert_reported(bench, "folder a { path = \"@/link\" output = \"@/in/x\" profile = web }\n",
                    "@/main.conf:1: output = @/in/x: a loop, because folder \"a\" (@/main.conf:1) "
                    "watches @/link; choose a directory outside of all watched ones\n");
}

/* How many errors a folder with this path and output has, when `target` shows `source` as well.
 * In a child, because the mounts of its name space end with it. -1: it may not mount. */
static int errors_with_bind(const char *source, const char *target, const char *path,
                            const char *output)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
        const FeedbackFolder folder = { .name = "a",
                                        .path = path,
                                        .output = output,
                                        .recursive = true,
                                        .path_file = "f",
                                        .path_line = 1,
                                        .output_file = "f",
                                        .output_line = 2 };

        if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
            mount(source, target, NULL, MS_BIND, NULL))
            _exit(100);
        feedback_check(&folder, 1, errors);
        _exit((int) errors->len);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == 100 ? -1 : WEXITSTATUS(status);
}

static void a_loop_through_a_bind_mount_is_seen(void **state)
{
    Bench *bench = *state;
    g_autofree char *in = g_build_filename(bench->dir, "in", NULL);
    g_autofree char *sub = g_build_filename(in, "sub", NULL);
    g_autofree char *other = g_build_filename(bench->dir, "other", NULL);
    g_autofree char *deep = g_build_filename(other, "deep", NULL);

    assert_int_equal(g_mkdir_with_parents(sub, 0755), 0);
    assert_int_equal(mkdir(other, 0755), 0);
    int whole = errors_with_bind(in, other, in, deep);
    if (whole < 0)
        skip(); /* only root may mount */
    assert_int_equal(whole, 1);
    assert_int_equal(errors_with_bind(sub, other, in, deep), 1);  /* a part of the watched tree */
    assert_int_equal(errors_with_bind(other, sub, in, deep), 1);  /* the output shown inside it */
    assert_int_equal(errors_with_bind(in, other, other, sub), 1); /* watched where it is shown */
    assert_int_equal(errors_with_bind(other, other, in, deep), 0);
}

static void assert_watcher(const Bench *bench, const char *path, const char *expected)
{
    g_autofree char *file = g_build_filename(bench->dir, "main.conf", NULL);
    g_autofree char *whole = g_build_filename(bench->dir, path, NULL);
    g_autofree char *folder = settings_watcher_of(file, whole);

    if (g_strcmp0(folder, expected) != 0)
        fail_msg("%s is watched by %s", path, folder ? folder : "none");
}

static void the_folder_that_watches_a_directory_is_found(void **state)
{
    Bench *bench = *state;
    g_autofree char *a = g_build_filename(bench->dir, "a", NULL);
    g_autofree char *link = g_build_filename(bench->dir, "link", NULL);

    put(bench, "main.conf",
        "folder a { path = \"@/a\" output = \"@/out\" profile = web }\n"
        "folder b { path = \"@/b\" output = \"@/out\" profile = web recursive = no }\n"
        "folder c { path = 7 output = \"@/out\" profile = nosuch }\n");
    assert_int_equal(g_mkdir_with_parents(a, 0755), 0);
    assert_int_equal(symlink(a, link), 0);
    assert_watcher(bench, "a", "a");
    assert_watcher(bench, "a/deep/er", "a");
    assert_watcher(bench, "link", "a");
    assert_watcher(bench, "link/deep", "a");
    assert_watcher(bench, "a/done", NULL);
    assert_watcher(bench, "b", "b");
    assert_watcher(bench, "b/deep", NULL);
    assert_watcher(bench, "out", NULL);
    assert_watcher(bench, ".", NULL);
    put(bench, "main.conf", "");
    assert_watcher(bench, "a", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_output_inside_a_watched_folder_is_refused),
        TEST(a_chain_of_folders_is_allowed_where_it_is_wanted),
        TEST(a_circle_of_folders_is_refused),
        TEST(what_cannot_loop_is_allowed),
        TEST(a_directory_is_watched_once),
        TEST(a_loop_through_a_symbolic_link_is_seen),
        TEST(a_loop_through_a_bind_mount_is_seen),
        TEST(the_folder_that_watches_a_directory_is_found),
    };

    return cmocka_run_group_tests_name("feedback", tests, NULL, NULL);
}
