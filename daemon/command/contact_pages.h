/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contact_pages.h - finished pages get the names that a person gave them. Main thread. */
#pragma once

#include "base/error.h"

/* The word of the format that a page of this name has: jpeg, png or tiff; NULL: none of them. */
const char *pages_format(const char *output);

/* Whether `path` is free, or a file that hotfolder has made, such as an earlier sheet. *err is of
 * kind CONFIG. */
bool page_may_replace(const char *path, Error **err);

/* Whether the names that a sheet could have may be given to it: `output` itself, and that of its
 * first page of several. Without `replace` they are free, else as page_may_replace() says. *err is
 * of kind CONFIG. */
bool pages_may_be_placed(const char *output, bool replace, Error **err);

/* Renames the files in the directory `from`, in the order of their names, to those of `count`
 * pages, which sheet_name() makes of `output`. Their paths are added to `names` (of char *, owned).
 * Where pages_may_be_placed() would refuse one of them, none is renamed. */
bool pages_place(const char *from, const char *output, unsigned count, bool replace,
                 GPtrArray *names, Error **err);
