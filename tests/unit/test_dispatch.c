/* From the ledger through ring, threads and children to the outputs, with children that decode
 * nothing and misbehave on demand (tests/tools/fake_worker.c). */
#include <poll.h>

#include "base/clock.h"
#include "check.h"
#include "daemon/dispatch.h"
#include "daemon/journal.h"
#include "daemon/retry.h"
#include "sample.h"

enum { LIMIT_MS = 60 * 1000 };

typedef struct Bench {
    char *dir, *in, *out;
    ProfileText profile;
    Folder folder;
    Settings *settings;
    Ledger *ledger;
    Health *health;
    JobContext context;
    Dispatch *dispatch;
} Bench;

/* One folder whose pictures the fake worker handles. */
static void settings_of(Bench *bench)
{
    bench->profile.name = bench->profile.file = (char *) (uintptr_t) "fake";
    bench->folder = (Folder){
        .name = (char *) (uintptr_t) "inbox",
        .path = bench->in,
        .output = bench->out,
        .profile = &bench->profile,
        .originals = ORIGINALS_DONE,
        .retry = { .attempts = 3, .first_ms = 20, .max_ms = 50 },
        .deadline_ms = 20000,
        .limits.accept = FORMATS_TRUSTED,
    };
    bench->settings = g_new0(Settings, 1);
    atomic_init(&bench->settings->refs, 1);
    bench->settings->workers = 3;
    bench->settings->memory = 100000;
    bench->settings->profiles_text = g_strdup("");
    bench->settings->folders = g_ptr_array_new();
    bench->settings->profiles = g_ptr_array_new();
    g_ptr_array_add(bench->settings->folders, &bench->folder);
}

static int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);
    g_autoptr(Error) error = NULL;

    bench->dir = check_mkdir();
    bench->in = g_build_filename(bench->dir, "in", NULL);
    bench->out = g_build_filename(bench->dir, "out", NULL);
    assert_int_equal(g_mkdir(bench->in, 0755) | g_mkdir(bench->out, 0755), 0);
    settings_of(bench);
    assert_ok(ledger_open(NULL, &bench->ledger, &error), error);
    bench->health = health_new();
    bench->context.ledger = bench->ledger;
    bench->context.health = bench->health;
    bench->dispatch = dispatch_new(bench->settings, &bench->context, &error);
    assert_ok(bench->dispatch, error);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    Bench *bench = *state;

    dispatch_stop(bench->dispatch, 0);
    dispatch_free(bench->dispatch);
    ledger_close(bench->ledger);
    health_free(bench->health);
    assert_int_equal(atomic_load(&bench->settings->refs), 1); /* nobody holds on to a snapshot */
    g_ptr_array_unref(bench->settings->folders);
    g_ptr_array_unref(bench->settings->profiles);
    g_free(bench->settings->profiles_text);
    g_free(bench->settings);
    g_free(bench->in);
    g_free(bench->out);
    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}

/* A file that passes for a whole JPEG, and its row in the ledger. */
static void drop(const Bench *bench, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_jpeg();
    g_autofree char *path = g_build_filename(bench->in, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(Error) error = NULL;
    struct stat st;

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_true(g_file_set_contents(path, (const char *) bytes->data, bytes->len, NULL));
    assert_int_equal(stat(path, &st), 0);
    LedgerOffer offer = { bench->folder.name, (char *) (uintptr_t) name, fileid_of(&st) };
    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
}

static void start(const Bench *bench)
{
    g_autoptr(Error) error = NULL;

    assert_ok(dispatch_start(bench->dispatch, &error), error);
}

static LedgerCounts counts(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts all = { 0 };

    assert_ok(ledger_count(bench->ledger, NULL, &all, &error), error);
    return all;
}

/* Turns the dispatcher until `enough`; false when that did not come in time. */
static bool turn_until(const Bench *bench, bool (*enough)(const Bench *bench))
{
    int64_t limit = clock_ms() + LIMIT_MS;

    while (!enough(bench) && clock_ms() < limit) {
        struct pollfd ready = { .fd = dispatch_fd(bench->dispatch), .events = POLLIN };
        g_autoptr(Error) error = NULL;
        int64_t next = 0;
        assert_ok(dispatch_turn(bench->dispatch, &next, &error), error);
        poll(&ready, 1, next == INT64_MAX ? 20 : (int) CLAMP(next - clock_ms(), 0, 20));
    }
    return enough(bench);
}

static bool all_ended(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    int64_t rows = 1;

    assert_ok(ledger_open_rows(bench->ledger, &rows, &error), error);
    return rows == 0 && dispatch_in_flight(bench->dispatch) == 0;
}

static bool is_held(const Bench *bench)
{
    return health_get(bench->health, "inbox", NULL) == HEALTH_HELD &&
           dispatch_in_flight(bench->dispatch) == 0;
}

static bool one_in_work(const Bench *bench)
{
    return counts(bench).working == 1;
}

static void every_picture_is_worked_on_exactly_once(void **state)
{
    const Bench *bench = *state;

    for (int i = 0; i < 200; i++) {
        g_autofree char *name = g_strdup_printf("sub/%03d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 200);
    g_autofree char *out = g_build_filename(bench->out, "sub", NULL);
    g_autofree char *done = g_build_filename(bench->in, "done/sub", NULL);
    assert_int_equal(check_entries(out), 200);
    assert_int_equal(check_entries(done), 200);
}

static void a_picture_that_kills_its_worker_twice_is_failed_and_the_others_are_not(void **state)
{
    const Bench *bench = *state;

    drop(bench, "crash.jpg");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 20);
    assert_int_equal(counts(bench).failed, 1);
    g_autofree char *report = check_read(bench->in, "failed/crash.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "signal 6"));
    assert_non_null(strstr(report, "(pretend)"));
    assert_non_null(strstr(report, "attempts: 2"));
    assert_true(check_exists(bench->in, "failed/crash.jpg"));
}

static void a_worker_that_hangs_is_ended_at_the_deadline(void **state)
{
    Bench *bench = *state;

    bench->folder.deadline_ms = 200;
    drop(bench, "hang.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/hang.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "no result within 0.2 s"));
}

static void a_worker_that_talks_nonsense_is_replaced(void **state)
{
    const Bench *bench = *state;

    drop(bench, "babble.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).failed, 1);
    assert_true(check_exists(bench->out, "good.jpg.out"));
}

static void a_damaged_picture_is_failed_at_its_first_attempt(void **state)
{
    const Bench *bench = *state;

    drop(bench, "sub/broken.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/sub/broken.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "it is broken"));
    assert_non_null(strstr(report, "attempts: 1"));
    assert_int_equal(check_entries(bench->out), 0);
}

static void what_may_pass_is_tried_as_often_as_said(void **state)
{
    const Bench *bench = *state;

    drop(bench, "later.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/later.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "attempts: 3"));
}

/* Turns until all have ended; whether anybody had to wait for memory meanwhile. */
static bool somebody_waited(const Bench *bench)
{
    int64_t limit = clock_ms() + LIMIT_MS;
    bool waited = false;

    while (!all_ended(bench) && clock_ms() < limit) {
        g_autoptr(Error) error = NULL;
        int64_t next = 0;
        BudgetUse use = dispatch_memory(bench->dispatch);
        assert_true(use.used <= use.bytes);
        waited |= use.waiting > 0;
        assert_ok(dispatch_turn(bench->dispatch, &next, &error), error);
        usleep(1000);
    }
    assert_true(all_ended(bench));
    assert_int_equal(dispatch_memory(bench->dispatch).used, 0);
    return waited;
}

/* Each of them holds its memory for 100 ms; the last of six waits for longer than it may take. */
static void a_picture_waits_for_its_memory_and_that_is_not_its_time(void **state)
{
    Bench *bench = *state;

    bench->folder.deadline_ms = 400;
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("needs60000-%d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(somebody_waited(bench));
    assert_int_equal(counts(bench).done, 6);
}

static void small_pictures_do_not_wait_for_memory(void **state)
{
    const Bench *bench = *state;

    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("needs30000-%d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_false(somebody_waited(bench));
    assert_int_equal(counts(bench).done, 6);
}

static void what_never_fits_into_the_memory_is_failed(void **state)
{
    Bench *bench = *state;

    drop(bench, "needs200000-a.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/needs200000-a.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "takes about 195.3KB of memory, more than memory = 97.7KB"));
    assert_non_null(strstr(report, "raise `memory`"));
    assert_non_null(strstr(report, "attempts: 1"));

    bench->folder.limits.max_memory = 256 << 20;
    drop(bench, "needs268435457-b.jpg");
    assert_true(turn_until(bench, all_ended));
    g_autofree char *other = check_read(bench->in, "failed/needs268435457-b.jpg.txt");
    assert_non_null(other);
    assert_non_null(strstr(other, "more than max_memory = 256.0MB allows"));
}

static bool two_wait(const Bench *bench)
{
    return dispatch_memory(bench->dispatch).waiting == 2;
}

static void a_stop_waits_for_nobodys_memory(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    drop(bench, "needs60000-hang-1.jpg");
    drop(bench, "needs60000-hang-2.jpg");
    drop(bench, "needs60000-hang-3.jpg");
    start(bench);
    assert_true(turn_until(bench, two_wait));
    dispatch_stop(bench->dispatch, 100);
    assert_ok(ledger_due(bench->ledger, "inbox", 0, 10, rows, &next, &error), error);
    assert_int_equal(rows->len, 3);
    for (guint i = 0; i < rows->len; i++) {
        assert_int_equal(g_array_index(rows, LedgerRow, i).attempt, 0);
        assert_int_equal(g_array_index(rows, LedgerRow, i).crashes, 0);
    }
}

static void a_picture_computes_no_longer_than_it_may(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = 100;
    bench->folder.retry.attempts = 1;
    drop(bench, "spin.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/spin.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "no result within 0.1 s of computing (max_cpu)"));
    assert_int_equal(counts(bench).done, 1);
}

static void an_output_does_not_grow_beyond_its_limit(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_output_bytes = 1049576; /* and a copy of the picture */
    drop(bench, "huge.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);

    bench->folder.limits.max_output_bytes = 512000;
    drop(bench, "huge-2.jpg");
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/huge-2.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "max_output_bytes = 500KB allows\n"));
    assert_int_equal(check_entries(bench->out), 1);
}

static void a_stop_gives_back_what_is_in_hand(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    drop(bench, "hang.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    dispatch_stop(bench->dispatch, 100);
    assert_ok(ledger_due(bench->ledger, "inbox", 0, 10, rows, &next, &error), error);
    assert_int_equal(rows->len, 1);
    assert_int_equal(g_array_index(rows, LedgerRow, 0).attempt, 0);
    assert_int_equal(g_array_index(rows, LedgerRow, 0).crashes, 0);
    assert_true(check_exists(bench->in, "hang.jpg"));
}

static void a_stop_lets_what_is_in_hand_be_finished(void **state)
{
    const Bench *bench = *state;

    drop(bench, "slow.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    assert_int_equal(counts(bench).done, 1);
    assert_true(check_exists(bench->out, "slow.jpg.out"));
}

static void a_missing_output_directory_holds_the_folder_and_spends_nothing(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(g_rmdir(bench->out), 0);
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, is_held));
    assert_int_equal(counts(bench).waiting, 5);
    assert_int_equal(g_mkdir(bench->out, 0755), 0);
    health_set(bench->health, "inbox", HEALTH_ALIVE, NULL);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 5);
    assert_int_equal(check_entries(bench->out), 5);
}

static void a_file_replaced_while_it_is_worked_on_is_never_published(void **state)
{
    const Bench *bench = *state;

    drop(bench, "slow.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    check_write(bench->in, "slow.jpg", "something else");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(check_entries(bench->out), 0);
    assert_int_equal(counts(bench).done + counts(bench).failed, 0); /* it is offered anew */
    g_autofree char *there = check_read(bench->in, "slow.jpg");
    assert_string_equal(there, "something else");
}

static void a_worker_that_writes_nothing_publishes_nothing(void **state)
{
    const Bench *bench = *state;

    drop(bench, "nothing.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).failed, 1);
    assert_int_equal(check_entries(bench->out), 0);
}

static void a_picture_in_hand_at_every_death_of_the_daemon_is_failed_with_that_reason(void **state)
{
    const Bench *bench = *state;

    drop(bench, "good.jpg");
    for (int deaths = 0; deaths < RETRY_UNFINISHED; deaths++) {
        g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
        g_autoptr(Error) error = NULL;
        bool claimed = false;
        int64_t next = 0;
        g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
        assert_ok(ledger_due(bench->ledger, "inbox", 0, 1, rows, &next, &error), error);
        LedgerRow *row = &g_array_index(rows, LedgerRow, 0);
        assert_ok(ledger_claim(bench->ledger, row, &claimed, &error), error);
        /* As ledger_open() does with a row that is `working`. */
        assert_ok(ledger_defer(bench->ledger, row->id, 0, true, false, NULL, &error), error);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/good.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "in work at 5 stops"));
}

static void a_truncated_file_never_reaches_a_worker(void **state)
{
    const Bench *bench = *state;

    drop(bench, "good.jpg");
    g_autofree char *path = g_build_filename(bench->in, "half.jpg", NULL);
    g_autoptr(GByteArray) bytes = sample_jpeg();
    assert_true(g_file_set_contents(path, (const char *) bytes->data, bytes->len - 10, NULL));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    LedgerOffer offer = { bench->folder.name, (char *) (uintptr_t) "half.jpg", fileid_of(&st) };
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/half.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "incomplete"));
    assert_int_equal(check_entries(bench->out), 1);
}

static void a_worker_that_cannot_be_started_holds_the_folder(void **state)
{
    const Bench *bench = *state;
    g_autofree char *worker = g_strdup(g_getenv("HOTFOLDER_WORKER")), *reason = NULL;

    g_setenv("HOTFOLDER_WORKER", "/nonexistent/hotfolder-worker", TRUE);
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, is_held));
    g_setenv("HOTFOLDER_WORKER", worker, TRUE);
    health_get(bench->health, "inbox", &reason);
    assert_non_null(strstr(reason, "install hotfolder-worker"));
    g_free(reason);
    reason = NULL;
    assert_int_equal(counts(bench).waiting, 1);

    health_trial(bench->health, "inbox");
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);
    assert_int_equal(health_ailing(bench->health), 0); /* proved by the picture */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_picture_is_worked_on_exactly_once),
        TEST(a_picture_that_kills_its_worker_twice_is_failed_and_the_others_are_not),
        TEST(a_worker_that_hangs_is_ended_at_the_deadline),
        TEST(a_worker_that_talks_nonsense_is_replaced),
        TEST(a_damaged_picture_is_failed_at_its_first_attempt),
        TEST(what_may_pass_is_tried_as_often_as_said),
        TEST(a_picture_waits_for_its_memory_and_that_is_not_its_time),
        TEST(small_pictures_do_not_wait_for_memory),
        TEST(what_never_fits_into_the_memory_is_failed),
        TEST(a_stop_waits_for_nobodys_memory),
        TEST(a_picture_computes_no_longer_than_it_may),
        TEST(an_output_does_not_grow_beyond_its_limit),
        TEST(a_stop_gives_back_what_is_in_hand),
        TEST(a_stop_lets_what_is_in_hand_be_finished),
        TEST(a_missing_output_directory_holds_the_folder_and_spends_nothing),
        TEST(a_file_replaced_while_it_is_worked_on_is_never_published),
        TEST(a_worker_that_writes_nothing_publishes_nothing),
        TEST(a_picture_in_hand_at_every_death_of_the_daemon_is_failed_with_that_reason),
        TEST(a_truncated_file_never_reaches_a_worker),
        TEST(a_worker_that_cannot_be_started_holds_the_folder),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
