/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scratch.h - a directory for files that a command makes on its way. Any thread. */
#pragma once

#include "base/error.h"

/* A new one, which only this user may read, in `directory`, where its name is hidden; NULL: below
 * $TMPDIR, else /var/tmp, since the files may be large. Its path is newly allocated; NULL with *err
 * set. */
char *scratch_new(const char *directory, Error **err);

/* Removes it with all that is in it. */
void scratch_remove(const char *path);
