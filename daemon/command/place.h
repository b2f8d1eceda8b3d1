/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place.h - the name that the daemon has for a path that a person typed: it compares the texts of
 * paths, and a person may have come through a symbolic link. */
#pragma once

#include "command/command.h"

/* From the root, and below the directory as the configuration writes it, where it lies in one:
 * newly allocated. Looks at the file system; a share that does not respond makes it wait. */
char *place_name(const Target *target, const char *typed);

/* The same of a folder, which may be named instead: what has a slash is a path, and so is ".". */
char *place_folder(const Target *target, const char *typed);

/* The name of `path`, which is absolute, below a directory as the configuration writes it, where
 * the links of both lead there; newly allocated, NULL: it is elsewhere. */
char *place_below(const char *path, const char *directory);
