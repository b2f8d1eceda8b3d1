#include "tests/unit/watch/bench.h"

#include <sys/wait.h>

static GByteArray *photo(void)
{
    GByteArray *bytes = sample_jpeg();

    for (int i = 0; i < 2000; i++) /* so that its parts are more than a page each */
        g_byte_array_append(bytes, (const guint8 *) "coded data", 10);
    g_byte_array_append(bytes, (const guint8 *) "\xff\xd9", 2);
    /* the first end mark would already be one: make it coded data */
    memcpy(bytes->data + bytes->len - 20004, "\xff\0", 2);
    return bytes;
}

int world_setup(void **state)
{
    World *world = g_new0(World, 1);
    g_autoptr(GByteArray) bytes = photo();
    int fd = -1;

    world->dir = check_mkdir();
    world->inbox = g_build_filename(world->dir, "inbox", NULL);
    world->photo = g_build_filename(world->dir, "photo.jpg", NULL);
    assert_int_equal(mkdir(world->inbox, 0755), 0);
    assert_true(g_file_set_contents(world->photo, (const char *) bytes->data, bytes->len, NULL));
    fd = open(world->photo, O_RDONLY | O_CLOEXEC);
    world->hash = fake_hash(fd);
    close(fd);
    world->settings = fake_settings("inbox", world->inbox, NULL, NULL);
    world->intake = fake_intake_new();
    world->health = health_new();
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    World *world = *state;

    fake_intake_shut(world->intake, false);
    watch_stop(world->watch);
    assert_int_equal(fake_unflushed(world->intake), 0);
    settings_unref(world->settings);
    fake_intake_free(world->intake);
    health_free(world->health);
    fake_journal_clear();
    check_rmdir(world->dir);
    g_free(world->inbox);
    g_free(world->photo);
    g_free(world);
    return 0;
}

Folder *world_folder(World *world)
{
    return world->settings->folders->pdata[0];
}

void world_start(World *world)
{
    Error *error = NULL;

    world->watch = watch_start(world->settings, world->intake, world->health, &error);
    assert_ok(world->watch, error);
}

void world_start_settled(World *world)
{
    world_start(world);
    WORLD_WAIT(watch_initial_scan_done(world->watch));
}

char *world_path(const World *world, const char *name)
{
    return g_str_has_prefix(name, "../") ? g_build_filename(world->dir, name + 3, NULL)
                                         : g_build_filename(world->inbox, name, NULL);
}

static void copy(const char *from, const char *to)
{
    g_autofree char *data = NULL;
    gsize length = 0;

    assert_true(g_file_get_contents(from, &data, &length, NULL));
    assert_true(g_file_set_contents(to, data, (gssize) length, NULL));
}

void world_drop(World *world, const char *name)
{
    g_autofree char *beside = g_build_filename(world->dir, "beside.jpg", NULL);
    g_autofree char *path = world_path(world, name);

    copy(world->photo, beside);
    assert_int_equal(rename(beside, path), 0);
}

void world_write(World *world, const char *name, const void *data, size_t length)
{
    g_autofree char *path = world_path(world, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), length);
    close(fd);
}

void world_mkdir(World *world, const char *name)
{
    g_autofree char *path = world_path(world, name);

    assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
}

int64_t world_deadline(void)
{
    return g_get_monotonic_time() + (int64_t) WORLD_WAIT_S * G_USEC_PER_SEC;
}

void world_pause(int64_t until, const char *condition)
{
    if (g_get_monotonic_time() > until)
        fail_msg("never came true: %s", condition);
    g_usleep(1000);
}

void world_sentinel(World *world)
{
    g_autofree char *name = g_strdup_printf("sentinel-%d.jpg", world->sentinels++);

    world_drop(world, name);
    WORLD_WAIT(fake_offers(world->intake, name));
}

void world_await(World *world, const char *name)
{
    Completion offer;

    WORLD_WAIT(fake_offers(world->intake, name));
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, name), 1);
    assert_true(fake_offer(world->intake, name, &offer));
    assert_string_equal(offer.folder, "inbox");
    assert_true(offer.hash == world->hash);
}

int world_count(const GArray *rows, const char *reason)
{
    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, ReasonCount, i).reason, reason) == 0)
            return g_array_index(rows, ReasonCount, i).files;
    return 0;
}

int world_pending(World *world, const char *reason)
{
    WatchReport report = watch_report(world->watch, "inbox");
    int count = reason ? world_count(report.pending_by_reason, reason) : report.pending;

    watch_report_clear(&report);
    return count;
}

int world_ignored(World *world, const char *reason)
{
    WatchReport report = watch_report(world->watch, "inbox");
    int count = world_count(report.ignored_by_reason, reason);

    watch_report_clear(&report);
    return count;
}

int world_directories(World *world)
{
    WatchReport report = watch_report(world->watch, "inbox");

    watch_report_clear(&report);
    return report.directories;
}

bool world_run_all(const char *const *arguments)
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
