#include "daemon/jobs/dispatch.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/journal.h"

enum {
    BREATH_MS = 2000,    /* after the ledger could not be written */
    STORM_DEATHS = 10,   /* so many deaths of workers ... */
    STORM_MS = 5000,     /* ... within this time */
    CALM_MS = 10 * 1000, /* are followed by this */
    SLOW_MS = 10 * 1000, /* of a job: then it is asked whether its folder answers */
};

/* Deaths of workers over one folder's pictures. */
typedef struct Storm {
    int deaths; /* since deaths_ms */
    int64_t deaths_ms, calm_until;
} Storm;

/* A job whose end could not be recorded: its row says `working`. */
typedef struct Orphan {
    int64_t id;
    Death death;
} Orphan;

struct Dispatch {
    Settings *settings;
    JobContext *context;
    Budget *budget;
    Queue *queue;
    Pool *pool;
    int workers; /* of the pool, whatever a reload says */
    int wake_fd;
    unsigned turn;       /* the folder that comes first in the next turn */
    int64_t pause_until; /* 0, or the ledger could not be written */

    pthread_mutex_t lock;  /* around what follows: pool threads end jobs */
    GHashTable *in_flight; /* set of job ids (int64_t); an orphan's stays until it is adopted */
    bool alone;            /* the one in flight is to be alone */
    int64_t alone_ms;      /* since when */
    int64_t alone_after;   /* until then no other that is to be alone begins */
    GArray *orphans;       /* of Orphan */
    GHashTable *storms;    /* folder name -> Storm */
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
    dispatch->workers = settings->workers;
    dispatch->queue = queue_new((unsigned) settings->workers);
    dispatch->in_flight = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    dispatch->orphans = g_array_new(FALSE, FALSE, sizeof(Orphan));
    dispatch->storms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&dispatch->lock, NULL);
    return dispatch;
}

void dispatch_wake(Dispatch *dispatch)
{
    eventfd_write(dispatch->wake_fd, 1);
}

int dispatch_fd(const Dispatch *dispatch)
{
    return dispatch->wake_fd;
}

/* Under the lock. */
static void count_death(Dispatch *dispatch, const char *folder)
{
    Storm *storm = g_hash_table_lookup(dispatch->storms, folder);
    int64_t now = clock_ms();

    if (!storm) {
        storm = g_new0(Storm, 1);
        g_hash_table_insert(dispatch->storms, g_strdup(folder), storm);
    }
    if (now - storm->deaths_ms > STORM_MS) {
        storm->deaths_ms = now;
        storm->deaths = 0;
    }
    storm->deaths++;
}

/* Until when nothing of this folder is begun, since workers die over its pictures one after the
 * other: to start them costs more than most pictures. 0: no such thing. Other folders go on. */
static int64_t calm_of(Dispatch *dispatch, const char *folder, int64_t now)
{
    int64_t until = 0;
    int deaths = 0;

    pthread_mutex_lock(&dispatch->lock);
    Storm *storm = g_hash_table_lookup(dispatch->storms, folder);
    if (storm && storm->deaths >= STORM_DEATHS) {
        deaths = storm->deaths;
        *storm = (Storm){ .calm_until = now + CALM_MS };
    }
    if (storm && storm->calm_until > now)
        until = storm->calm_until;
    pthread_mutex_unlock(&dispatch->lock);
    if (deaths)
        journal_event(EVENT_CRASH_LOOP, .folder = folder, .count = deaths);
    return until;
}

/* Under the lock: it may be given again. Pictures that have to be alone keep others waiting for no
 * more than half of the time. */
static void land(Dispatch *dispatch, int64_t id)
{
    int64_t now = clock_ms();

    g_hash_table_remove(dispatch->in_flight, &id);
    if (g_hash_table_size(dispatch->in_flight))
        return;
    if (dispatch->alone)
        dispatch->alone_after = now + (now - dispatch->alone_ms);
    dispatch->alone = false;
}

static void finished(void *user, const Job *job, JobEnd end)
{
    Dispatch *dispatch = user;
    Orphan orphan = { job->row.id, job->death };

    pthread_mutex_lock(&dispatch->lock);
    if (job->death)
        count_death(dispatch, job->folder->name);
    if (end == JOB_UNRECORDED)
        g_array_append_val(dispatch->orphans, orphan);
    else
        land(dispatch, job->row.id);
    pthread_mutex_unlock(&dispatch->lock);
    dispatch_wake(dispatch);
}

bool dispatch_start(Dispatch *dispatch, Error **err)
{
    dispatch->pool = pool_start(dispatch->workers, dispatch->settings, dispatch->queue,
                                dispatch->context, finished, dispatch, err);
    return dispatch->pool != NULL;
}

int dispatch_in_flight(Dispatch *dispatch)
{
    pthread_mutex_lock(&dispatch->lock);
    int count = (int) g_hash_table_size(dispatch->in_flight);
    pthread_mutex_unlock(&dispatch->lock);
    return count;
}

/* The first; its id is 0 when there is none. */
static Orphan first_orphan(Dispatch *dispatch)
{
    Orphan orphan = { 0 };

    pthread_mutex_lock(&dispatch->lock);
    if (dispatch->orphans->len)
        orphan = g_array_index(dispatch->orphans, Orphan, 0);
    pthread_mutex_unlock(&dispatch->lock);
    return orphan;
}

/* Gives rows back to the ledger whose end it could not take. That is the world's fault: no attempt
 * is spent on it, only on a crash. */
static bool adopt_orphans(Dispatch *dispatch, Error **err)
{
    Orphan orphan = { 0 };

    while ((orphan = first_orphan(dispatch)).id) {
        if (!ledger_defer(dispatch->context->ledger, orphan.id, 0, orphan.death != DEATH_NONE,
                          orphan.death, NULL, err))
            return false;
        pthread_mutex_lock(&dispatch->lock);
        g_array_remove_index(dispatch->orphans, 0);
        land(dispatch, orphan.id);
        pthread_mutex_unlock(&dispatch->lock);
    }
    return true;
}

/* Whether it went in; false when it is in flight already, when there is no room, or when it is to
 * be alone and not yet, which *next_ms says. */
static bool give(Dispatch *dispatch, const Folder *folder, LedgerRow *row, bool *full,
                 int64_t *next_ms)
{
    pthread_mutex_lock(&dispatch->lock);
    if (row->alone && clock_ms() < dispatch->alone_after) {
        *next_ms = MIN(*next_ms, dispatch->alone_after);
        pthread_mutex_unlock(&dispatch->lock);
        return false;
    }
    int count = (int) g_hash_table_size(dispatch->in_flight) - pool_hanging(dispatch->pool);
    bool known = g_hash_table_contains(dispatch->in_flight, &row->id);
    *full = count >= 2 * dispatch->workers || (count > 0 && (dispatch->alone || row->alone));
    if (!known && !*full) {
        g_hash_table_add(dispatch->in_flight, g_memdup2(&row->id, sizeof(row->id)));
        dispatch->alone = row->alone;
        dispatch->alone_ms = clock_ms();
    }
    pthread_mutex_unlock(&dispatch->lock);
    if (known || *full)
        return false;

    int64_t id = row->id;
    Job *job = job_new(dispatch->context, dispatch->settings, folder, row);
    if (queue_give(dispatch->queue, job))
        return true;
    *full = true;
    job_free(job);
    pthread_mutex_lock(&dispatch->lock);
    land(dispatch, id);
    pthread_mutex_unlock(&dispatch->lock);
    return false;
}

/* One job of this folder, if one is due that isn't in flight. */
static bool give_one(Dispatch *dispatch, const Folder *folder, int64_t now, bool *gave, bool *full,
                     int64_t *next_ms, Error **err)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    int64_t next = INT64_MAX;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    if (!ledger_due(dispatch->context->ledger, folder->name, now, dispatch_in_flight(dispatch) + 1,
                    rows, &next, err))
        return false;
    *next_ms = MIN(*next_ms, next);
    for (unsigned i = 0; !*gave && !*full && i < rows->len; i++)
        *gave = give(dispatch, folder, &g_array_index(rows, LedgerRow, i), full, next_ms);
    return true;
}

static bool give_round(Dispatch *dispatch, bool *any, bool *full, int64_t *next_ms, Error **err)
{
    const GPtrArray *folders = dispatch->settings->folders;
    int64_t now = clock_ms();

    *any = false;
    for (unsigned i = 0; !*full && i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, (dispatch->turn + i) % folders->len);
        bool gave = false;
        int64_t calm = calm_of(dispatch, folder->name, now);
        *next_ms = calm ? MIN(*next_ms, calm) : *next_ms;
        if (calm || health_get(dispatch->context->health, folder->name, NULL) != HEALTH_AVAILABLE)
            continue;
        if (!give_one(dispatch, folder, now, &gave, full, next_ms, err))
            return false;
        *any |= gave;
    }
    dispatch->turn++;
    return true;
}

bool dispatch_turn(Dispatch *dispatch, int64_t *next_ms, Error **err)
{
    bool any = true, full = false;
    eventfd_t ignored;

    eventfd_read(dispatch->wake_fd, &ignored);
    *next_ms = INT64_MAX;
    if (clock_ms() < dispatch->pause_until) {
        *next_ms = dispatch->pause_until;
        return true;
    }
    /* To change no row takes no writing: that a deferral went well proves nothing. */
    bool doubtful = dispatch->pause_until || first_orphan(dispatch).id;
    bool ok =
        (!doubtful || ledger_try(dispatch->context->ledger, err)) && adopt_orphans(dispatch, err);
    while (ok && any && !full)
        ok = give_round(dispatch, &any, &full, next_ms, err);
    dispatch->pause_until = ok ? 0 : clock_ms() + BREATH_MS;
    if (!ok)
        *next_ms = dispatch->pause_until;
    return ok;
}

bool dispatch_paused(const Dispatch *dispatch)
{
    return dispatch->pause_until != 0;
}

BudgetUse dispatch_memory(Dispatch *dispatch)
{
    return budget_use(dispatch->budget);
}

void dispatch_reload(Dispatch *dispatch, Settings *settings)
{
    settings_unref(dispatch->settings);
    dispatch->settings = settings_ref(settings);
    budget_resize(dispatch->budget, settings->memory);
    dispatch_wake(dispatch);
}

typedef struct Relief {
    Health *health;
    bool in_vain; /* somebody was waited for: the others are asked the next time */
} Relief;

/* The watcher asks what a folder watches; where its output lies nobody has asked until now. */
static bool hangs(void *user, const Folder *folder)
{
    Relief *relief = user;

    if (health_get(relief->health, folder->name, NULL) == HEALTH_UNAVAILABLE ||
        world_is_silent(folder))
        return true;
    if (relief->in_vain || world_answers(folder))
        return false;
    g_autofree char *reason = world_silence(folder);
    relief->in_vain = true;
    health_hold(relief->health, folder->name, reason, 0);
    return true;
}

void dispatch_relieve(Dispatch *dispatch)
{
    Relief relief = { .health = dispatch->context->health };

    if (pool_relieve(dispatch->pool, SLOW_MS, hangs, &relief))
        dispatch_wake(dispatch);
}

void dispatch_stop(Dispatch *dispatch, int64_t patience_ms)
{
    if (!dispatch->pool)
        return;
    queue_close(dispatch->queue, (unsigned) dispatch->workers);
    budget_stop(dispatch->budget);
    pool_stop(dispatch->pool, patience_ms);
    dispatch->pool = NULL;
    for (Job *job = NULL; (job = queue_left(dispatch->queue));)
        job_free(job); /* every taker hung: its row waits */
}

void dispatch_free(Dispatch *dispatch)
{
    if (!dispatch)
        return;
    queue_free(dispatch->queue);
    budget_free(dispatch->budget);
    g_hash_table_destroy(dispatch->in_flight);
    g_array_unref(dispatch->orphans);
    g_hash_table_destroy(dispatch->storms);
    pthread_mutex_destroy(&dispatch->lock);
    close(dispatch->wake_fd);
    settings_unref(dispatch->settings);
    g_free(dispatch);
}
