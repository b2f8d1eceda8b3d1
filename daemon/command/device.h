/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device.h - a block device that may be a card: where it is mounted, and whether it is none of a
 * card's. Reads /sys, /etc/fstab and our table of mounts. One thread. */
#pragma once

#include "base/error.h"

typedef struct Device {
    char *name;   /* "sdb1", as in /sys/class/block */
    char *node;   /* "/dev/sdb1" */
    char *disk;   /* the disk that it is a part of, or is itself: "sdb" */
    char *number; /* "8:17" */
    char *type;   /* of its file system, as udev says; NULL: none that it knows */
    bool ejects;  /* its medium can leave it while the reader stays */
} Device;

/* Errors: ENVIRONMENT where there is no such device. */
bool device_find(const char *name, Device **device, Error **err);
void device_free(Device *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Device, device_free)

/* Whether it may be read as a card. No: fstab has it, or it belongs to this system; *err says so.
 */
bool device_may_be_card(const Device *device, Error **err);

/* Where all of its file system is mounted; newly allocated, NULL: nowhere. */
char *device_mount_point(const Device *device);

/* Where the disk, or any part of it, is mounted; newly allocated, NULL: nowhere. */
char *device_busy_point(const Device *device);
