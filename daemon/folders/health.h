/* health.h - whether a folder's surroundings work: alive, away or held, and why.
 *
 * `away`: the watched directory isn't there. `held`: it can't be worked for (output full, gone or
 * not writable). Jobs of such a folder wait in the ledger and spend no attempt. One lock. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "daemon/settings/snapshot.h"

typedef enum HealthState { HEALTH_ALIVE, HEALTH_AWAY, HEALTH_HELD } HealthState;

typedef struct Health Health;

Health *health_new(void);
void health_free(Health *health);

/* Tells of the change in the journal once, when it is one. reason may be NULL for ALIVE. */
void health_set(Health *health, const char *folder, HealthState state, const char *reason);

/* Holds the folder, unless it is away: then what was met is but a part of that. `need` is how many
 * bytes at least must be free for another try. */
void health_hold(Health *health, const char *folder, const char *reason, int64_t need);

/* Whether a held folder should be looked at again now: every 2 s at first, less and less often, up
 * to once a minute, when trials end in the same trouble. *need as given to health_hold(). */
bool health_due(Health *health, const char *folder, int64_t *need);

/* The cause seems to be gone: the folder works again, on trial. Nothing is told until a picture
 * proves it, or some time passed without a new hold. */
void health_trial(Health *health, const char *folder);
void health_proved(Health *health, const char *folder); /* a picture was finished */
void health_end_trials(Health *health);                 /* those that lasted long enough */

/* The state; *reason (may be NULL) is newly allocated, NULL when alive. Unknown folders are alive,
 * and so are those on trial. */
HealthState health_get(Health *health, const char *folder, char **reason);
const char *health_word(HealthState state);

/* Forgets the folders that are not among those of a new configuration, without a word. */
void health_keep(Health *health, const Settings *settings);

/* How many folders are not alive, or alive on trial only. */
int health_ailing(Health *health);
