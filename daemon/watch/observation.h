/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* observation.h - what is true of a file now: whether it exists, is being written, is complete.
 *
 * Facts only; readiness.h decides what follows from them. Any thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/files/lease.h"
#include "formats/probe.h"

typedef enum Presence {
    PRESENCE_GONE,       /* no such file: it was renamed or removed, as happens */
    PRESENCE_UNREADABLE, /* it cannot be opened or read, see Observation.error */
    PRESENCE_IRREGULAR,  /* a symbolic link, a device, another user's file, ... see .irregular */
    PRESENCE_FILE,
} Presence;

typedef struct Observation {
    Presence presence;
    int error;             /* errno of PRESENCE_UNREADABLE */
    const char *irregular; /* "symbolic link", static */
    FileId id;
    int64_t ctime_ns;
    Probe probe;
    Format promised; /* that its name ends in */
    Lease lease;
    int fd;            /* open for reading with PRESENCE_FILE, else -1 */
    bool changed;      /* while it was observed: the other fields are worth nothing */
    bool control_file; /* a download's control file (NAME.aria2) lies beside it */
    bool made_by_us;   /* its provenance says that hotfolder made it */
    bool probed;       /* only when it matters: not empty, no writer, no control file */
} Observation;

/* Observes `path` below `root`. Call observation_close() afterwards, whatever the result. */
void observe(const char *root, const char *path, Observation *observation);
void observation_close(Observation *observation);
