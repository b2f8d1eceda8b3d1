/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that sync one directory at the same time: the disk is asked once for those that come
 * while it works. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "daemon/files/sync.h"
#include "tests/unit/check.h"

enum { OTHERS = 8 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool gate_closed, at_gate;
static int answer; /* of the disk: 0, or an errno value */
static int syncs;
static atomic_int entered; /* threads that have looked at their directory */

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming) */
int __real_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __wrap_fsync(int fd);

int __wrap_fstat64(int fd, struct stat *st)
{
    int result = __real_fstat64(fd, st);

    atomic_fetch_add(&entered, 1);
    return result;
}

int __wrap_fsync(int fd)
{
    (void) fd;
    pthread_mutex_lock(&lock);
    syncs++;
    at_gate = gate_closed;
    pthread_cond_broadcast(&changed);
    while (gate_closed)
        pthread_cond_wait(&changed, &lock);
    int code = answer;
    pthread_mutex_unlock(&lock);
    errno = code;
    return code ? -1 : 0;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

typedef struct Syncer {
    pthread_t thread;
    int fd;
    int code;
} Syncer;

static void *sync_it(void *data)
{
    Syncer *syncer = data;

    syncer->code = sync_together(syncer->fd);
    return NULL;
}

static Syncer syncers[1 + OTHERS];

static void start(Syncer *syncer, const char *dir)
{
    syncer->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(syncer->fd >= 0);
    assert_int_equal(pthread_create(&syncer->thread, NULL, sync_it, syncer), 0);
}

static void wait_for_gate(void)
{
    pthread_mutex_lock(&lock);
    while (!at_gate)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void open_gate(int with)
{
    pthread_mutex_lock(&lock);
    answer = with;
    gate_closed = at_gate = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Eight come while the disk works for the first one. */
static void sync_at_the_same_time(const char *dir, int with)
{
    syncs = 0;
    atomic_store(&entered, 0);
    gate_closed = true;
    start(&syncers[0], dir);
    wait_for_gate();
    for (int i = 1; i <= OTHERS; i++)
        start(&syncers[i], dir);
    while (atomic_load(&entered) < 1 + OTHERS)
        g_usleep(1000);
    g_usleep(10000); /* they wait behind it now, or will: a late one syncs for itself */
    open_gate(with);
    for (int i = 0; i <= OTHERS; i++) {
        pthread_join(syncers[i].thread, NULL);
        close(syncers[i].fd);
    }
}

static void the_disk_is_asked_once_for_all_that_came_meanwhile(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    sync_at_the_same_time(dir, 0);
    assert_in_range(syncs, 2, 3);
    for (int i = 0; i <= OTHERS; i++)
        assert_int_equal(syncers[i].code, 0);
    check_rmdir(dir);
}

/* It ends by itself, though the pause is an hour. */
static void where_many_wait_the_pause_is_over(void **state)
{
    char *dir = check_mkdir();
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void) state;
    syncs = 0;
    sync_set_pause(INT64_C(3600) * 1000);
    assert_int_equal(sync_together(fd), 0);
    for (int i = 0; i < OTHERS; i++)
        start(&syncers[i], dir);
    for (int i = 0; i < OTHERS; i++) {
        pthread_join(syncers[i].thread, NULL);
        close(syncers[i].fd);
        assert_int_equal(syncers[i].code, 0);
    }
    assert_int_equal(syncs, 2);
    sync_set_pause(0);
    close(fd);
    check_rmdir(dir);
}

static void each_finds_an_error_by_its_own_sync(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    sync_at_the_same_time(dir, EIO);
    assert_int_equal(syncs, 1 + OTHERS);
    for (int i = 0; i <= OTHERS; i++)
        assert_int_equal(syncers[i].code, EIO);
    check_rmdir(dir);
}

static void more_directories_than_are_remembered_are_all_synced(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    syncs = 0;
    answer = 0;
    for (int i = 0; i < 40; i++) {
        g_autofree char *sub = g_strdup_printf("%s/%d", dir, i % 20);
        g_mkdir(sub, 0700);
        int fd = open(sub, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(sync_together(fd), 0);
        assert_int_equal(syncs, i + 1);
        close(fd);
    }
    check_rmdir(dir);
}

static void a_descriptor_that_is_none_is_said(void **state)
{
    (void) state;
    assert_int_equal(sync_together(-1), EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_disk_is_asked_once_for_all_that_came_meanwhile),
        cmocka_unit_test(each_finds_an_error_by_its_own_sync),
        cmocka_unit_test(more_directories_than_are_remembered_are_all_synced),
        cmocka_unit_test(a_descriptor_that_is_none_is_said),
        cmocka_unit_test(where_many_wait_the_pause_is_over), /* the last one: it is remembered */
    };

    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
