/* move.h - an original moves to another directory, whole or not at all, never over anything. */
#pragma once

#include "base/error.h"
#include "daemon/fileid.h"

/* Moves the file `path` below root_fd, if it is still `file`, to `to_path` below to_root_fd;
 * directories are made; a taken name gets -1, -2, ... Across file systems it is copied, synced,
 * compared and only then removed; times, mode and extended attributes are kept. *moved is false
 * when there was nothing to move: the file is gone or has become another one. `placed` (may be
 * NULL) gets the name it has now, newly allocated. */
bool move_file(int root_fd, const char *path, const FileId *file, int to_root_fd,
               const char *to_path, bool *moved, char **placed, Error **err);
