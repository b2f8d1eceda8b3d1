/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* imported.h - what a file says of itself that is imported, of whatever kind it is. It lies on a
 * slow card: only the parts of it that hold metadata are read. One thread. */
#pragma once

#include "actions/import_words.h"
#include "actions/sidecar.h"

/* What the file open as fd (borrowed; -1: it is of no kind that has metadata) and its sidecar
 * (NULL: none) say; newly allocated. *why is set, of kind PICTURE, where the file says nothing
 * since it cannot be read as a picture. */
Metadata *imported_metadata(int fd, const Sidecar *sidecar, Error **why);

/* When it was taken, by the camera's clock, corrected; newly allocated. NULL: it says no date. */
GDateTime *imported_taken(Metadata *metadata, const ImportWords *words);

/* The day of that moment, at midnight; what is before `day_starts` (minutes after midnight) belongs
 * to the day before. Newly allocated; NULL: there is no such day. */
GDateTime *imported_day(GDateTime *taken, int day_starts);
