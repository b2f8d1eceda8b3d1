/* sweep.h - hidden files that an earlier ledger of this place knew of, and no ledger does any more.
 *
 * A ledger that was lost took the names of half-made outputs with it. A new one has them looked for
 * and removed, once, by a thread of its own. Files of other hotfolders are left alone. */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Sweep Sweep;

/* `tag` is ledger_tag()'s: files whose tag begins alike and goes on differently are removed from
 * every folder's output, done/, failed/ and trash/. NULL when no thread can be had. */
Sweep *sweep_start(Settings *settings, const char *tag);

/* Ends it, finished or not, and waits for it; NULL is allowed. */
void sweep_stop(Sweep *sweep);
