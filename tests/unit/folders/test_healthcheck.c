/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trying out whether an output directory takes files, where the file system has none without a
 * name. */
#include <pthread.h>

#include "daemon/folders/healthcheck.h"
#include "tests/unit/openat.h"

enum { NEED = 1 << 20, TRIALS = 500, THREADS = 4 };

static const char scratch[] = ".hotfolder-try";

static int before_open(int flags, mode_t mode)
{
    (void) mode;
    return no_unnamed_files(flags);
}

static int set_up(void **state)
{
    Folder *folder = g_new0(Folder, 1);

    folder->name = g_strdup("inbox");
    folder->path = check_mkdir();
    folder->output = check_mkdir();
    folder->originals = ORIGINALS_UNTOUCHED;
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    Folder *folder = *state;

    check_rmdir(folder->path);
    check_rmdir(folder->output);
    g_free(folder->name);
    g_free(folder);
    return 0;
}

static void nothing_is_left_of_a_trial(void **state)
{
    const Folder *folder = *state;
    g_autoptr(Error) error = NULL;

    check_write(folder->output, scratch, "what a crash left");
    assert_ok(healthcheck_run(folder, NEED, &error), error);
    assert_int_equal(check_entries(folder->output), 0);
}

/* A user who may write there could give one of our own files that name. */
static void a_file_that_has_the_name_of_a_trial_is_not_written_to(void **state)
{
    const Folder *folder = *state;
    g_autofree char *mine = g_build_filename(folder->path, "mine.jpg", NULL);
    g_autofree char *there = g_build_filename(folder->output, scratch, NULL);
    g_autoptr(Error) error = NULL;
    struct stat st;

    check_write(folder->path, "mine.jpg", "picture");
    assert_int_equal(link(mine, there), 0);
    assert_ok(healthcheck_run(folder, NEED, &error), error);
    assert_int_equal(stat(mine, &st), 0);
    assert_int_equal(st.st_size, strlen("picture"));
}

/* The watcher reports it: "originals cannot move" would send the reader the wrong way. */
static void a_watched_path_that_is_a_file_is_left_to_the_watcher(void **state)
{
    Folder folder = *(const Folder *) *state;
    g_autofree char *file = g_build_filename(folder.path, "file", NULL);
    g_autoptr(Error) error = NULL;

    check_write(folder.path, "file", "");
    folder.path = file;
    folder.originals = ORIGINALS_DONE;
    assert_ok(healthcheck_run(&folder, NEED, &error), error);
}

static void *try_often(void *data)
{
    const Folder *folder = data;

    for (int i = 0; i < TRIALS; i++) {
        g_autoptr(Error) error = NULL;

        if (!healthcheck_run(folder, NEED, &error))
            return data;
    }
    return NULL;
}

static void many_trials_do_not_hinder_each_other(void **state)
{
    pthread_t threads[THREADS];
    int failed = 0;

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, try_often, *state), 0);
    for (int i = 0; i < THREADS; i++) {
        void *how = NULL;

        pthread_join(threads[i], &how);
        failed += how != NULL;
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_left_of_a_trial),
        TEST(a_file_that_has_the_name_of_a_trial_is_not_written_to),
        TEST(a_watched_path_that_is_a_file_is_left_to_the_watcher),
        TEST(many_trials_do_not_hinder_each_other),
    };

    return cmocka_run_group_tests_name("healthcheck", tests, NULL, NULL);
}
