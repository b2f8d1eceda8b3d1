/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* original.h - an original that is to be moved out of its folder, and that move. Borrowed texts;
 * any thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/files/move.h"
#include "daemon/settings/snapshot.h"

typedef struct Original {
    const Folder *folder;
    const char *root;     /* absolute: the folder, or where an output is */
    const char *source;   /* relative to root */
    const char *new_name; /* the last part of its path in done/; NULL: that of source */
    const FileId *file;   /* with its hash, where that is known */
    const char *temp;     /* a hidden name that only this picture uses */
    bool again;           /* an earlier try may have been interrupted anywhere: finish it */
    const char *as;   /* its name in the other directory; NULL: its own, with a number where that is
                         taken */
    bool *taken;      /* with `as`: set where another file has that name, and nothing was moved */
    bool rename_only; /* it must be the same file afterwards: on another disk the move fails */
    char **report;    /* set, newly allocated: the path below the folder of the report which says
                         that the original is still in its place; may be NULL */
    bool *missing;    /* set: it was not at its path, and no try of ours has moved it */
} Original;

/* The move to `to_path` below `to_root_fd`. */
Move original_move(const Original *original, int root_fd, int to_root_fd, const char *to_path);
