/* observation.h - one look at one file: what is there, whether somebody writes it, whether it is
 * whole.
 *
 * Only facts; what follows from them, pending.h decides. */
#pragma once

#include "daemon/files/fileid.h"
#include "formats/probe.h"

typedef enum Sight {
    SIGHT_GONE,   /* no such file: it was renamed or removed, which is normal */
    SIGHT_BARRED, /* it cannot be opened or read, see Look.error */
    SIGHT_ODD,    /* a symbolic link, a device, another user's file, ... see Look.odd */
    SIGHT_FILE,
} Sight;

typedef enum Lease {
    LEASE_FREE,   /* nobody on this host has it open for writing */
    LEASE_WRITER, /* somebody has, or has it mapped */
    LEASE_DOUBT,  /* somebody may have: a share says that, too, where its server gives no leases */
    LEASE_SILENT, /* nothing can be said: not our file, or no local file system */
} Lease;

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

/* Why a file of this type is no candidate, static; NULL for a regular file. */
const char *look_odd(mode_t mode);

/* Whether it is another user's file that was linked into the folder `root`, whose owner did not do
 * so. */
bool look_is_foreign(const char *root, const struct stat *st);

/* Whether anybody writes the file that fd, which is open for reading only, belongs to. */
Lease look_lease(int fd);

/* Who changes a file system: what its events and its leases can know of. */
typedef enum Ground {
    GROUND_LOCAL,   /* this host alone: both know of all */
    GROUND_LAYERED, /* somebody behind it, in its layers, too: neither knows of those */
    GROUND_REMOTE,  /* other hosts, or a program: both know of little */
} Ground;
Ground look_ground(int fd);

/* The same of what statfs(2) and stat(2) say. */
Ground look_ground_of(unsigned type, dev_t dev);
