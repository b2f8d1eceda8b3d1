/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/watch/bench.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* What other programs mount wakes the watcher up and replaces the thread of a folder that hangs,
 * rightly: a test sees its own mounts alone. Where this is not allowed, other tests may not mount
 * either. */
static void own_mounts(void)
{
    if (unshare(CLONE_NEWNS) == 0)
        assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

static GByteArray *photo(void)
{
    GByteArray *bytes = sample_jpeg();

    for (int i = 0; i < 2000; i++) /* so that its parts are more than a page each */
        g_byte_array_append(bytes, (const guint8 *) "coded data", 10);
    g_byte_array_append(bytes, (const guint8 *) "\xff\xd9", 2);
    /* the first end marker would already be one: make it coded data */
    memcpy(bytes->data + bytes->len - 20004, "\xff\0", 2);
    return bytes;
}

int bench_setup(void **state)
{
    Bench *bench = g_new0(Bench, 1);
    g_autoptr(GByteArray) bytes = photo();
    int fd = -1;

    own_mounts();
    bench->dir = check_mkdir();
    bench->inbox = g_build_filename(bench->dir, "inbox", NULL);
    bench->photo = g_build_filename(bench->dir, "photo.jpg", NULL);
    assert_int_equal(mkdir(bench->inbox, 0755), 0);
    assert_true(g_file_set_contents(bench->photo, (const char *) bytes->data, bytes->len, NULL));
    fd = open(bench->photo, O_RDONLY | O_CLOEXEC);
    bench->hash = fake_hash(fd);
    close(fd);
    bench->settings = fake_settings("inbox", bench->inbox, NULL, NULL);
    bench->intake = fake_intake_new();
    bench->health = health_new();
    *state = bench;
    return 0;
}

int bench_teardown(void **state)
{
    Bench *bench = *state;

    fake_intake_shut(bench->intake, false);
    fake_intake_holds(bench->intake, NULL);
    watch_stop(bench->watch);
    assert_int_equal(fake_unflushed(bench->intake), 0);
    settings_unref(bench->settings);
    fake_intake_free(bench->intake);
    health_free(bench->health);
    fake_journal_clear();
    check_rmdir(bench->dir);
    g_free(bench->inbox);
    g_free(bench->photo);
    g_free(bench);
    return 0;
}

Folder *bench_folder(Bench *bench)
{
    return bench->settings->folders->pdata[0];
}

void bench_start(Bench *bench)
{
    Error *error = NULL;

    bench->watch = watch_start(bench->settings, bench->intake, bench->health, &error);
    assert_ok(bench->watch, error);
}

void bench_start_scanned(Bench *bench)
{
    bench_start(bench);
    BENCH_WAIT(watch_initial_scan_done(bench->watch));
}

char *bench_path(const Bench *bench, const char *name)
{
    return g_str_has_prefix(name, "../") ? g_build_filename(bench->dir, name + 3, NULL)
                                         : g_build_filename(bench->inbox, name, NULL);
}

static void copy(const char *from, const char *to)
{
    g_autofree char *data = NULL;
    gsize length = 0;

    assert_true(g_file_get_contents(from, &data, &length, NULL));
    assert_true(g_file_set_contents(to, data, (gssize) length, NULL));
}

void bench_drop(Bench *bench, const char *name)
{
    g_autofree char *beside = g_build_filename(bench->dir, "beside.jpg", NULL);
    g_autofree char *path = bench_path(bench, name);

    copy(bench->photo, beside);
    assert_int_equal(rename(beside, path), 0);
}

void bench_write(Bench *bench, const char *name, const void *data, size_t length)
{
    g_autofree char *path = bench_path(bench, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), length);
    close(fd);
}

void bench_mkdir(Bench *bench, const char *name)
{
    g_autofree char *path = bench_path(bench, name);

    assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
}

int64_t bench_deadline(void)
{
    return g_get_monotonic_time() + (int64_t) BENCH_WAIT_S * G_USEC_PER_SEC;
}

void bench_pause(int64_t until, const char *condition)
{
    if (g_get_monotonic_time() > until)
        fail_msg("never came true: %s", condition);
    g_usleep(1000);
}

void bench_sentinel(Bench *bench)
{
    g_autofree char *name = g_strdup_printf("sentinel-%d.jpg", bench->sentinels++);

    bench_drop(bench, name);
    BENCH_WAIT(fake_offers(bench->intake, name));
}

void bench_await(Bench *bench, const char *name)
{
    Completion offer;

    BENCH_WAIT(fake_offers(bench->intake, name));
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, name), 1);
    assert_true(fake_offer(bench->intake, name, &offer));
    assert_string_equal(offer.folder, "inbox");
    assert_true(offer.hash == bench->hash);
}

int bench_count(const GArray *rows, const char *reason)
{
    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, ReasonCount, i).reason, reason) == 0)
            return g_array_index(rows, ReasonCount, i).files;
    return 0;
}

int bench_pending(Bench *bench, const char *reason)
{
    WatchReport report = watch_report(bench->watch, "inbox");
    int count = reason ? bench_count(report.pending_by_reason, reason) : report.pending;

    watch_report_clear(&report);
    return count;
}

int bench_ignored(Bench *bench, const char *reason)
{
    WatchReport report = watch_report(bench->watch, "inbox");
    int count = bench_count(report.ignored_by_reason, reason);

    watch_report_clear(&report);
    return count;
}

int bench_directories(Bench *bench)
{
    WatchReport report = watch_report(bench->watch, "inbox");

    watch_report_clear(&report);
    return report.directories;
}

bool bench_run_all(const char *const *arguments)
{
    g_autofree char *found = g_find_program_in_path(arguments[0]);
    int status = 0;

    if (!found)
        return false;
    assert_true(
        g_spawn_sync(NULL, (char **) (uintptr_t) arguments, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, NULL, NULL, &status, NULL));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
