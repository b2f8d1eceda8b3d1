/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lease.h - which processes may change a file, by a read lease on it and its file system.
 *
 * Facts about one file or one file system; any thread. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

typedef enum Lease {
    LEASE_FREE,      /* no process on this host has it open for writing */
    LEASE_WRITER,    /* a process has, or has it mapped */
    LEASE_UNCERTAIN, /* a process may have; a share whose server gives no leases says so too */
    LEASE_UNKNOWN,   /* not known: not our file, or no local file system */
} Lease;

/* What a file is that cannot be a picture: "symbolic link", "FIFO", "socket", "device" or
 * "directory", static; NULL for a regular file. */
const char *file_refusal(mode_t mode);

/* Whether the file belongs to a user who is neither ours nor the owner of the folder `root`, and is
 * linked into the folder. */
bool file_is_foreign_link(const char *root, const struct stat *st);

/* Whether a process writes the file of fd, which is open for reading only. */
Lease lease_test(int fd);

/* Which hosts change a file system, and so what its events and leases can know. */
typedef enum FsKind {
    FS_LOCAL,   /* this host alone: both know everything */
    FS_LAYERED, /* processes in its layers too: neither knows of their changes */
    FS_REMOTE,  /* other hosts, or a program: both know little */
} FsKind;
FsKind fs_kind(int fd);

/* The same from what statfs(2) and stat(2) say. */
FsKind fs_kind_of(unsigned type, dev_t dev);
