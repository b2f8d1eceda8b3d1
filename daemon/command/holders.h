/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* holders.h - the processes that keep a file from being taken: those that have it open or mapped
 * for writing, or have a lock or a lease on it.
 *
 * Only root sees the open files of other users' processes; locks are visible to all. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct Holder {
    pid_t pid;
    char *program; /* "smbd", as the kernel knows it; "" where it is not known */
    uid_t user;    /* (uid_t) -1: not known */
    bool writes;   /* it has the file open or mapped for writing */
    bool locks;    /* it has a lock on it */
    bool leases;   /* it has a lease on it, as Samba and NFS servers take them */
} Holder;

void holder_free(Holder *holder);

/* The processes that hold the file at `path` (of Holder, by their ids), without this one and those
 * of hotfolder; newly allocated. *all (may be NULL): whether every process could be looked at. */
GPtrArray *holders_find(const char *path, bool *all);

/* "smbd (process 812, user ann) has it open for writing", newly allocated. */
char *holder_text(const Holder *holder);
