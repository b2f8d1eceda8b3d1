/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/dispatch.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/jobs/crash_loops.h"
#include "daemon/jobs/rate.h"
#include "daemon/jobs/turns.h"

/* A job whose end the ledger could not record, or may have recorded all the same. */
typedef struct UnrecordedJob {
    LedgerRow row; /* without its texts */
    CrashCause crash;
} UnrecordedJob;

struct Dispatch {
    Settings *settings;
    JobContext *context;
    Budget *budget;
    Queue *queue;
    Pool *pool;
    CrashLoops *crash_loops;
    Rates *rates;
    int workers; /* of the pool; a reload does not change them */
    int wake_fd;
    int64_t retry_at_ms; /* when the ledger is tried again; 0: its last write went well */
    Turns *turns;
    bool may_change;      /* turns_may_change() of the settings */
    atomic_uint arrivals; /* how often the ledger had new work */
    unsigned arrivals_seen;

    Job *waiting; /* its row is taken, and it does not fit yet; NULL: none */

    pthread_mutex_t lock;   /* around all that follows: pool threads end jobs */
    bool stopping;          /* the pool ends */
    int in_flight;          /* with those that are unrecorded */
    bool alone;             /* the job in flight has to be alone */
    int64_t alone_since_ms; /* when it was given */
    int64_t alone_after_ms; /* the next job that has to be alone is given no earlier */
    GArray *unrecorded;     /* of UnrecordedJob */
};

Dispatch *dispatch_new(Settings *settings, JobContext *context, Error **err)
{
    Dispatch *dispatch = g_new0(Dispatch, 1);

    dispatch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (dispatch->wake_fd < 0) {
        error_errno(err, errno, "cannot make an event descriptor");
        g_free(dispatch);
        return NULL;
    }
    dispatch->settings = settings_ref(settings);
    dispatch->budget = budget_new(settings->memory);
    dispatch->context = context;
    dispatch->context->budget = dispatch->budget;
    if (!dispatch->context->times)
        dispatch->context->times = &job_times;
    dispatch->workers = settings->workers;
    dispatch->queue = queue_new((unsigned) settings->workers);
    dispatch->unrecorded = g_array_new(FALSE, FALSE, sizeof(UnrecordedJob));
    dispatch->turns = turns_new();
    dispatch->may_change = turns_may_change(settings);
    dispatch->crash_loops = crash_loops_new();
    dispatch->rates = rates_new();
    pthread_mutex_init(&dispatch->lock, NULL);
    return dispatch;
}

void dispatch_free(Dispatch *dispatch)
{
    if (!dispatch)
        return;
    queue_free(dispatch->queue);
    budget_free(dispatch->budget);
    g_array_unref(dispatch->unrecorded);
    crash_loops_free(dispatch->crash_loops);
    rates_free(dispatch->rates);
    turns_free(dispatch->turns);
    pthread_mutex_destroy(&dispatch->lock);
    close(dispatch->wake_fd);
    settings_unref(dispatch->settings);
    g_free(dispatch);
}

static void wake(const Dispatch *dispatch)
{
    eventfd_write(dispatch->wake_fd, 1);
}

void dispatch_wake(Dispatch *dispatch)
{
    atomic_fetch_add(&dispatch->arrivals, 1);
    wake(dispatch);
}

int dispatch_fd(const Dispatch *dispatch)
{
    return dispatch->wake_fd;
}

/* ---- jobs in flight: given, and not ended yet ---- */

int dispatch_in_flight(Dispatch *dispatch)
{
    pthread_mutex_lock(&dispatch->lock);
    int count = dispatch->in_flight;
    pthread_mutex_unlock(&dispatch->lock);
    return count;
}

/* Under the lock. Whether there is room for a job. One that stands still, or only waits for disks,
 * leaves its room to others; one that is alone, or has to be, waits for those that do not hang. */
static bool has_room(Dispatch *dispatch, bool alone)
{
    bool others = dispatch->in_flight > pool_hanging(dispatch->pool);

    return dispatch->in_flight - pool_aside(dispatch->pool) <
               dispatch->workers * (dispatch->may_change ? 1 : 2) &&
           !(others && (dispatch->alone || alone));
}

/* Whether there was room; the job is in flight then. */
static bool put_in_flight(Dispatch *dispatch, const Job *job)
{
    pthread_mutex_lock(&dispatch->lock);
    bool put = has_room(dispatch, job->row.alone);
    if (put) {
        dispatch->in_flight++;
        dispatch->alone = job->row.alone;
        dispatch->alone_since_ms = clock_ms();
    }
    pthread_mutex_unlock(&dispatch->lock);
    return put;
}

/* Under the lock. Jobs that have to be alone keep all others waiting for no more than half of the
 * time: after one, the next waits for as long as it took. */
static void end_flight(Dispatch *dispatch)
{
    int64_t now = clock_ms();

    if (--dispatch->in_flight)
        return;
    if (dispatch->alone)
        dispatch->alone_after_ms = now + (now - dispatch->alone_since_ms);
    dispatch->alone = false;
}

/* Whether the row is no longer ours. */
static bool release(const Job *job)
{
    g_autoptr(Error) error = NULL;

    return ledger_release(job->context->ledger, &job->row, &error) || error->kind == ERROR_TAKEN;
}

/* Under the lock. The ledger will be asked. */
static void add_unrecorded(Dispatch *dispatch, const Job *job)
{
    UnrecordedJob unrecorded = { job->row, job->render.crash };

    unrecorded.row.folder = unrecorded.row.source = NULL;
    g_array_append_val(dispatch->unrecorded, unrecorded);
}

/* On a pool thread. */
static void job_ended(void *user, const Job *job, JobEnd end)
{
    Dispatch *dispatch = user;

    if (end == JOB_NOT_BEGUN && !release(job))
        end = JOB_UNRECORDED;
    if (job->render.crash)
        crash_loops_count(dispatch->crash_loops, job->folder->name, job->context->times);
    if (end == JOB_DONE || end == JOB_FAILED)
        rates_count(dispatch->rates, job->folder->name, clock_ms());
    pthread_mutex_lock(&dispatch->lock);
    if (end == JOB_UNRECORDED || end == JOB_TAKEN_OVER)
        add_unrecorded(dispatch, job);
    else
        end_flight(dispatch);
    pthread_mutex_unlock(&dispatch->lock);
    wake(dispatch);
}

/* On a pool thread. */
static void make_room(void *user)
{
    wake(user);
}

/* ---- unrecorded jobs: their rows go back to the ledger when it can be written again ---- */

/* The first one; its row has the id 0 when there is none. */
static UnrecordedJob first_unrecorded(Dispatch *dispatch)
{
    UnrecordedJob first = { 0 };

    pthread_mutex_lock(&dispatch->lock);
    if (dispatch->unrecorded->len)
        first = g_array_index(dispatch->unrecorded, UnrecordedJob, 0);
    pthread_mutex_unlock(&dispatch->lock);
    return first;
}

/* The row says how far its job came: it may have ended. A ledger that can't be written is no
 * picture's fault: only a crash costs an attempt. */
static bool give_back(Ledger *ledger, UnrecordedJob *job, Error **err)
{
    g_autoptr(Error) why = NULL;
    LedgerRow *row = &job->row;
    bool ok = ledger_ask(ledger, row, &why) &&
              (row->state == LEDGER_PROCESSING
                   ? ledger_defer(ledger, row, 0, job->crash != CRASH_NONE, job->crash, NULL, &why)
                   : ledger_release(ledger, row, &why));

    if (ok || why->kind == ERROR_TAKEN)
        return true;
    *err = g_steal_pointer(&why);
    return false;
}

static bool return_unrecorded(Dispatch *dispatch, Error **err)
{
    UnrecordedJob job = { 0 };

    while ((job = first_unrecorded(dispatch)).row.id) {
        if (!give_back(dispatch->context->ledger, &job, err))
            return false;
        pthread_mutex_lock(&dispatch->lock);
        g_array_remove_index(dispatch->unrecorded, 0);
        end_flight(dispatch);
        pthread_mutex_unlock(&dispatch->lock);
    }
    return true;
}

/* After a failed write the ledger has to prove itself: giving back rows does not, since a
 * transaction that changes no row succeeds on a full disk, too. */
static bool recover_ledger(Dispatch *dispatch, Error **err)
{
    bool doubtful = dispatch->retry_at_ms || first_unrecorded(dispatch).row.id;

    return (!doubtful || ledger_test_write(dispatch->context->ledger, err)) &&
           return_unrecorded(dispatch, err);
}

/* ---- a turn: jobs are given until no more fit or are due ---- */

/* Whether jobs of this folder may be given at all. */
static bool is_open(Dispatch *dispatch, const Folder *folder, int64_t *next_ms)
{
    int64_t cooled_down =
        crash_loops_pause(dispatch->crash_loops, folder->name, dispatch->context->times);

    if (cooled_down)
        *next_ms = MIN(*next_ms, cooled_down);
    return !cooled_down && !pool_is_silent(dispatch->pool, folder) &&
           health_get(dispatch->context->health, folder->name, NULL) == HEALTH_AVAILABLE;
}

/* Rows that have to be alone, and may not begin yet, must not hide those behind them. */
static bool alone_may_begin(Dispatch *dispatch, int64_t *next_ms)
{
    pthread_mutex_lock(&dispatch->lock);
    int64_t after_ms = dispatch->alone_after_ms;
    pthread_mutex_unlock(&dispatch->lock);
    if (clock_ms() >= after_ms)
        return true;
    *next_ms = MIN(*next_ms, after_ms);
    return false;
}

static void give_waiting_back(Dispatch *dispatch)
{
    g_autoptr(Job) job = g_steal_pointer(&dispatch->waiting);

    turns_take_back(dispatch->turns);
    if (release(job))
        return;
    pthread_mutex_lock(&dispatch->lock);
    dispatch->in_flight++;
    add_unrecorded(dispatch, job);
    pthread_mutex_unlock(&dispatch->lock);
    wake(dispatch);
}

static bool queue_waiting(Dispatch *dispatch)
{
    if (!put_in_flight(dispatch, dispatch->waiting))
        return false;
    if (queue_give(dispatch->queue, dispatch->waiting)) {
        dispatch->waiting = NULL;
        pool_job_given(dispatch->pool);
        return true;
    }
    pthread_mutex_lock(&dispatch->lock);
    end_flight(dispatch);
    pthread_mutex_unlock(&dispatch->lock);
    return false;
}

/* Gives the job that waits; false: it does not fit yet. It goes back to the ledger where it would
 * keep others waiting for long: its folder may have become silent meanwhile, or was held; and one
 * that has to be alone may have to wait, since another one was alone until now. */
static bool give_waiting(Dispatch *dispatch, int64_t *next_ms)
{
    const Job *job = dispatch->waiting;

    if (!job)
        return true;
    if (is_open(dispatch, job->folder, next_ms) &&
        (!job->row.alone || alone_may_begin(dispatch, next_ms)))
        return queue_waiting(dispatch);
    give_waiting_back(dispatch);
    return true;
}

/* The job that waits was chosen before the last arrivals. */
static void choose_again(Dispatch *dispatch)
{
    unsigned arrivals = atomic_load(&dispatch->arrivals);

    if (dispatch->waiting && dispatch->may_change && arrivals != dispatch->arrivals_seen)
        give_waiting_back(dispatch);
    dispatch->arrivals_seen = arrivals;
}

/* Takes the next row of the folder, if one is due, and gives it if it fits. *took: there was one.
 */
static bool give_first(Dispatch *dispatch, const Folder *folder, bool *took, int64_t *next_ms,
                       Error **err)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    int64_t delay_ms = INT64_MAX;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    if (!turns_take(dispatch->turns, dispatch->context->ledger, folder,
                    alone_may_begin(dispatch, next_ms), rows, err))
        return false;
    *took = rows->len > 0;
    if (*took) {
        dispatch->waiting = job_new(dispatch->context, dispatch->settings, folder,
                                    &g_array_index(rows, LedgerRow, 0));
        give_waiting(dispatch, next_ms);
        return true;
    }
    if (!ledger_next_due(dispatch->context->ledger, folder->name, &delay_ms, err))
        return false;
    if (delay_ms != INT64_MAX)
        *next_ms = MIN(*next_ms, clock_ms() + delay_ms);
    return true;
}

/* *any: some folder had a job. */
static bool give_next(Dispatch *dispatch, bool *any, int64_t *next_ms, Error **err)
{
    g_autoptr(GPtrArray) folders = turns_folders(dispatch->turns, dispatch->settings);

    *any = false;
    for (unsigned i = 0; !*any && i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        if (is_open(dispatch, folder, next_ms) && !give_first(dispatch, folder, any, next_ms, err))
            return false;
    }
    return true;
}

bool dispatch_turn(Dispatch *dispatch, int64_t *next_ms, Error **err)
{
    bool any = true;
    eventfd_t ignored;

    eventfd_read(dispatch->wake_fd, &ignored);
    pool_start_missing(dispatch->pool);
    *next_ms = INT64_MAX;
    if (clock_ms() < dispatch->retry_at_ms) {
        *next_ms = dispatch->retry_at_ms;
        return true;
    }
    bool ok = recover_ledger(dispatch, err);
    if (ok)
        choose_again(dispatch);
    while (ok && any && give_waiting(dispatch, next_ms))
        ok = give_next(dispatch, &any, next_ms, err);
    dispatch->retry_at_ms = ok ? 0 : clock_ms() + dispatch->context->times->ledger_retry_ms;
    if (!ok)
        *next_ms = dispatch->retry_at_ms;
    return ok;
}

bool dispatch_paused(const Dispatch *dispatch)
{
    return dispatch->retry_at_ms != 0;
}

/* ---- the pool, and what it uses ---- */

bool dispatch_start(Dispatch *dispatch, Error **err)
{
    dispatch->pool = pool_start(dispatch->workers, dispatch->settings, dispatch->queue,
                                dispatch->context, job_ended, make_room, dispatch, err);
    return dispatch->pool != NULL;
}

void dispatch_for_each_job(Dispatch *dispatch, void (*call)(void *user, const PoolJob *job),
                           void *user)
{
    pthread_mutex_lock(&dispatch->lock);
    if (dispatch->pool && !dispatch->stopping)
        pool_for_each_job(dispatch->pool, call, user);
    pthread_mutex_unlock(&dispatch->lock);
}

int64_t dispatch_resident_bytes(Dispatch *dispatch)
{
    pthread_mutex_lock(&dispatch->lock);
    bool runs = dispatch->pool && !dispatch->stopping;
    int64_t bytes = runs ? pool_resident_bytes(dispatch->pool) : 0;
    pthread_mutex_unlock(&dispatch->lock);
    return bytes;
}

double dispatch_rate(Dispatch *dispatch, const char *folder, bool *steady)
{
    return rates_read(dispatch->rates, folder, clock_ms(), steady);
}

BudgetUse dispatch_memory(Dispatch *dispatch)
{
    return budget_use(dispatch->budget);
}

void dispatch_reload(Dispatch *dispatch, Settings *settings)
{
    if (dispatch->waiting)
        give_waiting_back(dispatch);
    settings_unref(dispatch->settings);
    dispatch->settings = settings_ref(settings);
    dispatch->may_change = turns_may_change(settings);
    if (dispatch->pool)
        pool_reload(dispatch->pool, settings);
    budget_resize(dispatch->budget, settings->memory);
    wake(dispatch);
}

typedef struct HangSearch {
    Dispatch *dispatch;
    bool open; /* whether a folder responds is not known yet */
} HangSearch;

/* The watcher checks the watched directory; this checks the output directory. */
static void hold_if_silent(void *user, const Folder *folder)
{
    HangSearch *search = user;
    Health *health = search->dispatch->context->health;
    const Folder *now = settings_find_folder(search->dispatch->settings, folder->name);

    if (!now || !pool_same_place(now, folder))
        return; /* a reload has pointed it elsewhere */
    HealthState state = health_get(health, folder->name, NULL);
    if (state == HEALTH_UNAVAILABLE || state == HEALTH_HELD)
        return;
    search->open = true;
    if (!healthcheck_is_silent(folder))
        return;
    g_autofree char *reason = healthcheck_hang_text(folder);
    health_hold(health, folder->name, reason, 0);
}

bool dispatch_look(Dispatch *dispatch)
{
    HangSearch search = { .dispatch = dispatch };
    /* for jobs in flight, of which the last one may be found to hang now */
    bool alone_waits = dispatch->waiting && dispatch->waiting->row.alone;

    if (pool_look(dispatch->pool, dispatch->settings->folders->len > 1) || alone_waits)
        wake(dispatch);
    pool_for_each_hanging(dispatch->pool, hold_if_silent, &search);
    return search.open || dispatch_in_flight(dispatch) > pool_hanging(dispatch->pool);
}

void dispatch_end_busy(Dispatch *dispatch)
{
    pool_end_busy(dispatch->pool);
}

void dispatch_cancel(Dispatch *dispatch, const LedgerRow *row)
{
    pthread_mutex_lock(&dispatch->lock);
    if (dispatch->pool && !dispatch->stopping)
        pool_cancel(dispatch->pool, row);
    pthread_mutex_unlock(&dispatch->lock);
}

/* Jobs that stay in the queue, since threads hang, wait in the ledger. */
static void give_rest_back(Dispatch *dispatch)
{
    while (dispatch->waiting || (dispatch->waiting = queue_take_rest(dispatch->queue)))
        give_waiting_back(dispatch);
}

void dispatch_stop(Dispatch *dispatch, int64_t timeout_ms)
{
    if (!dispatch->pool)
        return;
    pthread_mutex_lock(&dispatch->lock);
    dispatch->stopping = true;
    pthread_mutex_unlock(&dispatch->lock);
    queue_close(dispatch->queue, (unsigned) pool_max_threads(dispatch->pool));
    budget_stop(dispatch->budget);
    pool_stop(dispatch->pool, timeout_ms);
    dispatch->pool = NULL;
    give_rest_back(dispatch);
}
