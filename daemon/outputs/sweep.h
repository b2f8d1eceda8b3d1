/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sweep.h - removes hidden files that belong to no ledger any more.
 *
 * A ledger that was lost took the names of half-made outputs with it. A new one has them removed,
 * once, by a thread of its own. Files of other hotfolders are not touched. */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Sweep Sweep;

/* `tag` is ledger_tag()'s: files whose tag begins like it and goes on differently are removed from
 * every folder's output, done/, failed/ and trash/. Takes a reference of `settings`. NULL where no
 * thread can be started. */
Sweep *sweep_start(Settings *settings, const char *tag);

/* Stops the thread, finished or not, and waits for its end; NULL is ignored. */
void sweep_stop(Sweep *sweep);
