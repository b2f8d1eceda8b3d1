/* health.h - whether a folder's surroundings work: alive, away or held, and why.
 *
 * `away`: the watched directory isn't there. `held`: it can't be worked for (output full, gone or
 * not writable). Jobs of such a folder wait in the ledger and spend no attempt. One lock. */
#pragma once

#include <stdint.h>

#include "base/error.h"

typedef enum HealthState { HEALTH_ALIVE, HEALTH_AWAY, HEALTH_HELD } HealthState;

typedef struct Health Health;

Health *health_new(void);
void health_free(Health *health);

/* Tells of the change in the journal once, when it is one. reason may be NULL for ALIVE. */
void health_set(Health *health, const char *folder, HealthState state, const char *reason);

/* health_set(HELD); `need` is how many bytes at least must be free for another try. */
void health_hold(Health *health, const char *folder, const char *reason, int64_t need);
int64_t health_need(Health *health, const char *folder);

/* The state; *reason (may be NULL) is newly allocated, NULL when alive. Unknown folders are alive. */
HealthState health_get(Health *health, const char *folder, char **reason);
const char *health_word(HealthState state);

/* How many folders are not alive. */
int health_ailing(Health *health);
