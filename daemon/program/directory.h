/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directory.h - the private directory of one run of a program: the only place where that may write.
 * One thread. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct Directory {
    char *path; /* absolute */
    int fd;     /* open, and locked as long as the run lasts */
    uid_t user; /* whose it is */
} Directory;

/* Makes one of that user's, who is not ours where we are root, in the directory for temporary
 * files, after removing those there whose runs are over: a helper that was killed leaves its own.
 * Errors are of kind ENVIRONMENT, or as error_errno() gives them. */
bool directory_make(Directory *directory, uid_t user, Error **err);

/* Removes it with all that is in it. */
void directory_remove(Directory *directory);

/* Whether all files in it take at most `most` bytes, and are not too many. */
bool directory_holds(const Directory *directory, int64_t most);

/* Copies the file `from`, from its start, into it as `name`. */
bool directory_put(const Directory *directory, const char *name, int from, Error **err);

/* Opens the plain file `name`, which is no link; -1 with errno set: there is none. */
int directory_open(const Directory *directory, const char *name);
