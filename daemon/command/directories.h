/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directories.h - makes the directories of a folder for the user who will work in them, and takes
 * them back where the rest cannot be done. Main thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* To whom a directory is given; its members of the group may use it, and what is made in it gets
 * the group. */
typedef struct DirectoryOwner {
    uid_t user;
    gid_t group;
} DirectoryOwner;

typedef enum DirectoryNeed {
    DIRECTORY_STAYS,  /* it exists, and belongs to somebody or has files: its rights are kept */
    DIRECTORY_GIVEN,  /* it exists, is empty and root's, as `mkdir` leaves it */
    DIRECTORY_MISSES, /* it does not exist */
} DirectoryNeed;

/* What has to be done about `path`. Without an owner (NULL) an existing one stays. False with *err
 * set where it is no directory, or cannot be examined. */
bool directories_examine(const char *path, const DirectoryOwner *owner, DirectoryNeed *need,
                         Error **err);

/* What was made, in this order. */
typedef struct Directories Directories;
Directories *directories_new(void);
void directories_free(Directories *directories);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Directories, directories_free)

/* Makes `path` with its parents, or gives it to the owner, as directories_examine() says. With an
 * owner it has the mode 2770; without one it is as `mkdir` makes it, and root's can be entered by
 * all. With `shared`, directories that the group's members make in it are writable for the group,
 * whatever their umask, where the file system has ACLs. */
bool directories_make(Directories *directories, const char *path, const DirectoryOwner *owner,
                      bool shared, Error **err);

/* Removes what was made and is empty, and gives back what was given. */
void directories_take_back(Directories *directories);
