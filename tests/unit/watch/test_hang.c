/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder whose share does not respond, as an offer that never ends: what becomes of it and of the
 * others. The test gives the time. */
#include <stdatomic.h>
#include <sys/mount.h>

#include "base/clock.h"
#include "daemon/watch/lane.h"
#include "tests/unit/watch/bench.h"

enum { SILENT_MS = 10000 };

/* ---- the clock: it also goes on as the test wants ---- */

static _Atomic int64_t added_ms;
static _Atomic int64_t stopped_ms; /* when the clock was stopped; 0: it runs */

static int64_t read_ms(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
    int64_t stopped = atomic_load(&stopped_ms);

    return (stopped ? stopped : read_ms(CLOCK_BOOTTIME)) + atomic_load(&added_ms);
}

int64_t clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

const char *clock_boot_id(void)
{
    return "";
}

struct timespec clock_after(int64_t ms)
{
    struct timespec limit;

    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += ms / 1000 + 1;
    return limit;
}

/* ---- a turn that begins while the watcher's thread looks for folders that hang ---- */

static const LaneHooks *lane_hooks;
static atomic_bool begins_meanwhile;

/* The linker has the watcher's thread call these. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
Lane *__wrap_lane_start(Events *events, Settings *settings, const Folder *folder,
                        const Intake *intake, Health *health, const LaneHooks *hooks);
Lane *__real_lane_start(Events *events, Settings *settings, const Folder *folder,
                        const Intake *intake, Health *health, const LaneHooks *hooks);
int64_t __wrap_lane_hang_ms(Lane *lane);
int64_t __real_lane_hang_ms(Lane *lane);

Lane *__wrap_lane_start(Events *events, Settings *settings, const Folder *folder,
                        const Intake *intake, Health *health, const LaneHooks *hooks)
{
    lane_hooks = hooks;
    return __real_lane_start(events, settings, folder, intake, health, hooks);
}

int64_t __wrap_lane_hang_ms(Lane *lane)
{
    if (atomic_exchange(&begins_meanwhile, false))
        lane_hooks->began(lane_hooks->user);
    return __real_lane_hang_ms(lane);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* ---- the folders ---- */

static HealthState state_of(Bench *bench, const char *folder)
{
    return health_get(bench->health, folder, NULL);
}

static void start_with_another(Bench *bench)
{
    g_autofree char *other = g_build_filename(bench->dir, "other", NULL);

    bench_mkdir(bench, "../other");
    settings_unref(bench->settings);
    bench->settings = fake_settings("inbox", bench->inbox, "other", other);
    bench_start_scanned(bench);
}

/* The watcher's thread looks at the time again, as an event wakes it. */
static void drop_into_other(Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename("../other", name, NULL);

    bench_drop(bench, path);
    BENCH_WAIT(fake_offers(bench->intake, name) == 1);
}

static void hang(Bench *bench)
{
    fake_intake_holds(bench->intake, "inbox");
    bench_drop(bench, "first.jpg");
    BENCH_WAIT(fake_is_held(bench->intake));
}

static void hang_for_long(Bench *bench)
{
    hang(bench);
    atomic_fetch_add(&added_ms, SILENT_MS);
    drop_into_other(bench, "wakes.jpg");
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_UNAVAILABLE);
}

static void a_folder_that_hangs_for_ten_seconds_is_unavailable_and_others_go_on(void **state)
{
    Bench *bench = *state;

    start_with_another(bench);
    hang(bench);
    drop_into_other(bench, "a.jpg");
    atomic_fetch_add(&added_ms, SILENT_MS / 2);
    drop_into_other(bench, "b.jpg");
    drop_into_other(bench, "c.jpg");
    assert_int_equal(state_of(bench, "inbox"), HEALTH_AVAILABLE);
    atomic_fetch_add(&added_ms, SILENT_MS / 2);
    drop_into_other(bench, "d.jpg");
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_UNAVAILABLE);
    drop_into_other(bench, "e.jpg");
    assert_int_equal(state_of(bench, "other"), HEALTH_AVAILABLE);
}

/* The watcher looks ten seconds after its first turn; the folder has hung for five then. */
static void a_turn_that_begins_during_a_look_does_not_put_off_the_next_one(void **state)
{
    Bench *bench = *state;

    start_with_another(bench);
    atomic_store(&stopped_ms, read_ms(CLOCK_BOOTTIME));
    atomic_fetch_add(&added_ms, SILENT_MS / 2);
    hang(bench);
    atomic_store(&begins_meanwhile, true);
    atomic_fetch_add(&added_ms, SILENT_MS / 2);
    drop_into_other(bench, "a.jpg");
    drop_into_other(bench, "b.jpg");
    atomic_fetch_add(&added_ms, SILENT_MS / 2);
    drop_into_other(bench, "c.jpg");
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_UNAVAILABLE);
    atomic_store(&stopped_ms, 0);
}

static void a_folder_that_responds_again_is_available_and_finds_what_came_meanwhile(void **state)
{
    Bench *bench = *state;

    start_with_another(bench);
    hang_for_long(bench);
    bench_drop(bench, "meanwhile.jpg");
    fake_intake_holds(bench->intake, NULL);
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_AVAILABLE);
    bench_await(bench, "meanwhile.jpg");
    assert_int_equal(fake_offers(bench->intake, "first.jpg"), 1);
}

static void a_start_does_not_wait_for_a_folder_that_hangs(void **state)
{
    Bench *bench = *state;

    bench_drop(bench, "first.jpg");
    fake_intake_holds(bench->intake, "inbox");
    bench_start(bench);
    BENCH_WAIT(fake_is_held(bench->intake));
}

static void a_changed_folder_does_not_wait_for_its_old_thread(void **state)
{
    Bench *bench = *state;
    g_autofree char *elsewhere = g_build_filename(bench->dir, "elsewhere", NULL);
    Settings *moved = fake_settings("inbox", elsewhere, NULL, NULL);

    bench_mkdir(bench, "../elsewhere");
    start_with_another(bench);
    hang_for_long(bench);
    watch_reload(bench->watch, moved);
    settings_unref(moved);
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_AVAILABLE);
    bench_drop(bench, "../elsewhere/new.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "new.jpg") == 1);
    assert_true(fake_is_held(bench->intake));
}

static void when_mounts_change_the_folder_is_looked_at_again_by_another_thread(void **state)
{
    Bench *bench = *state;
    g_autofree char *card = g_build_filename(bench->dir, "card", NULL);

    bench_mkdir(bench, "../card");
    start_with_another(bench);
    hang_for_long(bench);
    if (mount("hotfolder-test", card, "tmpfs", 0, "size=1m"))
        skip();
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_AVAILABLE);
    bench_drop(bench, "later.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "later.jpg") == 1);
    assert_true(fake_is_held(bench->intake));
    fake_intake_holds(bench->intake, NULL);
    bench_drop(bench, "last.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "last.jpg") == 1);
    assert_int_equal(state_of(bench, "inbox"), HEALTH_AVAILABLE);
    BENCH_WAIT(umount(card) == 0);
}

/* The directory itself responds, and the share that is mounted in it does not. */
static void a_folder_is_available_again_when_a_scan_has_gone_through_all_of_it(void **state)
{
    Bench *bench = *state;
    g_autofree char *card = g_build_filename(bench->dir, "card", NULL);

    bench_mkdir(bench, "../card");
    start_with_another(bench);
    hang_for_long(bench);
    fake_intake_shut(bench->intake, true);
    if (mount("hotfolder-test", card, "tmpfs", 0, "size=1m"))
        skip();
    BENCH_WAIT(fake_shut_waits(bench->intake));
    assert_int_equal(state_of(bench, "inbox"), HEALTH_UNAVAILABLE);
    fake_intake_shut(bench->intake, false);
    BENCH_WAIT(state_of(bench, "inbox") == HEALTH_AVAILABLE);
    BENCH_WAIT(umount(card) == 0);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_folder_that_hangs_for_ten_seconds_is_unavailable_and_others_go_on),
        BENCH_TEST(a_turn_that_begins_during_a_look_does_not_put_off_the_next_one),
        BENCH_TEST(a_folder_that_responds_again_is_available_and_finds_what_came_meanwhile),
        BENCH_TEST(a_start_does_not_wait_for_a_folder_that_hangs),
        BENCH_TEST(a_changed_folder_does_not_wait_for_its_old_thread),
        BENCH_TEST(a_folder_is_available_again_when_a_scan_has_gone_through_all_of_it),
        BENCH_TEST(when_mounts_change_the_folder_is_looked_at_again_by_another_thread),
    };

    return cmocka_run_group_tests_name("watch hang", tests, NULL, NULL);
}
