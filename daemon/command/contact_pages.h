/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contact_pages.h - finished pages get the names that a person gave them. Main thread. */
#pragma once

#include "command/contact.h"
#include "command/page_file.h"

/* The word of the format that a page of this name has: jpeg, png or tiff; NULL: none of them. */
const char *pages_format(const char *output);

/* Whether none of the names that a sheet could have is taken: `output` itself, and that of its
 * first page of several. *err is of kind CONFIG. */
bool pages_are_free(const char *output, Error **err);

/* Renames the files in the directory `from`, in the order of their names, to those of `count`
 * pages, all or none of them where one is taken. */
bool pages_place(const ContactPages *pages, const char *from, unsigned count, GPtrArray *names,
                 Error **err);
