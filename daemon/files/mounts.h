/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mounts.h - where a path leads: without symbolic links, and on which mount it lies. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A line of /proc/self/mountinfo. */
typedef struct Mount {
    char *id;      /* a number, unique while it is mounted */
    char *device;  /* "8:1" */
    char *root;    /* the directory of that file system which is mounted */
    char *point;   /* where */
    char *type;    /* of the file system: "ext4", "fuse.sshfs" */
    char *source;  /* what is mounted: "/dev/sdb1", "nas:/photos", "none" */
    char *options; /* of the file system: "rw,upperdir=/a,workdir=/b" */
    bool is_slave; /* a slave: another name space mounts and unmounts in it */
} Mount;

/* Every mount of our name space, of Mount; none where /proc is not there. */
GPtrArray *mounts_read(void);

/* Those of such a text. */
GPtrArray *mounts_parse(const char *table);

/* The mount that the real path `path` lies on, borrowed; NULL where none is known. */
const Mount *mounts_find(const GPtrArray *mounts, const char *path);

/* The mount of this id, borrowed; NULL: none. */
const Mount *mounts_find_id(const GPtrArray *mounts, const char *id);

/* The ids of the slaves: a new set. */
GHashTable *mounts_propagated(const GPtrArray *mounts);

/* A mount point, in a hidden directory, of a mount that was a slave and is none any more: what it
 * came from was unmounted. Borrowed; NULL: none. */
const char *mounts_find_stale(const GPtrArray *mounts, GHashTable *slaves);

/* Directories that the unit's sandbox shows empty, homes among them. The unit binds into them what
 * is needed; a mount there stays when the mount that it came from is unmounted. */
bool mounts_is_home(const char *path);
bool mounts_is_hidden(const char *path);

/* Asks the server of the share that `path` lies on, past the caches of the kernel and of programs
 * that mount shares, as sshfs does: hangs as long as the server does not respond. An error is an
 * answer too. */
void mounts_ask_server(const char *path);

/* `path` without symbolic links, as far as it exists and can be examined; newly allocated. */
char *mounts_real_path(const char *path);

/* The rest of `path` below `directory` without a slash before it, borrowed; "" for the directory
 * itself, NULL where it isn't inside. */
const char *mounts_below(const char *path, const char *directory);

/* `rest`, which may be "", below `directory`; newly allocated. */
char *mounts_join(const char *directory, const char *rest);
