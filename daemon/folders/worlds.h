/* worlds.h - the surroundings of all folders: which can be worked for. Each takes two seconds at
 * most, however many shares do not answer. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/settings/snapshot.h"

/* Holds those that can't be worked for, with their reason; one that is away is the watcher's. */
void worlds_look(Settings *settings, Health *health);

/* Tries those that are held and whose time has come; where it works again they are on trial. */
void worlds_try_held(Settings *settings, Health *health);
