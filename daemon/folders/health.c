/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/folders/health.h"

#include <pthread.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/metrics/metrics.h"

enum { FIRST_RETRY_MS = 2000, LONGEST_RETRY_MS = 60 * 1000, TRIAL_MS = 3000 };

typedef struct Outage {
    HealthState state;
    bool trial; /* available, which is not logged yet */
    char *reason;
    int64_t need;
    int64_t first_ms;   /* when it began to be in this state, whatever the reasons; on clock_ms() */
    int64_t since_ms;   /* beginning of the hold, or of the trial */
    int64_t counted_ms; /* until when METRIC_HELD_SECONDS has it */
    int64_t retry_ms;   /* how long a hold lasts before the next check */
} Outage;

typedef struct Pause {
    char *who;
    int64_t since_wall_ms;
} Pause;

struct Health {
    pthread_mutex_t lock;
    GHashTable *pauses;  /* folder name, or "" -> Pause */
    GHashTable *outages; /* folder name -> Outage; every other folder is available */
};

static void outage_free(void *data)
{
    Outage *outage = data;

    g_free(outage->reason);
    g_free(outage);
}

static void pause_free(void *data)
{
    Pause *pause = data;

    g_free(pause->who);
    g_free(pause);
}

Health *health_new(void)
{
    Health *health = g_new0(Health, 1);

    pthread_mutex_init(&health->lock, NULL);
    health->pauses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, pause_free);
    health->outages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, outage_free);
    return health;
}

void health_free(Health *health)
{
    if (!health)
        return;
    g_hash_table_destroy(health->outages);
    g_hash_table_destroy(health->pauses);
    pthread_mutex_destroy(&health->lock);
    g_free(health);
}

static void log_change(const char *folder, HealthState state, const char *reason)
{
    static const EventId events[] = {
        [HEALTH_AVAILABLE] = EVENT_FOLDER_AVAILABLE,
        [HEALTH_UNAVAILABLE] = EVENT_FOLDER_UNAVAILABLE,
        [HEALTH_HELD] = EVENT_FOLDER_HELD,
    };

    journal_event(events[state], .folder = folder, .reason = reason);
}

/* Under the lock. Adds the time since it was counted last, unless the folder was on trial then. */
static void count(Outage *outage, const char *folder)
{
    int64_t now_ms = clock_ms();

    if (!outage->trial)
        metrics_add(METRIC_HELD_SECONDS, (double) (now_ms - outage->counted_ms) / 1000, folder,
                    NULL, NULL);
    outage->counted_ms = now_ms;
}

/* Under the lock. A hold that ends a trial has the old cause, which is checked less often. */
static void begin_outage(Health *health, const char *folder, const Outage *previous,
                         HealthState state, const char *reason, int64_t need)
{
    Outage *outage = g_new0(Outage, 1);

    outage->state = state;
    outage->reason = g_strdup(reason);
    outage->need = need;
    outage->since_ms = outage->counted_ms = clock_ms();
    outage->first_ms = previous && previous->state == state ? previous->first_ms : outage->since_ms;
    outage->retry_ms = previous && previous->trial ? MIN(previous->retry_ms * 2, LONGEST_RETRY_MS)
                                                   : FIRST_RETRY_MS;
    g_hash_table_replace(health->outages, g_strdup(folder), outage);
}

/* `is_hold`: a folder that is unavailable stays so. */
static void set_state(Health *health, const char *folder, HealthState state, const char *reason,
                      int64_t need, bool is_hold)
{
    pthread_mutex_lock(&health->lock);
    Outage *previous = g_hash_table_lookup(health->outages, folder);
    if (previous)
        count(previous, folder);
    bool changed = (previous ? previous->state : HEALTH_AVAILABLE) != state;
    if (is_hold && previous && previous->state == HEALTH_UNAVAILABLE)
        changed = false;
    else if (state == HEALTH_AVAILABLE)
        g_hash_table_remove(health->outages, folder);
    else
        begin_outage(health, folder, previous, state, reason, need);
    pthread_mutex_unlock(&health->lock);

    if (changed)
        log_change(folder, state, reason);
}

void health_set(Health *health, const char *folder, HealthState state, const char *reason)
{
    set_state(health, folder, state, reason, 0, false);
}

void health_hold(Health *health, const char *folder, const char *reason, int64_t need)
{
    set_state(health, folder, HEALTH_HELD, reason, need, true);
}

bool health_retry_due(Health *health, const char *folder, int64_t *need)
{
    pthread_mutex_lock(&health->lock);
    const Outage *outage = g_hash_table_lookup(health->outages, folder);
    bool due = outage && outage->state == HEALTH_HELD && !outage->trial &&
               clock_ms() >= outage->since_ms + outage->retry_ms - FIRST_RETRY_MS;
    *need = outage ? outage->need : 0;
    pthread_mutex_unlock(&health->lock);
    return due;
}

void health_begin_trial(Health *health, const char *folder)
{
    pthread_mutex_lock(&health->lock);
    Outage *outage = g_hash_table_lookup(health->outages, folder);
    if (outage && outage->state == HEALTH_HELD) {
        count(outage, folder);
        outage->trial = true;
        outage->since_ms = clock_ms();
    }
    pthread_mutex_unlock(&health->lock);
}

/* Ends the trials that began `age_ms` ago or earlier, of one folder or (NULL) of all. */
static void end_trials(Health *health, const char *only, int64_t age_ms)
{
    g_autoptr(GPtrArray) ended = g_ptr_array_new_with_free_func(g_free);
    int64_t began = clock_ms() - age_ms;
    GHashTableIter iter;
    void *folder = NULL, *value = NULL;

    pthread_mutex_lock(&health->lock);
    g_hash_table_iter_init(&iter, health->outages);
    while (g_hash_table_iter_next(&iter, &folder, &value)) {
        const Outage *outage = value;
        if (!outage->trial || outage->since_ms > began || (only && !g_str_equal(only, folder)))
            continue;
        g_ptr_array_add(ended, g_strdup(folder));
        g_hash_table_iter_remove(&iter);
    }
    pthread_mutex_unlock(&health->lock);
    for (unsigned i = 0; i < ended->len; i++)
        log_change(g_ptr_array_index(ended, i), HEALTH_AVAILABLE, NULL);
}

void health_end_trial(Health *health, const char *folder)
{
    end_trials(health, folder, 0);
}

void health_end_old_trials(Health *health)
{
    end_trials(health, NULL, TRIAL_MS);
}

/* ---- pauses ---- */

void health_pause(Health *health, const char *folder, const char *who, int64_t since_wall_ms)
{
    Pause *pause = g_new0(Pause, 1);

    pause->who = g_strdup(who);
    pause->since_wall_ms = since_wall_ms;
    pthread_mutex_lock(&health->lock);
    g_hash_table_replace(health->pauses, g_strdup(folder), pause);
    pthread_mutex_unlock(&health->lock);
}

void health_resume(Health *health, const char *folder)
{
    pthread_mutex_lock(&health->lock);
    g_hash_table_remove(health->pauses, folder);
    pthread_mutex_unlock(&health->lock);
}

/* Under the lock. */
static const Pause *find_pause(const Health *health, const char *folder)
{
    const Pause *pause = g_hash_table_lookup(health->pauses, folder);

    return pause ? pause : g_hash_table_lookup(health->pauses, "");
}

bool health_is_paused(Health *health, const char *folder, char **who, int64_t *since_wall_ms)
{
    pthread_mutex_lock(&health->lock);
    const Pause *pause = find_pause(health, folder);
    if (pause) {
        *who = g_strdup(pause->who);
        *since_wall_ms = pause->since_wall_ms;
    }
    pthread_mutex_unlock(&health->lock);
    return pause;
}

bool health_is_paused_by_name(Health *health, const char *folder)
{
    pthread_mutex_lock(&health->lock);
    bool paused = g_hash_table_contains(health->pauses, folder);
    pthread_mutex_unlock(&health->lock);
    return paused;
}

/* ---- the state ---- */

/* Newly allocated. */
static char *pause_text(const Pause *pause)
{
    g_autofree char *since = clock_text(pause->since_wall_ms);

    return g_strdup_printf("by %s since %s", pause->who, since);
}

HealthState health_get(Health *health, const char *folder, char **reason)
{
    HealthState state = HEALTH_AVAILABLE;
    char *text = NULL;

    pthread_mutex_lock(&health->lock);
    const Outage *outage = g_hash_table_lookup(health->outages, folder);
    const Pause *pause = find_pause(health, folder);
    if (outage && !outage->trial) {
        state = outage->state;
        text = reason ? g_strdup(outage->reason) : NULL;
    } else if (pause) {
        state = HEALTH_PAUSED;
        text = reason ? pause_text(pause) : NULL;
    }
    pthread_mutex_unlock(&health->lock);
    if (reason)
        *reason = text;
    return state;
}

int64_t health_since(Health *health, const char *folder)
{
    pthread_mutex_lock(&health->lock);
    const Outage *outage = g_hash_table_lookup(health->outages, folder);
    int64_t since_ms = outage && !outage->trial ? outage->first_ms : 0;
    pthread_mutex_unlock(&health->lock);
    return since_ms;
}

void health_retain(Health *health, const Settings *settings)
{
    GHashTableIter iter;
    void *folder = NULL;

    pthread_mutex_lock(&health->lock);
    g_hash_table_iter_init(&iter, health->outages);
    while (g_hash_table_iter_next(&iter, &folder, NULL))
        if (!settings_find_folder(settings, folder))
            g_hash_table_iter_remove(&iter);
    pthread_mutex_unlock(&health->lock);
}

const char *health_word(HealthState state)
{
    static const char *const words[] = { "available", "unavailable", "held", "paused" };

    return words[state];
}

void health_count_time(Health *health)
{
    GHashTableIter iter;
    void *folder = NULL, *outage = NULL;

    pthread_mutex_lock(&health->lock);
    g_hash_table_iter_init(&iter, health->outages);
    while (g_hash_table_iter_next(&iter, &folder, &outage))
        count(outage, folder);
    pthread_mutex_unlock(&health->lock);
}

int health_count_degraded(Health *health)
{
    pthread_mutex_lock(&health->lock);
    int count = (int) g_hash_table_size(health->outages);
    pthread_mutex_unlock(&health->lock);
    return count;
}
