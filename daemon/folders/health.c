#include "daemon/folders/health.h"

#include <pthread.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"

enum { FIRST_LOOK_MS = 2000, LAST_LOOK_MS = 60 * 1000, TRIAL_MS = 3000 };

typedef struct Ailment {
    HealthState state;
    bool trial; /* taken for alive, not yet told so */
    char *reason;
    int64_t need;
    int64_t since_ms; /* of the hold, or of the trial; on clock_ms() */
    int64_t look_ms;  /* how long a hold lasts before it is looked at again */
} Ailment;

struct Health {
    pthread_mutex_t lock;
    GHashTable *ailing; /* folder name -> Ailment; whoever isn't here is alive */
};

static void ailment_free(void *data)
{
    Ailment *ailment = data;

    g_free(ailment->reason);
    g_free(ailment);
}

Health *health_new(void)
{
    Health *health = g_new0(Health, 1);

    pthread_mutex_init(&health->lock, NULL);
    health->ailing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, ailment_free);
    return health;
}

void health_free(Health *health)
{
    if (!health)
        return;
    g_hash_table_destroy(health->ailing);
    pthread_mutex_destroy(&health->lock);
    g_free(health);
}

static void tell(const char *folder, HealthState state, const char *reason)
{
    static const EventId events[] = {
        [HEALTH_ALIVE] = EVENT_FOLDER_ALIVE,
        [HEALTH_AWAY] = EVENT_FOLDER_AWAY,
        [HEALTH_HELD] = EVENT_FOLDER_HELD,
    };

    journal_event(events[state], .folder = folder, .reason = reason);
}

/* Under the lock. A hold that ends a trial is the old trouble, looked at less often. */
static void fall_ill(Health *health, const char *folder, const Ailment *had, HealthState state,
                     const char *reason, int64_t need)
{
    Ailment *has = g_new0(Ailment, 1);

    has->state = state;
    has->reason = g_strdup(reason);
    has->need = need;
    has->since_ms = clock_ms();
    has->look_ms = had && had->trial ? MIN(had->look_ms * 2, LAST_LOOK_MS) : FIRST_LOOK_MS;
    g_hash_table_replace(health->ailing, g_strdup(folder), has);
}

/* `lesser`: a folder that is away stays so. */
static void change(Health *health, const char *folder, HealthState state, const char *reason,
                   int64_t need, bool lesser)
{
    pthread_mutex_lock(&health->lock);
    const Ailment *had = g_hash_table_lookup(health->ailing, folder);
    bool news = (had ? had->state : HEALTH_ALIVE) != state;
    if (lesser && had && had->state == HEALTH_AWAY)
        news = false;
    else if (state == HEALTH_ALIVE)
        g_hash_table_remove(health->ailing, folder);
    else
        fall_ill(health, folder, had, state, reason, need);
    pthread_mutex_unlock(&health->lock);

    if (news)
        tell(folder, state, reason);
}

void health_set(Health *health, const char *folder, HealthState state, const char *reason)
{
    change(health, folder, state, reason, 0, false);
}

void health_hold(Health *health, const char *folder, const char *reason, int64_t need)
{
    change(health, folder, HEALTH_HELD, reason, need, true);
}

bool health_due(Health *health, const char *folder, int64_t *need)
{
    pthread_mutex_lock(&health->lock);
    const Ailment *has = g_hash_table_lookup(health->ailing, folder);
    bool due = has && has->state == HEALTH_HELD && !has->trial &&
               clock_ms() >= has->since_ms + has->look_ms - FIRST_LOOK_MS;
    *need = has ? has->need : 0;
    pthread_mutex_unlock(&health->lock);
    return due;
}

void health_trial(Health *health, const char *folder)
{
    pthread_mutex_lock(&health->lock);
    Ailment *has = g_hash_table_lookup(health->ailing, folder);
    if (has) {
        has->trial = true;
        has->since_ms = clock_ms();
    }
    pthread_mutex_unlock(&health->lock);
}

/* Ends the trials that began `age_ms` ago or earlier, of one folder or (NULL) of all. */
static void end_trials(Health *health, const char *only, int64_t age_ms)
{
    g_autoptr(GPtrArray) healed = g_ptr_array_new_with_free_func(g_free);
    int64_t began = clock_ms() - age_ms;
    GHashTableIter iter;
    void *folder = NULL, *value = NULL;

    pthread_mutex_lock(&health->lock);
    g_hash_table_iter_init(&iter, health->ailing);
    while (g_hash_table_iter_next(&iter, &folder, &value)) {
        const Ailment *has = value;
        if (!has->trial || has->since_ms > began || (only && !g_str_equal(only, folder)))
            continue;
        g_ptr_array_add(healed, g_strdup(folder));
        g_hash_table_iter_remove(&iter);
    }
    pthread_mutex_unlock(&health->lock);
    for (unsigned i = 0; i < healed->len; i++)
        tell(g_ptr_array_index(healed, i), HEALTH_ALIVE, NULL);
}

void health_proved(Health *health, const char *folder)
{
    end_trials(health, folder, 0);
}

void health_end_trials(Health *health)
{
    end_trials(health, NULL, TRIAL_MS);
}

HealthState health_get(Health *health, const char *folder, char **reason)
{
    pthread_mutex_lock(&health->lock);
    const Ailment *has = g_hash_table_lookup(health->ailing, folder);
    HealthState state = has && !has->trial ? has->state : HEALTH_ALIVE;
    if (reason)
        *reason = state != HEALTH_ALIVE ? g_strdup(has->reason) : NULL;
    pthread_mutex_unlock(&health->lock);
    return state;
}

void health_keep(Health *health, const Settings *settings)
{
    GHashTableIter iter;
    void *folder = NULL;

    pthread_mutex_lock(&health->lock);
    g_hash_table_iter_init(&iter, health->ailing);
    while (g_hash_table_iter_next(&iter, &folder, NULL))
        if (!settings_folder(settings, folder))
            g_hash_table_iter_remove(&iter);
    pthread_mutex_unlock(&health->lock);
}

const char *health_word(HealthState state)
{
    static const char *const words[] = { "alive", "away", "held" };

    return words[state];
}

int health_ailing(Health *health)
{
    pthread_mutex_lock(&health->lock);
    int count = (int) g_hash_table_size(health->ailing);
    pthread_mutex_unlock(&health->lock);
    return count;
}
