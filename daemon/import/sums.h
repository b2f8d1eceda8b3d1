/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sums.h - the text that `sha256sum -c` reads: a digest, two blanks and a name a line. Where a name
 * has a backslash, a line feed or a carriage return, its line begins with a backslash and these are
 * \\, \n and \r. No file is opened. Any thread. */
#pragma once

#include "base/error.h"
#include "daemon/import/manifest.h"

#define SUMS_NAME "SHA256SUMS"

/* The lines of the manifest's files, then those of `earlier` (NULL: none) that name no file of it;
 * newly allocated. Errors: INTERNAL where a file has no SHA-256, and those of sums_parse(). */
bool sums_compose(const Manifest *manifest, const char *earlier, char **text, Error **err);

/* Calls `found` for each line; what it gets is borrowed, and has no size (-1) and no time. Errors:
 * CONFIG where a line is none. */
bool sums_parse(const char *text, void (*found)(void *user, const ManifestFile *file), void *user,
                Error **err);
