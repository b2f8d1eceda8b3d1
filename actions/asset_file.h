/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* asset_file.h - opens a picture that a setting names. */
#pragma once

#include "actions/image.h"

/* `fd` is taken over. The header says whether the picture is too large, before it is decoded. NULL
 * with *err set. */
Image *asset_file_open(int fd, Error **err);
