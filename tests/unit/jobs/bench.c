#include "tests/unit/jobs/bench.h"

#include <poll.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "tests/unit/sample.h"

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

int set_up(void **state)
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

int tear_down(void **state)
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

void have_one_worker(Bench *bench)
{
    g_autoptr(Error) error = NULL;

    dispatch_stop(bench->dispatch, 0);
    dispatch_free(bench->dispatch);
    bench->settings->workers = 1;
    bench->dispatch = dispatch_new(bench->settings, &bench->context, &error);
    assert_ok(bench->dispatch, error);
}

void drop(const Bench *bench, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_jpeg();
    g_autofree char *path = g_build_filename(bench->in, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(Error) error = NULL;
    struct stat st;

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_true(g_file_set_contents(path, (const char *) bytes->data, bytes->len, NULL));
    assert_int_equal(stat(path, &st), 0);
    LedgerOffer offer = { bench->folder.name, (char *) (uintptr_t) name, fileid_of(&st), false };
    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
}

void start(const Bench *bench)
{
    g_autoptr(Error) error = NULL;

    assert_ok(dispatch_start(bench->dispatch, &error), error);
}

LedgerCounts counts(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts all = { 0 };

    assert_ok(ledger_count(bench->ledger, NULL, &all, &error), error);
    return all;
}

bool turn_until(const Bench *bench, bool (*enough)(const Bench *bench))
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

bool all_ended(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    int64_t rows = 1;

    assert_ok(ledger_open_rows(bench->ledger, &rows, &error), error);
    return rows == 0 && dispatch_in_flight(bench->dispatch) == 0;
}

bool is_held(const Bench *bench)
{
    return health_get(bench->health, "inbox", NULL) == HEALTH_HELD &&
           dispatch_in_flight(bench->dispatch) == 0;
}

bool one_in_work(const Bench *bench)
{
    return counts(bench).working == 1;
}
