/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* claim.h - of two services of a machine that watch one directory, the second one waits.
 *
 * Each has a ledger of its own, and would make each picture a second time. A service claims what it
 * watches with a locked file in /run/lock: not in the directory itself, since an open file there
 * would keep its disk from being unmounted. The kernel ends the lock with the service. Services on
 * other machines, or in containers with a /run/lock of their own, see no claim; nor is there one
 * where /run/lock cannot be written. Any thread that may wait for the directory's disk. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/settings/snapshot.h"

/* What a service claims. */
typedef struct Claim {
    pid_t pid;
    uid_t user; /* the owner of its file: no other user can have locked it */
    uint64_t dev, ino;
    bool recursive;
    char *path;        /* of the directory, resolved */
    char *folder;      /* its name in the configuration */
    char *config;      /* the service's configuration, absolute */
    char *runtime_dir; /* where the service's socket is, absolute */
} Claim;

void claim_free(void *data);

/* Says which service this process is, before the first claim. Paths may be relative. Main thread.
 */
void claims_set_service(const char *config, const char *runtime_dir);

/* Claims the directory that the folder watches, if this process has not claimed it yet. False with
 * *err of kind ENVIRONMENT where another service watches it, a directory in it or one that it is
 * in. The claim of a user who may not write to the directory does not count: that user could hold
 * it up otherwise. True for what is no service or a batch, which claim nothing. */
bool claim_folder(const Folder *folder, Error **err);

/* Ends the claims of folders that `settings` does not have; NULL: of all. */
void claims_retain(const Settings *settings);

/* The claims of other processes (of Claim); newly allocated. */
GPtrArray *claims_read(void);
