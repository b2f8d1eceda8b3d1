/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* medium.h - the medium that a directory or a device is: what names it, and the physical disks
 * below it. Reads /proc/self/mountinfo, /sys and udev's database, and asks the file system; any
 * thread. It may wait for a share that does not respond. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

typedef struct Medium {
    char *device; /* the name of its block device in /sys/class/block, "sdb1"; NULL: it has none */
    char *uuid;   /* of its file system; NULL: not known */
    char *label;  /* the same */
    char *maker;  /* of the device that holds it: "SanDisk Extreme"; NULL: not known */
    char *type;   /* of its file system, as mountinfo has it: "exfat", "nfs4", "fuse.sshfs" */
    char *server; /* of a share: the name of its server; NULL: it is no share */
    dev_t fs;     /* the number of its file system, as stat(2) says; 0: not known */
    int64_t size; /* of the medium or its file system, in bytes; 0: not known */
    bool removable; /* the disk below it can be removed, or is a card reader's, or at USB */
    char **disks; /* the physical disks that hold its bytes, sorted, each by what names it beyond a
                     restart: "disk:WWN-or-serial-or-place", through partitions, dm, md, loop and
                     btrfs; of a share one, "server:NAME"; "memory", which is no disk, of a tmpfs;
                     none where it cannot be known (some FUSE). NULL ends it */
    char **backing; /* files that loop devices below it show; NULL ends it */
    char *words;    /* for people, after "on": "/dev/sdb (Samsung T7)", "server NAS", "memory",
                       "fuse.x, whose disk is not known" */
} Medium;

/* Of the file system that the directory `path` lies on. */
bool medium_of_path(const char *path, Medium **medium, Error **err);

/* Of a block device by its name, "sdb1"; nothing needs to be mounted. */
bool medium_of_device(const char *device, Medium **medium, Error **err);

void medium_free(Medium *medium);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Medium, medium_free)

/* Whether a disk holds bytes of both, or one of both is not known to be another one; memory is then
 * as a disk. */
bool medium_shares_disk(const Medium *a, const Medium *b);

/* On how many different physical disks these lie: of those that share a disk one counts; one that
 * lies in memory, or whose disks are not known, counts nothing. */
unsigned medium_count_disks(const Medium *const *media, unsigned count);
