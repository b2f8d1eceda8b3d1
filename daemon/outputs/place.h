/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place.h - where a published output is. Any thread that may wait for the disk. */
#pragma once

#include "daemon/settings/snapshot.h"

/* The directory in which the output `path` (relative to the folder's output directory) lies, and
 * the rest of its path in there; newly allocated. Where links are followed, that may be outside of
 * the output directory; else it is the output directory itself. */
bool place_of_output(const Folder *folder, const char *path, char **root, char **inside,
                     Error **err);
