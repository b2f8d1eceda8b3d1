/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gather.h - which files of a folder wait for another file of their shot.
 *
 * Companions that were found before their picture, also those that are ignored without one;
 * pictures that are pending. The folder's thread only. Paths are relative to the folder; a file
 * that is in no shot is never here. */
#pragma once

#include <glib.h>

#include "daemon/files/shot.h"

enum { GATHER_MAX = 120000 }; /* more than are pending or known as ignored */

typedef struct Gather Gather;

Gather *gather_new(void);
void gather_free(Gather *gather);

/* The file waits. ready: it is ready itself, and only another file is missing. */
void gather_put(Gather *gather, const char *path, bool ready);
void gather_drop(Gather *gather, const char *path);

/* All below the directory; "": all. */
void gather_drop_below(Gather *gather, const char *directory);

typedef enum GatherState {
    GATHER_NONE,    /* no such file waits */
    GATHER_PENDING, /* one that is not ready itself */
    GATHER_READY,
} GatherState;

/* Whether another file of the shot of `path` waits, of this kind. */
GatherState gather_find(const Gather *gather, const char *path, ShotKind kind);

/* The other files of the shot of `path` that wait, and are ready if `ready` says so: paths, newly
 * allocated. NULL: there is none. */
GPtrArray *gather_others(const Gather *gather, const char *path, bool ready);

/* Around a scan of the whole folder, as in known.h: its end drops what the scan did not find, or
 * was not put here since it began. */
void gather_scan_begins(Gather *gather);
void gather_seen(Gather *gather, const char *path);
void gather_scan_ended(Gather *gather);
