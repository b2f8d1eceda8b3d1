/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* textfile.h - small texts beside originals: why a picture failed, where it came from. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Writes the whole text where the open file stands. False with errno. */
bool textfile_put(int fd, const char *text);

/* Writes and syncs the text as `temp`, a name that only this picture uses: a file of that name is
 * left of an interrupted try, or foreign, and is removed. False with errno. */
bool textfile_write(int dir_fd, const char *temp, mode_t mode, const char *text);

/* The same for a file that users who may read the directory may read too: it gets the group of the
 * directory, where this process may give it. */
bool textfile_write_shared(int dir_fd, const char *temp, const char *text);

/* Whether the file `name` begins with `text`. */
bool textfile_begins_with(int dir_fd, const char *name, const char *text);
