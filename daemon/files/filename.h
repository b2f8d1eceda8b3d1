/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filename.h - the names of files as bytes: taken apart, joined, numbered where they are taken.
 *
 * No file is opened. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A path's directory ("" at the top) and last component; both newly allocated. */
void filename_split(const char *path, char **dir, char **name);

/* Whether it is the name of a file in its directory: not empty, not "." or "..", no path, not
 * longer than a file system takes, and not like our hidden files. */
bool filename_is_plain(const char *name);

/* "dir/name", or "name" where dir is "": newly allocated. */
char *filename_join(const char *dir, const char *name);

/* "beach.jpg" -> "beach-2.jpg"; number 0 is the name itself. Newly allocated; the result is cut to
 * 255 bytes by shortening the stem. */
char *filename_numbered(const char *name, unsigned number);

enum { FILENAME_NUMBERS = 100000 }; /* how many numbers to try where names are taken */

enum { FILENAME_BYTES = 255 }; /* of a name, on every Linux file system */

/* `name` in at most `most` bytes: its stem is cut, between two characters; newly allocated. */
char *filename_shorten(const char *name, size_t most);

/* The first `length` bytes of `name`, then `tail`. What is longer than a file system takes is cut
 * before `tail`, between two characters. Newly allocated. */
char *filename_with_tail(const char *name, size_t length, const char *tail);
