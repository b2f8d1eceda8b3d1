#include "daemon/health.h"

#include <pthread.h>

#include "daemon/journal.h"

typedef struct Ailment {
    HealthState state;
    char *reason;
    int64_t need;
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

static void change(Health *health, const char *folder, HealthState state, const char *reason,
                   int64_t need)
{
    static const EventId events[] = {
        [HEALTH_ALIVE] = EVENT_FOLDER_ALIVE,
        [HEALTH_AWAY] = EVENT_FOLDER_AWAY,
        [HEALTH_HELD] = EVENT_FOLDER_HELD,
    };

    pthread_mutex_lock(&health->lock);
    Ailment *had = g_hash_table_lookup(health->ailing, folder);
    bool news = (had ? had->state : HEALTH_ALIVE) != state;
    if (state == HEALTH_ALIVE) {
        g_hash_table_remove(health->ailing, folder);
    } else {
        Ailment *has = g_new0(Ailment, 1);
        has->state = state;
        has->reason = g_strdup(reason);
        has->need = need;
        g_hash_table_replace(health->ailing, g_strdup(folder), has);
    }
    pthread_mutex_unlock(&health->lock);

    if (news)
        journal_event(events[state], .folder = folder, .reason = reason);
}

void health_set(Health *health, const char *folder, HealthState state, const char *reason)
{
    change(health, folder, state, reason, 0);
}

void health_hold(Health *health, const char *folder, const char *reason, int64_t need)
{
    change(health, folder, HEALTH_HELD, reason, need);
}

int64_t health_need(Health *health, const char *folder)
{
    pthread_mutex_lock(&health->lock);
    const Ailment *has = g_hash_table_lookup(health->ailing, folder);
    int64_t need = has ? has->need : 0;
    pthread_mutex_unlock(&health->lock);
    return need;
}

HealthState health_get(Health *health, const char *folder, char **reason)
{
    pthread_mutex_lock(&health->lock);
    const Ailment *has = g_hash_table_lookup(health->ailing, folder);
    HealthState state = has ? has->state : HEALTH_ALIVE;
    if (reason)
        *reason = has ? g_strdup(has->reason) : NULL;
    pthread_mutex_unlock(&health->lock);
    return state;
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
