/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* machine.h - the block devices of this machine, as /sys shows them, and what lies below each:
 * partitions, dm, md, bcache, loop and btrfs are followed down to physical disks.
 *
 * Devices have the names that they have in /sys/class/block: "sdb1". Any thread; a path is examined
 * only where a loop device or an overlay leads to it. */
#pragma once

#include <stdint.h>

#include "daemon/files/mounts.h"

typedef struct Machine {
    char *root; /* "", or a real path: a recorded tree with sys/, dev/ and proc/self/mountinfo */
    GPtrArray *mounts; /* of Mount */
} Machine;

/* This machine. `root` "": what else it can be is for tests. */
Machine *machine_new(const char *root);
void machine_free(Machine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

/* What lies below a device or a mount. */
typedef struct Below {
    GPtrArray *disks;   /* names of physical disks, "sda", each once */
    GPtrArray *backing; /* paths of the files that loop devices on the way show, each once */
    bool is_memory;     /* all of it lies in memory, so on no disk */
    bool is_unknown;    /* something below cannot be known: `disks` may lack one */
} Below;

/* Nothing yet. */
Below below_new(void);
void below_clear(Below *below);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Below, below_clear)

/* Adds to `below` what lies below a device, or a mount. */
void machine_device_below(const Machine *machine, const char *device, Below *below);
void machine_mount_below(const Machine *machine, const Mount *mount, Below *below);

/* The device of a mount, or of a number as "8:17"; newly allocated, NULL: none is known. */
char *machine_mounted_device(const Machine *machine, const Mount *mount);
char *machine_numbered_device(const Machine *machine, const char *number);

/* An attribute of a device below /sys, "device/model", without blanks around it; newly allocated,
 * NULL: there is none, or it is empty. */
char *machine_attribute(const Machine *machine, const char *device, const char *attribute);

/* Whether there is a device of this name. */
bool machine_has(const Machine *machine, const char *device);

/* The size of a device in bytes; 0: not known. */
int64_t machine_size(const Machine *machine, const char *device);

/* The disk of which a device is a partition, or the device itself; newly allocated. */
char *machine_whole(const Machine *machine, const char *device);

/* What names a physical disk beyond a restart: "disk:WWN", else its serial number, else where it is
 * plugged in; newly allocated. Two paths to one disk have one name. */
char *machine_disk_name(const Machine *machine, const char *disk);

/* Maker and model of a physical disk: "Samsung Portable SSD T7"; newly allocated, NULL: not known.
 */
char *machine_disk_maker(const Machine *machine, const char *disk);

/* Whether a device is taken out or plugged off by hand: the kernel says so, or it is at USB, or an
 * SD card, or a loop device. */
bool machine_is_removable(const Machine *machine, const char *device);

/* The name of the link to this device in dev/disk/`kind`, as by-uuid has it; newly allocated, NULL:
 * none. */
char *machine_link_name(const Machine *machine, const char *kind, const char *device);

/* `name` with \x20 and the like, as udev writes them, turned into their bytes; newly allocated. */
char *machine_decode(const char *name);
