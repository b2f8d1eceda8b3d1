#include "daemon/folders/worlds.h"

#include "base/clock.h"
#include "daemon/folders/healthcheck.h"

/* Tries those folders that are `wanted`, which says what they need, all at once: shares that do not
 * answer are waited for in common. */
static void try_all(Settings *settings, Health *health,
                    bool (*wanted)(Health *health, const char *folder, int64_t *need),
                    void (*tried)(Health *health, const char *folder, const Error *why))
{
    const GPtrArray *folders = settings->folders;
    g_autofree WorldTrial **trials = g_new0(WorldTrial *, folders->len);
    int64_t until_ms = clock_ms() + WORLD_PATIENCE_MS;

    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        int64_t need = 0;
        if (wanted(health, folder->name, &need))
            trials[i] = world_begin(settings, folder, need);
    }
    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        g_autoptr(Error) why = NULL;
        if (!trials[i])
            continue;
        world_end(trials[i], until_ms, &why);
        tried(health, folder->name, why);
    }
}

static void end_hold(Health *health, const char *folder, const Error *why)
{
    if (!why)
        health_trial(health, folder);
}

/* One that is away is the watcher's. */
static bool is_not_away(Health *health, const char *folder, int64_t *need)
{
    *need = 0;
    return health_get(health, folder, NULL) != HEALTH_AWAY;
}

static void begin_hold(Health *health, const char *folder, const Error *why)
{
    g_autofree char *reason = why ? error_text(why) : NULL;

    if (why)
        health_hold(health, folder, reason, 0);
}

void worlds_look(Settings *settings, Health *health)
{
    try_all(settings, health, is_not_away, begin_hold);
}

void worlds_try_held(Settings *settings, Health *health)
{
    try_all(settings, health, health_due, end_hold);
}
