/* ignore.h - names that are never pictures for us: what systems, transfers and editors leave.
 *
 * A name decides only here, and only for leaving a file alone; what a picture is, its bytes say. */
#pragma once

#include <stdbool.h>

#include "daemon/settings/snapshot.h"

/* Why a file or a directory of this name (without its path) is left alone, static; NULL: it isn't.
 */
const char *litter_reason(const Folder *folder, const char *name, bool directory);

/* Whether `path` (relative to the folder) is one of our own directories at its top: done, failed,
 * trash. */
bool litter_reserved(const char *path);

/* The shipped rows, for the manual and the tests; false behind the last. */
bool litter_row(unsigned index, const char **pattern, bool *directory, const char **reason);
