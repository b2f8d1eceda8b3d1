/* dirs.h - files below a root directory that nothing can lead out of.
 *
 * Relative names are bytes; they are resolved as beneath.h says. Descriptors are opened for one job
 * and closed after it: an open directory makes a mount impossible to remove. */
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

/* A name's directory ("" at the top) and last component; both newly allocated. */
void tree_split(const char *path, char **dir, char **name);

/* "dir/name", or "name" where dir is "": newly allocated. */
char *tree_join(const char *dir, const char *name);

/* "beach.jpg" -> "beach-2.jpg"; number 0 is the name itself. Newly allocated; the result is cut to
 * 255 bytes by shortening the stem. */
char *tree_numbered(const char *name, unsigned number);
enum { TREE_NUMBERS = 100000 }; /* that are tried, where names are taken */

/* The first `length` bytes of `name` and `tail`, shortened before `tail` to what a file system
 * takes; newly allocated. */
char *tree_tailed(const char *name, size_t length, const char *tail);

/* Whether these are two names of one file: what a rename was that the power cut off. btrfs leaves
 * both, and so does a link that its unlink did not follow. */
bool tree_is_twin(int from_fd, const char *from, int to_fd, const char *to);

/* Renames within a file system, never over something. EEXIST when the new name is taken, but for
 * a twin's: that is the rest of the same rename. File systems without RENAME_NOREPLACE get a hard
 * link, or a check, instead. 0, or -1 with errno. */
int tree_rename(int from_fd, const char *from, int to_fd, const char *to);

bool tree_sync(int dir_fd, const char *what, Error **err);
