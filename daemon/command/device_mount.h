/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device_mount.h - mounts a card where only this process sees it, for reading alone, and ejects it.
 *
 * Needs root. Nothing on the card is changed: no journal of a file system is replayed. One thread.
 */
#pragma once

#include "base/error.h"
#include "command/device.h"

typedef struct DeviceMount {
    char *root;  /* where it can be read */
    char *other; /* where a session has it mounted: that mount is read, and kept; NULL: none */
    int busy;    /* keeps that one from being unmounted meanwhile; -1: none */
    int disk;    /* locked together with those who read other parts of it; -1: not open */
} DeviceMount;

/* From now on mounts of this process are its own; those of the system still appear. */
bool device_mount_begin(Error **err);

/* Mounts it read-only, without devices, programs and set-uid, or gives what is mounted already.
 * Files belong to `user` and `group` where the file system has no owners. */
bool device_mount(const Device *device, uid_t user, gid_t group, DeviceMount **mount, Error **err);

/* Unmounts what it has mounted. Waits while a program that mounts (FUSE) ends. */
void device_unmount(DeviceMount *mount);

/* After device_unmount(): lets the medium go, if nothing else uses its disk. *ejected: the reader
 * was asked for it; else the medium may be pulled as it is. False with *err: it must not be pulled
 * yet. */
bool device_eject(const Device *device, DeviceMount *mount, bool *ejected, Error **err);

void device_mount_free(DeviceMount *mount);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeviceMount, device_mount_free)
