/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* move.h - moves an original to another directory, whole or not at all, never over another file.
 *
 * The caller owns what it passes. Any thread; one move of a file at a time. */
#pragma once

#include "base/error.h"
#include "daemon/files/fileid.h"

typedef struct Move {
    int root_fd;
    const char *path; /* below root_fd */
    const FileId *file;
    int to_root_fd;
    /* Below to_root_fd; missing directories are made; a taken name gets -1, -2, ... */
    const char *to_path;
    const char *temp; /* a hidden name that only this move uses, where a file cannot be unnamed */
    bool again;       /* an earlier try may have been interrupted anywhere */
    bool rename_only; /* not by a copy: on another disk the move fails */
    bool *taken;      /* not NULL: it gets no number; set where another file has the name, and
                         nothing was moved */
} Move;

/* Moves the file, if it is still `file`. ERROR_TRANSIENT while a program has it open for writing:
 * then it has its old name again, and what is written makes it another file. Across file systems it
 * is copied, synced, compared, and only then named and removed; times, mode and extended attributes
 * are kept. *moved is false where there was nothing to move: the file is gone, or another file has
 * its name. `new_path` (may be NULL) gets its new path below to_root_fd, newly allocated: with
 * `again` also when the earlier try moved it. NULL where nothing was moved. */
bool move_file(const Move *move, bool *moved, char **new_path, Error **err);

/* Whether `name` in the open directory is the file, moved there, or the copy that a move across
 * file systems has made. */
bool move_is_file(int dir_fd, const char *name, const FileId *file);
