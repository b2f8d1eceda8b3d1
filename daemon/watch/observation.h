/* observation.h - one look at one file: what is there, whether somebody writes it, whether it is
 * whole.
 *
 * Only facts; what follows from them, pending.h decides. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/files/lease.h"
#include "formats/probe.h"

typedef enum Sight {
    SIGHT_GONE,   /* no such file: it was renamed or removed, which is normal */
    SIGHT_BARRED, /* it cannot be opened or read, see Look.error */
    SIGHT_ODD,    /* a symbolic link, a device, another user's file, ... see Look.odd */
    SIGHT_FILE,
} Sight;

typedef struct Look {
    Sight sight;
    int error;       /* errno of SIGHT_BARRED */
    const char *odd; /* "symbolic link", static */
    FileId id;
    int64_t ctime_ns;
    Probe probe;
    Lease lease;
    int fd;       /* open for reading with SIGHT_FILE, else -1 */
    bool changed; /* under our eyes: the rest is worth nothing */
    bool partner; /* a download's control file (NAME.aria2) lies beside it */
    bool ours;    /* made by hotfolder */
    bool probed;  /* only where it could matter: not empty, no writer, no partner */
} Look;

/* Looks at `path` below `root`. Close it with look_close() whatever it saw. */
void look_at(const char *root, const char *path, Look *look);
void look_close(Look *look);
