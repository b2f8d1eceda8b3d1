/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status_file.h - HOTFOLDER.txt at the top of a hot folder, for people who only see the share.
 *
 * A file of that name that hotfolder did not write is left alone: ours begin with a line of their
 * own. Both calls may hang as long as a share does not respond. Any thread. */
#pragma once

#include "base/error.h"

/* Gives the file in the folder `path` this text, in one step. Users who may read the folder may
 * read it. */
bool status_file_write(const char *path, const char *text, Error **err);

/* Removes it. True where none is there, or where it is not ours. */
bool status_file_remove(const char *path, Error **err);
