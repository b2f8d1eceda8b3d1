/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* values.h - `hotfolder-worker --values PHOTO`: what names may use of a picture. */
#pragma once

#include <stdbool.h>

/* Opens the picture, confines itself, and prints each {token} with what it stands for: for people,
 * or as the JSON that hotfolder(1) describes. Exit status: 0, 1 where the picture cannot be read.
 */
int worker_values(const char *path, bool json);
