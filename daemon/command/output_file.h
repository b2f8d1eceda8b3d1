/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* output_file.h - where a command may write a file. Main thread. */
#pragma once

#include "command/command.h"

/* Whether its directory is there, may be written, and is watched by no hot folder: not of `config`
 * (NULL: none is given), nor of the service or of this user. `path` is absolute. *err is of kind
 * CONFIG. */
bool output_file_allowed(const char *path, const char *config, const Target *target, Error **err);
