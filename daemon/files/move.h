/* move.h - an original moves to another directory, whole or not at all, never over anything. */
#pragma once

#include "base/error.h"
#include "daemon/files/fileid.h"

typedef struct Move {
    int root_fd;
    const char *path; /* below root_fd */
    const FileId *file;
    int to_root_fd;
    const char *to_path; /* below to_root_fd; directories are made; a taken name gets -1, -2, ... */
    const char *temp; /* a hidden name of this move's own, for where unnamed files can't be had */
    bool again;       /* an earlier try may have been cut off anywhere */
} Move;

/* Moves the file, if it is still `file`. Across file systems it is copied, synced, compared, and
 * only then named and removed; times, mode and extended attributes are kept. *moved is false when
 * there was nothing to move: the file is gone or has become another one. `placed` (may be NULL)
 * gets the path below to_root_fd that it has now, newly allocated: with `again` also when the
 * earlier try had moved it, else NULL where nothing was moved. */
bool move_file(const Move *move, bool *moved, char **placed, Error **err);
