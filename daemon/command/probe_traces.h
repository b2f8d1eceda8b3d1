/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe_traces.h - what a probe picture leaves, and how that is taken away. Main thread. */
#pragma once

#include <time.h>

#include "daemon/settings/probe_name.h"
#include "daemon/settings/snapshot.h"

typedef struct ProbeTraces {
    const Folder *folder;  /* borrowed */
    const char *name;      /* of the probe in the folder; borrowed */
    struct timespec since; /* what is older has nothing to do with it */
} ProbeTraces;

/* Before the picture is dropped. */
ProbeTraces probe_traces_begin(const Folder *folder, const char *name);

/* Removes the original, wherever it is by now, its report, its outputs and the directories that
 * were made for all of these. The paths of the outputs are appended to `outputs` (of char *), their
 * sizes added to *bytes; both may be NULL. What cannot be removed is returned: the path of one of
 * it, newly allocated; NULL: nothing stays. */
char *probe_traces_remove(const ProbeTraces *traces, GPtrArray *outputs, int64_t *bytes);

/* The names of probes that were interrupted and have left something -> the struct timespec since
 * when that may be; to be unreferenced. */
GHashTable *probe_traces_leftovers(const Folder *folder);
