/* lease.h - who may change a file: what its file system and a read lease on it say.
 *
 * Only facts about one file or one file system; any thread. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

typedef enum Lease {
    LEASE_FREE,   /* nobody on this host has it open for writing */
    LEASE_WRITER, /* somebody has, or has it mapped */
    LEASE_DOUBT,  /* somebody may have: a share says that, too, where its server gives no leases */
    LEASE_SILENT, /* nothing can be said: not our file, or no local file system */
} Lease;

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
