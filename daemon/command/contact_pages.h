/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contact_pages.h - finished pages get the names that a person gave them. Main thread. */
#pragma once

#include "base/error.h"

/* The word of the format that a page of this name has: jpeg, png or tiff; NULL: none of them. */
const char *pages_format(const char *output);

/* Whether none of the names that a sheet could have is taken: `output` itself, and that of its
 * first page of several. *err is of kind CONFIG. */
bool pages_are_free(const char *output, Error **err);

/* Renames the files in the directory `from`, in the order of their names, to those of `count`
 * pages, which sheet_name() makes of `output`. Their paths are added to `names` (of char *, owned).
 * Without `replace` none is renamed where a name is taken. */
bool pages_place(const char *from, const char *output, unsigned count, bool replace,
                 GPtrArray *names, Error **err);
