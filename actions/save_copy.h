/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save_copy.h - `save` with format = original: the picture's file, in which no pixel changes. One
 * thread. */
#pragma once

#include "actions/image.h"
#include "actions/save_settings.h"

/* Writes the file to fd, which is empty: byte for byte, or with the metadata that is asked for.
 * False with *err of kind PICTURE where that cannot be changed in its file. */
bool save_copy(const Save *save, Image *image, int fd, Error **err);

/* The same, but where it cannot be changed *whole is false, and fd stays empty. */
bool save_copy_whole(const Save *save, Image *image, int fd, bool *whole, Error **err);
