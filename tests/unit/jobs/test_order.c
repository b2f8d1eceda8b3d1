/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In which order pictures begin: many histories of one folder, with a clock that is given, workers
 * that are none, and the real dispatcher, ledger and outcomes. Chance comes from the history's
 * number: a history that breaks a rule breaks it again. */
#include "base/clock.h"
#include "daemon/jobs/dispatch.h"
#include "daemon/jobs/outcome.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/journal.h"
#include "tests/unit/check.h"

enum {
    HISTORIES = 150,
    WORKERS_MAX = 3,
    DAY_MS = 24 * 3600 * 1000,
};

/* What happens to a picture, once if nothing else is said, before it is finished. */
typedef enum Fate {
    FATE_GOOD, /* nothing */
    FATE_CRASHES,
    FATE_FAILS,
    FATE_STAYS, /* its original cannot be moved */
    FATE_TWIN,  /* a picture of the same content is in progress */
    FATE_UNREADABLE,
    FATE_HOLDS, /* it holds the folder, up to three times */
    FATES
} Fate;

typedef struct Picture {
    Fate fate;
    int trouble;    /* how often it still meets its fate */
    unsigned taken; /* how often a worker took it */
    bool retry;     /* it waits for its time, or did, and not for a hold */
    int64_t deferred_ms, delay_ms;
    unsigned came_before; /* it met a hold: how many pictures had arrived then */
    int64_t began_ms;
    unsigned seen; /* jobs that were taken before it arrived */
} Picture;

typedef struct World {
    GRand *chance;
    double jitter; /* of the next retry */
    int64_t now;
    ProfileText profile;
    Folder folder;
    Settings settings;
    JobTimes times;
    JobContext context;
    Dispatch *dispatch;
    Queue *queue;
    void (*job_ended)(void *user, const Job *job, JobEnd end);
    void *job_ended_user;
    Job *busy[WORKERS_MAX];
    int64_t busy_until[WORKERS_MAX];
    Picture *pictures;
    unsigned total, arrived, untried; /* pictures; the first that no worker has taken yet */
    unsigned ended, taken, holds;
    int retries_in_a_row;
    const char *broken; /* the first rule that was broken */
    unsigned culprit;
} World;

static World world;

/* ---- what the linker puts in the place of the clock, of chance and of the pool ---- */

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): the linker's names */
int64_t __wrap_clock_ms(void);
double __wrap_g_random_double(void);
int __wrap_pool_hanging(Pool *pool);
int __wrap_pool_aside(Pool *pool);
bool __wrap_pool_is_silent(Pool *pool, const Folder *folder);
void __wrap_pool_job_given(Pool *pool);
void __wrap_pool_start_missing(Pool *pool);
Pool *__wrap_pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                        void (*ended)(void *user, const Job *job, JobEnd end),
                        void (*room)(void *user), void *user, Error **err);

int64_t __wrap_clock_ms(void)
{
    return world.now;
}

double __wrap_g_random_double(void)
{
    return world.jitter;
}

int __wrap_pool_hanging(Pool *pool)
{
    (void) pool;
    return 0;
}

int __wrap_pool_aside(Pool *pool)
{
    (void) pool;
    return 0;
}

bool __wrap_pool_is_silent(Pool *pool, const Folder *folder)
{
    (void) pool, (void) folder;
    return false;
}

void __wrap_pool_start_missing(Pool *pool)
{
    (void) pool;
}

void __wrap_pool_job_given(Pool *pool)
{
    (void) pool;
}

Pool *__wrap_pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                        void (*ended)(void *user, const Job *job, JobEnd end),
                        void (*room)(void *user), void *user, Error **err)
{
    (void) workers, (void) settings, (void) context, (void) room, (void) err;
    world.queue = queue;
    world.job_ended = ended;
    world.job_ended_user = user;
    return (Pool *) &world;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* ---- a world ---- */

static void begin_world(guint32 seed, int workers, unsigned total)
{
    g_autoptr(Error) error = NULL;

    world = (World){ .chance = g_rand_new_with_seed(seed), .now = DAY_MS, .total = total };
    world.pictures = g_new0(Picture, total);
    world.profile.name = world.profile.file = (char *) (uintptr_t) "fake";
    world.folder = (Folder){
        .name = (char *) (uintptr_t) "inbox",
        .path = (char *) (uintptr_t) "/nonexistent",
        .output = (char *) (uintptr_t) "/nonexistent",
        .profile = &world.profile,
        .originals = ORIGINALS_UNTOUCHED,
        .retry = { .attempts = 3, .first_ms = 1000, .max_ms = 60000 },
    };
    atomic_init(&world.settings.refs, 1);
    world.settings.workers = workers;
    world.settings.folders = g_ptr_array_new();
    g_ptr_array_add(world.settings.folders, &world.folder);
    world.times = job_times;
    world.context.times = &world.times;
    world.context.health = health_new();
    assert_ok(ledger_open(NULL, &world.context.ledger, &error), error);
    world.dispatch = dispatch_new(&world.settings, &world.context, &error);
    assert_ok(world.dispatch && dispatch_start(world.dispatch, &error), error);
}

static void end_world(void)
{
    dispatch_free(world.dispatch);
    ledger_close(world.context.ledger);
    health_free(world.context.health);
    g_ptr_array_unref(world.settings.folders);
    g_free(world.pictures);
    g_rand_free(world.chance);
}

static void arrive(void)
{
    g_autofree char *source = g_strdup_printf("%u.jpg", world.arrived);
    FileId file = { .dev = 1, .ino = world.arrived + 1, .size = 1000, .mtime_ns = 1 };
    LedgerOffer offer = { world.folder.name, source, file, false, { 0 } };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(world.context.ledger, &offer, 1, NULL, &error), error);
    world.pictures[world.arrived++].seen = world.taken;
}

static Picture *picture_of(const Job *job)
{
    return &world.pictures[job->row.file.ino - 1];
}

/* ---- the rules ---- */

static void check(bool kept, const Picture *picture, const char *rule)
{
    if (kept || world.broken)
        return;
    world.broken = rule;
    world.culprit = (unsigned) (picture - world.pictures);
}

/* Called when a worker takes the picture. What it found when it was given may be as old as the jobs
 * that were in flight then. */
static void check_turn(const Picture *picture)
{
    unsigned in_flight = 2 * (unsigned) world.settings.workers + 1; /* and the one that waits */
    bool others = world.untried < world.arrived &&
                  world.pictures[world.untried].seen + in_flight < world.taken;

    world.retries_in_a_row = picture->retry ? world.retries_in_a_row + 1 : 0;
    check(!others || world.retries_in_a_row < 2, picture, "a new picture waited for two retries");
    check(!picture->came_before || world.untried >= picture->came_before, picture,
          "a picture that met a hold came before one that has not met it");
    check(!picture->retry || world.holds ||
              world.now <= picture->deferred_ms + 2 * picture->delay_ms,
          picture, "a retry began later than after twice its delay");
}

/* ---- what a worker does ---- */

static void note_retry(Picture *picture, int64_t delay)
{
    picture->retry = true;
    picture->deferred_ms = world.now;
    picture->delay_ms = delay;
}

static bool publish_nothing(Job *job)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_publish(world.context.ledger, &job->row, none, NULL, &error), error);
    job->row.state = LEDGER_PUBLISHING;
    return true;
}

/* Sets the outcome that the picture's fate has for it, and its error. */
static void suffer(Job *job, Picture *picture, Error **why)
{
    ErrorKind kind = picture->fate == FATE_HOLDS ? ERROR_ENVIRONMENT : ERROR_TRANSIENT;
    int64_t delay = retry_delay(job->row.attempt, &job->folder->retry, world.jitter);

    error_set(why, kind, NULL, "for a test");
    if (picture->fate == FATE_TWIN) {
        job->outcome = OUTCOME_DUPLICATE_IN_PROGRESS;
        delay = MAX(world.times.duplicate_retry_ms, 20 * (world.now - job->started_ms));
    } else if (picture->fate == FATE_UNREADABLE) {
        job->outcome = OUTCOME_UNREADABLE;
        delay = world.times.unreadable_retry_ms;
    }
    job->render.crash = picture->fate == FATE_CRASHES ? CRASH_UNKNOWN : CRASH_NONE;
    job->publish.complete = picture->fate == FATE_STAYS && publish_nothing(job);
    picture->came_before = kind == ERROR_ENVIRONMENT ? world.arrived : 0;
    world.holds += kind == ERROR_ENVIRONMENT;
    picture->retry = false;
    if (kind != ERROR_ENVIRONMENT)
        note_retry(picture, delay);
}

static void finish(Job *job)
{
    Picture *picture = picture_of(job);
    g_autoptr(Error) why = NULL, error = NULL;

    world.jitter = g_rand_double(world.chance);
    if (picture->trouble-- > 0) {
        suffer(job, picture, &why);
    } else {
        assert_ok(ledger_done(world.context.ledger, &job->row, ORIGINAL_MOVED, false, &error),
                  error);
        job->outcome = OUTCOME_DONE;
        world.ended++;
    }
    world.job_ended(world.job_ended_user, job, outcome_record(job, why));
    job_free(job);
}

/* As attempt_make() does before a worker is asked: false where the folder is held. */
static bool begin(Job *job)
{
    g_autoptr(Error) error = NULL;

    job->started_ms = world.now;
    if (health_get(world.context.health, world.folder.name, NULL) != HEALTH_AVAILABLE)
        return false;
    if (job->row.state == LEDGER_QUEUED)
        assert_ok(ledger_begin(world.context.ledger, &job->row, NULL, &error), error);
    Picture *picture = picture_of(job);
    check_turn(picture);
    picture->taken++;
    picture->began_ms = world.now;
    world.taken++;
    while (world.untried < world.arrived && world.pictures[world.untried].taken)
        world.untried++;
    return true;
}

static void take(unsigned worker)
{
    Job *job = queue_take(world.queue);

    if (begin(job)) {
        world.busy[worker] = job;
        world.busy_until[worker] = world.now + g_rand_int_range(world.chance, 5, 20);
        return;
    }
    world.job_ended(world.job_ended_user, job, JOB_NOT_BEGUN);
    job_free(job);
}

/* Whether the queue had a job for a worker without one. */
static bool take_all(void)
{
    int in_queue = dispatch_in_flight(world.dispatch);
    bool any = false;

    for (unsigned i = 0; i < WORKERS_MAX; i++)
        in_queue -= world.busy[i] != NULL;
    for (unsigned i = 0; i < (unsigned) world.settings.workers; i++)
        if (!world.busy[i] && in_queue-- > 0) {
            take(i);
            any = true;
        }
    return any;
}

/* ---- time ---- */

/* Until the next job ends or the dispatcher wants a turn; a held folder is looked at often. */
static void pass_time(int64_t next)
{
    next = MIN(next, world.now + 100);
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (world.busy[i])
            next = MIN(next, world.busy_until[i]);
    world.now = MAX(next, world.now + 1);
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (world.busy[i] && world.busy_until[i] <= world.now) {
            finish(g_steal_pointer(&world.busy[i]));
            if (world.arrived < world.total)
                arrive(); /* arrivals keep up */
        }
    int64_t need = 0;
    if (health_retry_due(world.context.health, world.folder.name, &need))
        health_begin_trial(world.context.health, world.folder.name);
}

/* Until all have ended, with `backlog` pictures at first and one more after each that ended. */
static void live(unsigned backlog)
{
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    while (world.arrived < backlog)
        arrive();
    while (world.ended < world.total && world.now < 2 * (int64_t) DAY_MS) {
        do
            assert_ok(dispatch_turn(world.dispatch, &next, &error), error);
        while (take_all());
        pass_time(next);
    }
    check(world.ended == world.total, world.pictures, "a picture never ended");
}

/* ---- histories ---- */

static void set_fate(Picture *picture, Fate fate)
{
    picture->fate = fate;
    picture->trouble = fate == FATE_GOOD    ? 0
                       : fate == FATE_HOLDS ? g_rand_int_range(world.chance, 1, 4)
                                            : 1;
}

/* Some pictures meet their fate; in a storm all have to be tried again. */
static void draw_fates(bool storm, bool holds)
{
    for (unsigned i = 0; i < world.total; i++) {
        Fate fate = (Fate) g_rand_int_range(world.chance, FATE_GOOD, FATES);
        if (storm)
            fate = FATE_FAILS;
        else if (g_rand_int_range(world.chance, 0, 8) || (fate == FATE_HOLDS && !holds))
            fate = FATE_GOOD;
        set_fate(&world.pictures[i], fate);
    }
}

static void live_history(guint32 seed)
{
    int workers = 1 + (int) (seed % WORKERS_MAX);
    bool storm = seed % 7 == 0, holds = seed % 5 == 0;

    begin_world(seed, workers, 40 + seed % 60);
    draw_fates(storm, holds);
    world.holds = storm; /* which keeps no bound */
    live(world.total * 2 / 3);
}

static void in_every_history_each_picture_comes_in_its_turn(void **state)
{
    (void) state;
    for (guint32 seed = 1; seed <= HISTORIES; seed++) {
        live_history(seed);
        if (world.broken)
            fail_msg("history %u, picture %u: %s", seed, world.culprit, world.broken);
        end_world();
    }
}

/* A worker was killed once over the first of 3,001 pictures. */
static void a_retry_begins_in_time_behind_a_long_backlog(void **state)
{
    (void) state;
    begin_world(1, 1, 3001);
    set_fate(&world.pictures[0], FATE_CRASHES);
    live(world.total);
    assert_null(world.broken);
    assert_int_equal(world.pictures[0].taken, 2);
    assert_in_range(world.pictures[0].began_ms, DAY_MS + 500, DAY_MS + 2000);
    assert_true(world.now > DAY_MS + 30000); /* there was a backlog */
    end_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_begins_in_time_behind_a_long_backlog),
        cmocka_unit_test(in_every_history_each_picture_comes_in_its_turn),
    };

    journal_mute();
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
