/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* medium.h - the medium that a directory or a device is: what names it, and the physical disks
 * below it. Reads /proc/self/mountinfo, /sys and udev's database; any thread. It may wait for a
 * share that does not respond. */
#pragma once

#include "base/error.h"

typedef struct Medium {
    char *device; /* the name of its block device in /sys/class/block, "sdb1"; NULL: it has none */
    char *uuid;   /* of its file system; NULL: not known */
    char *label;  /* the same */
    char *maker;  /* of the device that holds it: "SanDisk Extreme"; NULL: not known */
    char *type;   /* of its file system, as mountinfo has it: "exfat", "nfs4", "fuse.sshfs" */
    char *server; /* of a share: the name of its server; NULL: it is no share */
    int64_t size; /* of the medium or its file system, in bytes; 0: not known */
    bool removable; /* the disk below it can be removed, or is a card reader's, or at USB */
    char **disks;   /* the physical disks that hold its bytes, sorted, each by what names it for
                       ever: "sda" resolved through partitions, dm, md, loop and btrfs to
                       "disk:WWN-or-serial-or-devpath"; of a share one, "server:NAME"; none where
                       it cannot be known (some FUSE). NULL ends it */
    char *words;    /* for people: "/dev/sdb (Samsung T7)", "on server NAS", "fuse.x" */
} Medium;

/* Of the file system that the directory `path` lies on. */
bool medium_of_path(const char *path, Medium **medium, Error **err);

/* Of a block device by its name, "sdb1"; nothing needs to be mounted. */
bool medium_of_device(const char *device, Medium **medium, Error **err);

void medium_free(Medium *medium);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Medium, medium_free)

/* Whether a disk holds bytes of both, or one of both is not known to be another one. */
bool medium_shares_disk(const Medium *a, const Medium *b);

/* On how many different physical disks these lie: two that share a disk count once, one whose disks
 * are not known counts nothing. */
unsigned medium_count_disks(const Medium *const *media, unsigned count);
