/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whenever an import is stopped or killed, what has a name is whole, and nothing hidden stays after
 * the next one has begun. The moments are counted in calls, not in time. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/import/copying.h"
#include "tests/unit/openat.h"

enum { FILES = 10, MOMENTS = 70, STEP = 7 };

static atomic_int calls_left; /* until the moment; 0: it is over, or never comes */
static World *to_cancel;      /* NULL: the process is killed then */
static bool without_unnamed;

static void count_call(void)
{
    if (atomic_fetch_sub(&calls_left, 1) != 1)
        return;
    if (to_cancel)
        copier_cancel(to_cancel->copier);
    else
        kill(getpid(), SIGKILL);
}

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): of the linker */
ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    count_call();
    return __real_write(fd, bytes, length);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    count_call();
    return __real_fsync(fd);
}

int __real_linkat(int from, const char *path, int to, const char *name, int flags);
int __wrap_linkat(int from, const char *path, int to, const char *name, int flags);
int __wrap_linkat(int from, const char *path, int to, const char *name, int flags)
{
    count_call();
    return __real_linkat(from, path, to, name, flags);
}

int __real_renameat2(int from, const char *path, int to, const char *name, unsigned flags);
int __wrap_renameat2(int from, const char *path, int to, const char *name, unsigned flags);
int __wrap_renameat2(int from, const char *path, int to, const char *name, unsigned flags)
{
    count_call();
    return __real_renameat2(from, path, to, name, flags);
}

/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static int before_open(int flags, mode_t mode)
{
    (void) mode;
    return without_unnamed ? no_unnamed_files(flags) : 0;
}

static World *new_world(void)
{
    static const size_t sizes[] = { 0, 100, 300000, 2500000 };
    World *world = world_new(2);

    calls_left = 0;
    to_cancel = NULL;
    for (unsigned i = 0; i < FILES; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%u/%u.jpg", i % 2, i);
        world_add(world, path, sizes[i % G_N_ELEMENTS(sizes)]);
    }
    return world;
}

/* Each file has one result; what it says was made has its name. */
static void take_results(World *world)
{
    for (unsigned i = 0; i < FILES; i++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->was_read ? 32 : 0, strlen(result->content.md5));
        for (unsigned to = 0; to < world->count; to++)
            if (result->ends[to] == COPY_MADE)
                assert_true(world_has(world, result->job.file->path, to));
            else
                assert_true(result->error || result->errors[to] ||
                            result->ends[to] == COPY_NAME_TAKEN);
        copy_result_free(result);
    }
    assert_null(copier_next(world->copier, 0));
}

static void go_on(World *world)
{
    world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 });
    world_check_whole(world, -1); /* nothing hidden is there any more */
    world_queue_all(world);
    take_results(world);
    world_check_whole(world, FILES);
}

static void one_that_is_cancelled_leaves_nothing_half(void **state)
{
    (void) state;
    for (int moment = 1; moment <= MOMENTS; moment += STEP) {
        World *world = new_world();
        without_unnamed = moment % 2;
        world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 });
        to_cancel = world;
        atomic_store(&calls_left, moment);
        world_queue_all(world);
        take_results(world);
        g_clear_pointer(&world->copier, copier_free);
        world_check_whole(world, -1);
        atomic_store(&calls_left, 0);
        if (moment % 3 == 0)
            go_on(world);
        world_free(world);
    }
}

static void one_that_is_freed_names_nothing_more(void **state)
{
    World *world = new_world();

    (void) state;
    without_unnamed = true;
    world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 });
    world_queue_all(world);
    g_clear_pointer(&world->copier, copier_free);
    world_check_whole(world, -1);
    world_free(world);
}

static void import_until_killed(World *world, int moment)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (!child) {
        world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 });
        atomic_store(&calls_left, moment);
        world_queue_all(world);
        for (unsigned i = 0; i < FILES; i++)
            copy_result_free(copier_next(world->copier, 60000));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
                (WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

static bool is_hidden(const char *path)
{
    return g_str_has_prefix(path, ".hotfolder-");
}

/* Before the next import begins: only hidden files may be half. */
static void check_named(const World *world)
{
    for (unsigned to = 0; to < world->count; to++) {
        g_autoptr(GPtrArray) found = world_files(world, to);
        for (guint i = 0; i < found->len; i++)
            assert_true(is_hidden(found->pdata[i]) || world_has(world, found->pdata[i], to));
    }
}

static void one_that_is_killed_leaves_nothing_half(void **state)
{
    (void) state;
    for (int moment = 1; moment <= MOMENTS; moment += STEP) {
        World *world = new_world();
        without_unnamed = moment % 2;
        import_until_killed(world, moment);
        check_named(world);
        go_on(world);
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_cancelled_leaves_nothing_half),
        cmocka_unit_test(one_that_is_freed_names_nothing_more),
        cmocka_unit_test(one_that_is_killed_leaves_nothing_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
