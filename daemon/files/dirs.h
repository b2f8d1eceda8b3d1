/* dirs.h - opens directories below a root that nothing can lead out of, and makes missing ones.
 *
 * Relative names are bytes; they are resolved as beneath.h says. Descriptors are opened for one job
 * and closed after it: an open directory makes a mount impossible to remove. Any thread. */
#pragma once

#include "base/error.h"
#include "daemon/files/ownership.h"

/* Opens the directory `root`, O_PATH. Missing, it is the world's error. -1 with *err set. */
int tree_open(const char *root, Error **err);

/* Opens the directory `dir` ("" for the root itself) below `root_fd` for reading and fsync(2); with
 * `make`, missing ones are made, durably, and sticky in a sticky one: whoever may not remove a file
 * from where it was may not do so from there. -1 with *err set. */
int tree_dir(int root_fd, const char *dir, bool make, Error **err);

/* The same with `make`, where originals are to lie: no part of `dir` may be a directory that a
 * stranger has made in a root which others may write to, as he could take them out again. (Below a
 * first part that is not sticky, all who may make one could do so anyhow.) */
int tree_dir_own(int root_fd, const char *dir, Error **err);

/* As tree_dir() with `make`, and what is made gets these rights; NULL: nothing is made. With
 * `links` each part of `dir` may be a symbolic link to a directory, which is followed wherever it
 * leads. */
int tree_dir_with(int root_fd, const char *dir, bool links, const Rights *rights, Error **err);

/* fsync(2) of an open directory; `what` names it in the error. */
bool tree_sync(int dir_fd, const char *what, Error **err);
