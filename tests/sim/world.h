/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* world.h - one history: its plan, the daemon in it, and its end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/settings/snapshot.h"

enum { WORLD_FOLDERS = 3, WORLD_PICTURES = 80 };

typedef struct Plan { /* picks of ACTOR_PLAN; all 0: one picture, one folder, nothing happens */
    unsigned folders, pictures, workers;
    bool renames, reader, replaces, deletes, links;
    unsigned kills, power_cuts, stops, reloads, hangs, clock_jumps;
    bool events_lossy;
} Plan;
extern Plan plan;

/* What the daemon has as configuration now: settings_load() of the simulation gives it. */
Settings *world_settings(void);

/* True while people still do things, or a fault is still to come. */
extern bool world_busy;
extern int64_t
    world_calm_us; /* when the last fault and the last person ended; INT64_MAX: not yet */

/* Runs one history from the lists or the seed that chance.h has. False: a rule was broken, which
 * judge_broken() names. */
bool world_run(void);
