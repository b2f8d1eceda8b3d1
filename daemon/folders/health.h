/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* health.h - whether each folder is available, and why not.
 *
 * Unavailable: the watched directory does not exist or does not respond. Held: no work can be done
 * for it (its output is full, missing or not writable). Paused: a person does not want its pictures
 * processed now; what is in progress ends. Jobs of such a folder stay queued and spend no attempt.
 * One lock; any thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "daemon/settings/snapshot.h"

typedef enum HealthState {
    HEALTH_AVAILABLE,
    HEALTH_UNAVAILABLE,
    HEALTH_HELD,
    HEALTH_PAUSED, /* and otherwise available */
} HealthState;

typedef struct Health Health;

Health *health_new(void);
void health_free(Health *health);

/* Sets the state, and logs it if it has changed. reason may be NULL for HEALTH_AVAILABLE. */
void health_set(Health *health, const char *folder, HealthState state, const char *reason);

/* Holds the folder. One that is unavailable stays so: the new error only follows from that. `need`
 * is how many bytes must be free before another try. */
void health_hold(Health *health, const char *folder, const char *reason, int64_t need);

/* Whether a held folder should be checked again now: 2 s after the hold began, and twice as long
 * after each trial that failed, up to a minute. *need as given to health_hold(). */
bool health_retry_due(Health *health, const char *folder, int64_t *need);

/* The cause of a hold seems to be gone: the folder works again, on trial. The change is logged when
 * a picture is finished, or after some time without a new hold. A folder that has become
 * unavailable since the check began stays so. */
void health_begin_trial(Health *health, const char *folder);

/* End trials well: of a folder that has finished a picture, and those that lasted long enough. */
void health_end_trial(Health *health, const char *folder);
void health_end_old_trials(Health *health);

/* A person pauses the folder, "" for every folder beside those that are paused by name, since
 * then. */
void health_pause(Health *health, const char *folder, const char *who, int64_t since_wall_ms);

/* Ends this pause, and no other one. */
void health_resume(Health *health, const char *folder);

/* Whether the folder is paused, by its name or with all others, also where it is unavailable or
 * held: *who is newly allocated. */
bool health_is_paused(Health *health, const char *folder, char **who, int64_t *since_wall_ms);

/* Whether `health_resume(folder)` ends its pause: it is not only paused with all others. */
bool health_is_paused_by_name(Health *health, const char *folder);

/* The state; *reason (may be NULL) is newly allocated, NULL when available; "by ann since 14:02"
 * when paused. Unknown folders are available, and so are those on trial. */
HealthState health_get(Health *health, const char *folder, char **reason);
const char *health_word(HealthState state);

/* Since when the folder is unavailable or held, also for changing reasons, on clock_ms(); 0 where
 * it is available or only paused. */
int64_t health_since(Health *health, const char *folder);

/* Forgets the folders that a new configuration does not have, but not that they are paused; nothing
 * is logged. */
void health_retain(Health *health, const Settings *settings);

/* Adds the time until now in which folders were unavailable or held to METRIC_HELD_SECONDS. */
void health_count_time(Health *health);

/* How many folders are unavailable, held, or only on trial. */
int health_count_degraded(Health *health);
