/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* values.h - `hotfolder-worker --values [PHOTO [VALUE...]]`: what names may use of a picture. */
#pragma once

#include <stdbool.h>

/* Without a photo, prints all values that there are. With one, opens it, confines itself, and
 * prints what they are of it; or what each VALUE is, a template or a formula. For people, or as the
 * JSON that hotfolder(1) describes. NULL ends `arguments`. Exit status: 0; 1 where the picture
 * cannot be read or a VALUE has a mistake. */
int worker_values(char **arguments, bool json);
