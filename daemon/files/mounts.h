/* mounts.h - where a path leads: without symbolic links, and on which mount it lies. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A line of /proc/self/mountinfo. */
typedef struct Mount {
    char *id;     /* a number of its own, for as long as it is mounted */
    char *device; /* "8:1" */
    char *root;   /* the directory of that file system which is mounted */
    char *point;  /* where */
    bool follows; /* a slave: another name space still has it, and mounts and unmounts in it */
} Mount;

/* Every mount of our name space, of Mount; none where /proc is not there. */
GPtrArray *mounts_read(void);

/* The mount that the real path `path` lies on, borrowed; NULL where none is known. */
const Mount *mounts_of(const GPtrArray *mounts, const char *path);

/* The ids of those that follow: a new set. */
GHashTable *mounts_following(const GPtrArray *mounts);

/* Where in a hidden directory one of those that followed is still mounted, though it is unmounted
 * where it came from; borrowed, NULL: nowhere. */
const char *mounts_left_behind(const GPtrArray *mounts, GHashTable *followed);

/* Directories that the unit's sandbox shows empty, homes among them: what is in them has to be
 * brought in, and then no mount in them is unmounted with the one that it came from. */
bool mounts_is_home(const char *path);
bool mounts_is_hidden(const char *path);

/* `path` without symbolic links, as far as it exists and can be looked at; newly allocated. */
char *mounts_real_path(const char *path);

/* The rest of `path` below `directory` without a slash before it, borrowed; "" for the directory
 * itself, NULL where it isn't inside. */
const char *mounts_below(const char *path, const char *directory);

/* `rest`, which may be "", below `directory`; newly allocated. */
char *mounts_join(const char *directory, const char *rest);
