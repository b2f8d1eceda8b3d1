/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/dispatch.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/unmoved.h"

enum { CRASH_LOOP = 10 }; /* crashes of workers over one folder's pictures, within a window */

/* The crashes over one folder's pictures. */
typedef struct CrashLoop {
    int crashes; /* since window_began_ms */
    int64_t window_began_ms;
    int64_t paused_until_ms; /* when the folder goes on; 0: it does not pause */
} CrashLoop;

/* A job whose end the ledger could not record: its row still says `processing`. */
typedef struct UnrecordedJob {
    int64_t id;
    CrashCause crash;
} UnrecordedJob;

struct Dispatch {
    Settings *settings;
    JobContext *context;
    Budget *budget;
    Queue *queue;
    Pool *pool;
    int workers; /* of the pool; a reload does not change them */
    int wake_fd;
    unsigned first_folder; /* the index of the folder that comes first in the next round */
    int64_t retry_at_ms;   /* when the ledger is tried again; 0: its last write went well */
    GHashTable *retried;   /* set of folder names: a retry was given last, the others come first */

    pthread_mutex_t lock;    /* around all that follows: pool threads end jobs */
    GHashTable *in_flight;   /* set of row ids (int64_t); an unrecorded job stays in it */
    bool alone;              /* the job in flight has to be alone */
    int64_t alone_since_ms;  /* when it was given */
    int64_t alone_after_ms;  /* the next job that has to be alone is given no earlier */
    GArray *unrecorded;      /* of UnrecordedJob */
    GHashTable *crash_loops; /* folder name -> CrashLoop */
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
    dispatch->in_flight = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    dispatch->unrecorded = g_array_new(FALSE, FALSE, sizeof(UnrecordedJob));
    dispatch->retried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    dispatch->crash_loops = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&dispatch->lock, NULL);
    return dispatch;
}

void dispatch_free(Dispatch *dispatch)
{
    if (!dispatch)
        return;
    queue_free(dispatch->queue);
    budget_free(dispatch->budget);
    g_hash_table_destroy(dispatch->in_flight);
    g_array_unref(dispatch->unrecorded);
    g_hash_table_destroy(dispatch->crash_loops);
    g_hash_table_destroy(dispatch->retried);
    pthread_mutex_destroy(&dispatch->lock);
    close(dispatch->wake_fd);
    settings_unref(dispatch->settings);
    g_free(dispatch);
}

void dispatch_wake(Dispatch *dispatch)
{
    eventfd_write(dispatch->wake_fd, 1);
}

int dispatch_fd(const Dispatch *dispatch)
{
    return dispatch->wake_fd;
}

/* ---- crash loops: starting workers costs more than most pictures do ---- */

/* Under the lock. */
static void count_crash(Dispatch *dispatch, const char *folder)
{
    CrashLoop *loop = g_hash_table_lookup(dispatch->crash_loops, folder);
    int64_t now = clock_ms();

    if (!loop) {
        loop = g_new0(CrashLoop, 1);
        g_hash_table_insert(dispatch->crash_loops, g_strdup(folder), loop);
    }
    if (now - loop->window_began_ms > dispatch->context->times->crash_window_ms) {
        loop->window_began_ms = now;
        loop->crashes = 0;
    }
    loop->crashes++;
}

/* When a folder that pauses after a crash loop goes on; 0: it does not pause. The pause begins here
 * when there were too many crashes; other folders go on. */
static int64_t cool_down_of(Dispatch *dispatch, const char *folder, int64_t now)
{
    int64_t until = 0;
    int crashes = 0;

    pthread_mutex_lock(&dispatch->lock);
    CrashLoop *loop = g_hash_table_lookup(dispatch->crash_loops, folder);
    if (loop && loop->crashes >= CRASH_LOOP) {
        crashes = loop->crashes;
        *loop = (CrashLoop){ .paused_until_ms = now + dispatch->context->times->cool_down_ms };
    }
    if (loop && loop->paused_until_ms > now)
        until = loop->paused_until_ms;
    pthread_mutex_unlock(&dispatch->lock);
    if (crashes)
        journal_event(EVENT_CRASH_LOOP, .folder = folder, .count = crashes);
    return until;
}

/* ---- jobs in flight: given, and not ended yet ---- */

int dispatch_in_flight(Dispatch *dispatch)
{
    pthread_mutex_lock(&dispatch->lock);
    int count = (int) g_hash_table_size(dispatch->in_flight);
    pthread_mutex_unlock(&dispatch->lock);
    return count;
}

/* Under the lock. */
static bool alone_may_begin(const Dispatch *dispatch, int64_t *next_ms)
{
    if (clock_ms() >= dispatch->alone_after_ms)
        return true;
    *next_ms = MIN(*next_ms, dispatch->alone_after_ms);
    return false;
}

/* Under the lock. Whether the row may be given now. *full: no other one may, either. A job that
 * stands still leaves its room to others. */
static bool fits(Dispatch *dispatch, const LedgerRow *row, bool *full, int64_t *next_ms)
{
    if (row->alone && !alone_may_begin(dispatch, next_ms))
        return false;
    int count = (int) g_hash_table_size(dispatch->in_flight);
    bool others = count > pool_hanging(dispatch->pool);
    *full = count - pool_still(dispatch->pool) >= 2 * dispatch->workers ||
            (others && (dispatch->alone || row->alone));
    return !*full && !g_hash_table_contains(dispatch->in_flight, &row->id);
}

/* Whether the row fits; it is in flight then. */
static bool put_in_flight(Dispatch *dispatch, const LedgerRow *row, bool *full, int64_t *next_ms)
{
    pthread_mutex_lock(&dispatch->lock);
    bool put = fits(dispatch, row, full, next_ms);
    if (put) {
        g_hash_table_add(dispatch->in_flight, g_memdup2(&row->id, sizeof(row->id)));
        dispatch->alone = row->alone;
        dispatch->alone_since_ms = clock_ms();
    }
    pthread_mutex_unlock(&dispatch->lock);
    return put;
}

/* Under the lock. The row may be given again. Jobs that have to be alone keep all others waiting
 * for no more than half of the time: after one, the next waits for as long as it took. */
static void end_flight(Dispatch *dispatch, int64_t id)
{
    int64_t now = clock_ms();

    g_hash_table_remove(dispatch->in_flight, &id);
    if (g_hash_table_size(dispatch->in_flight))
        return;
    if (dispatch->alone)
        dispatch->alone_after_ms = now + (now - dispatch->alone_since_ms);
    dispatch->alone = false;
}

/* On a pool thread. */
static void job_ended(void *user, const Job *job, JobEnd end)
{
    Dispatch *dispatch = user;
    UnrecordedJob unrecorded = { job->row.id, job->render.crash };

    pthread_mutex_lock(&dispatch->lock);
    if (job->render.crash)
        count_crash(dispatch, job->folder->name);
    if (end == JOB_UNRECORDED)
        g_array_append_val(dispatch->unrecorded, unrecorded);
    else
        end_flight(dispatch, job->row.id);
    pthread_mutex_unlock(&dispatch->lock);
    dispatch_wake(dispatch);
}

/* ---- unrecorded jobs: their rows go back to the ledger when it can be written again ---- */

/* The first one; its id is 0 when there is none. */
static UnrecordedJob first_unrecorded(Dispatch *dispatch)
{
    UnrecordedJob first = { 0 };

    pthread_mutex_lock(&dispatch->lock);
    if (dispatch->unrecorded->len)
        first = g_array_index(dispatch->unrecorded, UnrecordedJob, 0);
    pthread_mutex_unlock(&dispatch->lock);
    return first;
}

/* A ledger that can't be written is no picture's fault: only a crash costs an attempt. */
static bool return_unrecorded(Dispatch *dispatch, Error **err)
{
    UnrecordedJob job = { 0 };

    while ((job = first_unrecorded(dispatch)).id) {
        if (!ledger_defer(dispatch->context->ledger, job.id, 0, job.crash != CRASH_NONE, job.crash,
                          NULL, err))
            return false;
        pthread_mutex_lock(&dispatch->lock);
        g_array_remove_index(dispatch->unrecorded, 0);
        end_flight(dispatch, job.id);
        pthread_mutex_unlock(&dispatch->lock);
    }
    return true;
}

/* After a failed write the ledger has to prove itself: giving back rows does not, since a
 * transaction that changes no row succeeds on a full disk, too. */
static bool recover_ledger(Dispatch *dispatch, Error **err)
{
    bool doubtful = dispatch->retry_at_ms || first_unrecorded(dispatch).id;

    return (!doubtful || ledger_test_write(dispatch->context->ledger, err)) &&
           return_unrecorded(dispatch, err);
}

/* ---- a turn: rounds of one job a folder, until no more fit or are due ---- */

/* Whether the row was given. */
static bool give(Dispatch *dispatch, const Folder *folder, LedgerRow *row, bool *full,
                 int64_t *next_ms)
{
    int64_t id = row->id;

    if (!put_in_flight(dispatch, row, full, next_ms))
        return false;
    Job *job = job_new(dispatch->context, dispatch->settings, folder, row);
    if (queue_give(dispatch->queue, job))
        return true;
    *full = true;
    job_free(job);
    pthread_mutex_lock(&dispatch->lock);
    end_flight(dispatch, id);
    pthread_mutex_unlock(&dispatch->lock);
    return false;
}

/* Adds the originals of ended pictures that are due to be moved: every second time before the
 * retries, since neither may wait for all of the others. */
static bool add_unmoved(Dispatch *dispatch, const LedgerDue *due, GArray *rows, int64_t *next_ms,
                        Error **err)
{
    g_autoptr(GArray) moves = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    int64_t next = INT64_MAX;

    bool ok = unmoved_list_due(dispatch->context->ledger, due->folder, due->now, due->limit, moves,
                               &next, err);
    *next_ms = MIN(*next_ms, next);
    g_array_insert_vals(rows, dispatch->first_folder / 2 % 2 ? 0 : rows->len, moves->data,
                        moves->len);
    return ok;
}

/* Gives the first of these rows that fits. *gave: there was one. */
static bool give_due(Dispatch *dispatch, const Folder *folder, const LedgerDue *due, bool *gave,
                     bool *full, int64_t *next_ms, Error **err)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    int64_t next = INT64_MAX;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    if (!ledger_list_due(dispatch->context->ledger, due, rows, &next, err))
        return false;
    *next_ms = MIN(*next_ms, next);
    if (due->retries && !add_unmoved(dispatch, due, rows, next_ms, err))
        return false;
    for (unsigned i = 0; !*gave && !*full && i < rows->len; i++)
        *gave = give(dispatch, folder, &g_array_index(rows, LedgerRow, i), full, next_ms);
    return true;
}

/* The rows in flight may be the first of those that the ledger calls due: one more than these are
 * read. Rows that have to be alone, and may not begin yet, must not hide those behind them. */
static LedgerDue due_of(Dispatch *dispatch, const Folder *folder, int64_t now, int64_t *next_ms)
{
    pthread_mutex_lock(&dispatch->lock);
    LedgerDue due = {
        .folder = folder->name,
        .now = now,
        .retries = !g_hash_table_contains(dispatch->retried, folder->name),
        .alone = alone_may_begin(dispatch, next_ms),
        .limit = (int) g_hash_table_size(dispatch->in_flight) + 1,
    };
    pthread_mutex_unlock(&dispatch->lock);
    return due;
}

/* Gives the first row of the folder that is due and fits. A retry and another picture are given in
 * turn, as long as there are both. *gave: there was one. */
static bool give_first(Dispatch *dispatch, const Folder *folder, int64_t now, bool *gave,
                       bool *full, int64_t *next_ms, Error **err)
{
    LedgerDue due = due_of(dispatch, folder, now, next_ms);

    if (!give_due(dispatch, folder, &due, gave, full, next_ms, err))
        return false;
    if (!*gave && !*full) {
        due.retries = !due.retries;
        if (!give_due(dispatch, folder, &due, gave, full, next_ms, err))
            return false;
    }
    if (*gave && due.retries)
        g_hash_table_add(dispatch->retried, g_strdup(folder->name));
    else if (*gave)
        g_hash_table_remove(dispatch->retried, folder->name);
    return true;
}

/* Whether jobs of this folder may be given at all. */
static bool is_open(Dispatch *dispatch, const Folder *folder, int64_t now, int64_t *next_ms)
{
    int64_t cooled_down = cool_down_of(dispatch, folder->name, now);

    if (cooled_down)
        *next_ms = MIN(*next_ms, cooled_down);
    return !cooled_down && !pool_is_silent(dispatch->pool, folder) &&
           health_get(dispatch->context->health, folder->name, NULL) == HEALTH_AVAILABLE;
}

static bool give_round(Dispatch *dispatch, bool *any, bool *full, int64_t *next_ms, Error **err)
{
    const GPtrArray *folders = dispatch->settings->folders;
    int64_t now = clock_ms();

    *any = false;
    for (unsigned i = 0; !*full && i < folders->len; i++) {
        unsigned n = (dispatch->first_folder + i) % folders->len;
        const Folder *folder = g_ptr_array_index(folders, n);
        bool gave = false;
        if (is_open(dispatch, folder, now, next_ms) &&
            !give_first(dispatch, folder, now, &gave, full, next_ms, err))
            return false;
        *any |= gave;
    }
    dispatch->first_folder++;
    return true;
}

bool dispatch_turn(Dispatch *dispatch, int64_t *next_ms, Error **err)
{
    bool any = true, full = false;
    eventfd_t ignored;

    eventfd_read(dispatch->wake_fd, &ignored);
    *next_ms = INT64_MAX;
    if (clock_ms() < dispatch->retry_at_ms) {
        *next_ms = dispatch->retry_at_ms;
        return true;
    }
    bool ok = recover_ledger(dispatch, err);
    while (ok && any && !full)
        ok = give_round(dispatch, &any, &full, next_ms, err);
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
                                dispatch->context, job_ended, dispatch, err);
    return dispatch->pool != NULL;
}

BudgetUse dispatch_memory(Dispatch *dispatch)
{
    return budget_use(dispatch->budget);
}

void dispatch_reload(Dispatch *dispatch, Settings *settings)
{
    settings_unref(dispatch->settings);
    dispatch->settings = settings_ref(settings);
    if (dispatch->pool)
        pool_reload(dispatch->pool, settings);
    budget_resize(dispatch->budget, settings->memory);
    dispatch_wake(dispatch);
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
    if (health_get(health, folder->name, NULL) != HEALTH_AVAILABLE)
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

    if (pool_look(dispatch->pool, dispatch->settings->folders->len > 1))
        dispatch_wake(dispatch);
    pool_for_each_hanging(dispatch->pool, hold_if_silent, &search);
    return search.open || dispatch_in_flight(dispatch) > pool_hanging(dispatch->pool);
}

void dispatch_end_busy(Dispatch *dispatch)
{
    pool_end_busy(dispatch->pool);
}

/* Jobs that stay in the queue, since threads hang, wait in the ledger. */
void dispatch_stop(Dispatch *dispatch, int64_t timeout_ms)
{
    if (!dispatch->pool)
        return;
    queue_close(dispatch->queue, (unsigned) pool_max_threads(dispatch->pool));
    budget_stop(dispatch->budget);
    pool_stop(dispatch->pool, timeout_ms);
    dispatch->pool = NULL;
    for (Job *job = NULL; (job = queue_take_rest(dispatch->queue));)
        job_free(job);
}
