/* observation.h - one look at one file: what is there, whether somebody writes it, whether it is
 * whole.
 *
 * Only facts; what follows from them, pending.h decides. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/files/lease.h"
#include "formats/probe.h"

typedef enum Presence {
    PRESENCE_GONE,       /* no such file: it was renamed or removed, which is normal */
    PRESENCE_UNREADABLE, /* it cannot be opened or read, see Look.error */
    PRESENCE_IRREGULAR,  /* a symbolic link, a device, another user's file, ... see Look.odd */
    PRESENCE_FILE,
} Presence;

typedef struct Observation {
    Presence presence;
    int error;             /* errno of PRESENCE_UNREADABLE */
    const char *irregular; /* "symbolic link", static */
    FileId id;
    int64_t ctime_ns;
    Probe probe;
    Lease lease;
    int fd;            /* open for reading with PRESENCE_FILE, else -1 */
    bool changed;      /* under our eyes: the rest is worth nothing */
    bool control_file; /* a download's control file (NAME.aria2) lies beside it */
    bool made_by_us;   /* made by hotfolder */
    bool probed;       /* only where it could matter: not empty, no writer, no partner */
} Observation;

/* Looks at `path` below `root`. Close it with observation_close() whatever it saw. */
void observe(const char *root, const char *path, Observation *observation);
void observation_close(Observation *observation);
