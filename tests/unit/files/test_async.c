/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Work that hangs until it is let go, and who waits for it, for a while or not at all. */
#include <stdatomic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/files/async.h"
#include "tests/unit/check.h"

typedef struct Work {
    int pipe[2]; /* it hangs until something comes out of it */
    char got;
} Work;

static atomic_int freed;

static void hang(void *data)
{
    Work *work = data;

    if (read(work->pipe[0], &work->got, 1) != 1)
        work->got = '?';
}

static void free_work(void *data)
{
    Work *work = data;

    close(work->pipe[0]);
    close(work->pipe[1]);
    g_free(work);
    atomic_fetch_add(&freed, 1);
}

static Work *work_new(void)
{
    Work *work = g_new0(Work, 1);

    assert_int_equal(pipe(work->pipe), 0);
    atomic_store(&freed, 0);
    return work;
}

static void await_freed(void)
{
    for (int64_t limit = clock_ms() + 60000; !atomic_load(&freed) && clock_ms() < limit;)
        g_usleep(1000);
    assert_int_equal(atomic_load(&freed), 1);
}

static void work_that_ends_is_waited_for_and_its_result_can_be_seen(void **state)
{
    Work *work = work_new();

    (void) state;
    AsyncCall *call = async_start(hang, work, free_work);
    assert_int_equal(write(work->pipe[1], "x", 1), 1);
    assert_true(async_wait(call, 60000));
    assert_int_equal(work->got, 'x');
    assert_int_equal(atomic_load(&freed), 0);
    async_abandon(call);
    await_freed();
}

static void work_that_hangs_is_waited_for_no_longer_than_that(void **state)
{
    Work *work = work_new();
    int64_t began_ms = clock_ms();

    (void) state;
    AsyncCall *call = async_start(hang, work, free_work);
    assert_false(async_wait(call, 0));
    assert_false(async_wait(call, 50));
    assert_true(clock_ms() - began_ms >= 50);
    assert_int_equal(write(work->pipe[1], "x", 1), 1);
    assert_true(async_wait(call, 60000)); /* it may be asked again */
    async_abandon(call);
    await_freed();
}

static void work_that_was_left_goes_on_alone_and_frees_what_it_had(void **state)
{
    Work *work = work_new();
    int end = dup(work->pipe[1]);

    (void) state;
    async_abandon(async_start(hang, work, free_work));
    assert_int_equal(atomic_load(&freed), 0);
    assert_int_equal(write(end, "x", 1), 1);
    await_freed();
    close(end);
    async_abandon(NULL);
}

static void directories_that_are_there_or_not_respond(void **state)
{
    g_autoptr(GPtrArray) directories = g_ptr_array_new();
    char *dir = check_mkdir();
    g_autofree char *missing = g_build_filename(dir, "missing", NULL);

    (void) state;
    g_ptr_array_add(directories, dir);
    g_ptr_array_add(directories, missing);
    AsyncCall *call = async_ask_servers(directories);
    assert_true(async_wait(call, 60000));
    async_abandon(call);
    check_rmdir(dir);
}

/* ---- a share of which a program such as sshfs has the attributes in a cache ---- */

static const char *silent_share;
static int silence[2]; /* it responds when something comes out of it */
static atomic_int asked;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): of names of its own */
int statvfs(const char *path, struct statvfs *fs)
{
    char end;

    atomic_fetch_add(&asked, 1);
    memset(fs, 0, sizeof(*fs));
    return g_strcmp0(path, silent_share) == 0 && read(silence[0], &end, 1) != 1 ? -1 : 0;
}

static void a_server_is_asked_what_no_cache_answers(void **state)
{
    g_autoptr(GPtrArray) directories = g_ptr_array_new();
    char *dir = check_mkdir();

    (void) state;
    silent_share = dir;
    atomic_store(&asked, 0);
    assert_int_equal(pipe(silence), 0);
    g_ptr_array_add(directories, dir);
    AsyncCall *call = async_ask_servers(directories);
    assert_int_equal(write(silence[1], "x", 1), 1);
    assert_true(async_wait(call, 60000));
    async_abandon(call);
    assert_int_equal(atomic_load(&asked), 1);
    silent_share = NULL;
    close(silence[0]);
    close(silence[1]);
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_that_ends_is_waited_for_and_its_result_can_be_seen),
        cmocka_unit_test(work_that_hangs_is_waited_for_no_longer_than_that),
        cmocka_unit_test(work_that_was_left_goes_on_alone_and_frees_what_it_had),
        cmocka_unit_test(directories_that_are_there_or_not_respond),
        cmocka_unit_test(a_server_is_asked_what_no_cache_answers),
    };

    return cmocka_run_group_tests_name("async", tests, NULL, NULL);
}
