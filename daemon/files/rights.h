/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rights.h - what a person can do so that this process may use a directory or a file.
 *
 * The kernel only says "permission denied"; this names the user, the missing right and, where the
 * mode shows it, the command. Any thread; the questions go to the file's own file system. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Whether names in the open directory may be added and removed, as its mode and ACL say. */
bool rights_may_change(int dir_fd);

/* The command that lets this process list the open directory, and move files out of it or into it
 * ("chmod g+w '/srv/in'"), newly allocated; NULL: its mode does not show what is missing. */
char *rights_command(int dir_fd);

/* As error_errno() about the open directory or a name in it: where a right there is missing, the
 * remedy says how to give it. */
bool rights_error(Error **err, int code, int dir_fd, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* As error_errno() with the subject `what`, about a file that could not be opened for reading. */
bool rights_error_reading(Error **err, int code, const char *what);

/* A warning about a hot folder `path` that a group shares: a directory that a member makes in it
 * with umask 022 is not writable for the group, so that its originals cannot move. Newly allocated;
 * NULL: a default ACL gives new directories to the group, or the folder has no group. */
char *rights_warning(const char *path);
