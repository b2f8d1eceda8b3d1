/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dirs.h - opens directories below a root that nothing can lead out of, and makes missing ones.
 *
 * Relative names are bytes; they are resolved as beneath.h says. Descriptors are opened for one job
 * and closed after it: an open directory makes a mount impossible to remove. Any thread. */
#pragma once

#include "base/error.h"
#include "daemon/files/ownership.h"

/* The error of a root directory that open(2) refused with the errno value `code`: of the
 * environment. Always false. */
bool dirs_root_error(int code, const char *root, Error **err);

/* Opens the directory `root`, O_PATH. -1 with *err set: ERROR_ENVIRONMENT where it is missing. */
int dirs_open_root(const char *root, Error **err);

/* Opens the directory `dir` ("" for the root itself) below `root_fd`, for reading and fsync(2).
 * With `make`, missing parts are made, durably. In a sticky directory they are sticky: a user who
 * may not remove a file from its old directory must not be able to do so from the new one. -1 with
 * *err and errno set. */
int dirs_open(int root_fd, const char *dir, bool make, Error **err);

/* As dirs_open() with `make`, for a directory of originals. In a root that others may write to, no
 * part of `dir` may have been made by a stranger, who could take originals out of it. (Below a
 * first part that is not sticky, every user who may make a directory could do so anyway.) */
int dirs_open_own(int root_fd, const char *dir, Error **err);

/* As dirs_open() with `make`; new directories get this ownership, and NULL makes none. With
 * `links`, a part of `dir` may be a symbolic link to a directory, which is followed wherever it
 * leads. */
int dirs_open_with(int root_fd, const char *dir, bool links, const Ownership *ownership,
                   Error **err);

enum { DIRS_TRIES = 3 }; /* with a directory that another program removes each time */

/* Whether the errno value `code` of a call that makes a file in an open directory says that another
 * program has removed that, most likely because it was empty: the caller may open it again. ext4
 * says EPERM to O_TMPFILE there. */
bool dirs_was_removed(int dir_fd, int code);

/* fsync(2) of an open directory; `what` names it in the error. */
bool dirs_sync(int dir_fd, const char *what, Error **err);
