/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trash.h - the trash of the mount that an original lies on: freedesktop.org Trash specification
 * 1.0. */
#pragma once

#include "daemon/originals/original.h"

/* Moves the original, below `root_fd`, into the trash with its information. False where the mount
 * has no trash that is ours alone. With original->again, finishes what an earlier try began. */
bool trash_move_original(const Original *original, int root_fd);

/* The top directory of the mount that `path` lies on, which has its trash; newly allocated. */
char *trash_top(const char *path);

/* The open directories of a trash. */
typedef struct Trash {
    int files, info;
} Trash;

/* Opens the trash of the mount that `path` lies on, where there is one that is ours alone. */
bool trash_open(const char *path, Trash *trash);
void trash_close(const Trash *trash);

/* Removes the information of a file that is no longer in the trash as `name`. */
void trash_remove_info(const Trash *trash, const char *name);
