/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/jobs/bench.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/intake.h"
#include "tests/unit/sample.h"

/* The linker has everything that asks clock_ms() ask here. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
int64_t __wrap_clock_ms(void);
int64_t __real_clock_ms(void);

static atomic_int_fast64_t passed_ms;

int64_t __wrap_clock_ms(void)
{
    return __real_clock_ms() + atomic_load(&passed_ms);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

void pass_time(int64_t ms)
{
    atomic_fetch_add(&passed_ms, ms);
}

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
        .deadline_ms = HOUR_MS, /* a slow machine exceeds none that a test does not set */
        .limits.accept = FORMATS_TRUSTED,
    };
    bench->settings = g_new0(Settings, 1);
    atomic_init(&bench->settings->refs, 1);
    bench->settings->workers = 3;
    bench->settings->memory = 100000;
    bench->settings->profiles_text = g_strdup("");
    bench->settings->folders = g_ptr_array_new();
    bench->settings->profiles = g_ptr_array_new();
    bench->settings->programs = g_ptr_array_new();
    bench->settings->tracks = g_ptr_array_new();
    g_ptr_array_add(bench->settings->folders, &bench->folder);
}

static void count_end(void *user, const Job *job, JobEnd end, const char *names, const Error *error)
{
    Bench *bench = user;

    (void) names, (void) error;
    atomic_fetch_add(&bench->ends, 1);
    atomic_fetch_add(&bench->deaths, job->render.crash != CRASH_NONE);
    atomic_fetch_add(&bench->unrecorded, end == JOB_UNRECORDED);
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
    g_autofree char *gate = g_build_filename(bench->dir, "gate", NULL);
    g_setenv("FAKE_GATE", gate, TRUE);
    assert_ok(ledger_open(NULL, &bench->ledger, &error), error);
    bench->health = health_new();
    bench->context.ledger = bench->ledger;
    bench->context.health = bench->health;
    bench->times = job_times;
    bench->times.ledger_retry_ms = 20;
    bench->times.duplicate_retry_ms = 20;
    bench->context.times = &bench->times;
    bench->context.ended = count_end;
    bench->context.user = bench;
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
    assert_int_equal(atomic_load(&bench->settings->refs), 1); /* every reference was given back */
    g_ptr_array_unref(bench->settings->folders);
    g_ptr_array_unref(bench->settings->profiles);
    g_ptr_array_unref(bench->settings->programs);
    g_ptr_array_unref(bench->settings->tracks);
    g_free(bench->settings->profiles_text);
    g_free(bench->settings);
    g_free(bench->other.path);
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

void have_other_folder(Bench *bench)
{
    bench->other = bench->folder;
    bench->other.name = (char *) (uintptr_t) "other";
    bench->other.path = g_build_filename(bench->dir, "other", NULL);
    assert_int_equal(g_mkdir(bench->other.path, 0755), 0);
    g_ptr_array_add(bench->settings->folders, &bench->other);
}

void have_ledger_file(Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->dir, "ledger.db", NULL);
    g_autoptr(Error) error = NULL;

    ledger_close(bench->ledger);
    assert_ok(ledger_open(path, &bench->ledger, &error), error);
    bench->context.ledger = bench->ledger;
}

void fill_disk(struct rlimit *before)
{
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, before), 0);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, before->rlim_max });
}

/* A worker that is started meanwhile must not get the file open for writing. */
static void write_file(const char *path, const void *bytes, size_t count)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, count), count);
    close(fd);
}

void drop_bytes(const Bench *bench, const Folder *folder, const char *name, const void *bytes,
                size_t count)
{
    g_autofree char *path = g_build_filename(folder->path, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(Error) error = NULL;
    struct stat st;

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    write_file(path, bytes, count);
    assert_int_equal(stat(path, &st), 0);
    LedgerOffer offer = { folder->name, (char *) (uintptr_t) name, fileid_of(&st), false, { 0 } };
    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
}

void drop_into(const Bench *bench, const Folder *folder, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_jpeg();

    drop_bytes(bench, folder, name, bytes->data, bytes->len);
}

void drop_heic(const Bench *bench, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_heif("heic");

    drop_bytes(bench, &bench->folder, name, bytes->data, bytes->len);
}

void drop_jp2(const Bench *bench, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_jp2();

    drop_bytes(bench, &bench->folder, name, bytes->data, bytes->len);
}

void drop(const Bench *bench, const char *name)
{
    drop_into(bench, &bench->folder, name);
}

void drop_many(const Bench *bench, const char *prefix, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%s%02d.jpg", prefix, i);
        drop(bench, name);
    }
}

static void nothing(void *user)
{
    (void) user;
}

void find_file(const Bench *bench, const char *name)
{
    Intake *intake = intake_new(bench->ledger, nothing, NULL);
    g_autofree char *path = g_build_filename(bench->in, name, NULL);
    g_autoptr(Error) error = NULL;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    FileId id = fileid_of(&st);
    assert_ok(intake_offer(intake, &bench->folder, name, fd, &id, &error), error);
    assert_ok(intake_flush(intake, &error), error);
    close(fd);
    intake_free(intake);
    assert_true(turn_until(bench, all_ended));
}

void start(const Bench *bench)
{
    g_autoptr(Error) error = NULL;

    assert_ok(dispatch_start(bench->dispatch, &error), error);
}

int64_t turn(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    assert_ok(dispatch_turn(bench->dispatch, &next, &error), error);
    return next;
}

/* The limit is one of real time, whatever a test lets pass. */
bool turn_until(const Bench *bench, bool (*enough)(const Bench *bench))
{
    int64_t limit = __real_clock_ms() + LIMIT_MS;

    while (!enough(bench) && __real_clock_ms() < limit) {
        struct pollfd ready = { .fd = dispatch_fd(bench->dispatch), .events = POLLIN };
        int64_t next = turn(bench);
        poll(&ready, 1, next == INT64_MAX ? 20 : (int) CLAMP(next - clock_ms(), 0, 20));
    }
    return enough(bench);
}

bool all_ended(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    int64_t rows = 1;

    assert_ok(ledger_count_unfinished(bench->ledger, &rows, &error), error);
    return rows == 0 && dispatch_in_flight(bench->dispatch) == 0;
}

bool is_held(const Bench *bench)
{
    return health_get(bench->health, "inbox", NULL) == HEALTH_HELD &&
           dispatch_in_flight(bench->dispatch) == 0;
}

bool one_is_done(const Bench *bench)
{
    return counts(bench).done == 1;
}

bool at_gate(const Bench *bench)
{
    return check_exists(bench->dir, "gate.reached");
}

void open_gate(const Bench *bench)
{
    check_write(bench->dir, "gate.open", "");
}

void run_dropped(const Bench *bench)
{
    start(bench);
    assert_true(turn_until(bench, all_ended));
}

void run_pictures(const Bench *bench, const char *const *names)
{
    for (; *names; names++)
        drop(bench, *names);
    run_dropped(bench);
}

LedgerCounts counts(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts all = { 0 };

    assert_ok(ledger_count(bench->ledger, NULL, &all, &error), error);
    return all;
}

void check_ended(const Bench *bench, int done, int failed)
{
    assert_int_equal(counts(bench).done, done);
    assert_int_equal(counts(bench).failed, failed);
}

char *report_of(const Bench *bench, const char *name)
{
    g_autofree char *path = g_strdup_printf("failed/%s.txt", name);
    char *report = check_read(bench->in, path);

    assert_non_null(report);
    return report;
}

void check_report(const Bench *bench, const char *name, const char *const *texts)
{
    g_autofree char *report = report_of(bench, name);

    for (; *texts; texts++)
        if (!strstr(report, *texts))
            fail_msg("%s.txt does not say '%s', but:\n%s", name, *texts, report);
}
