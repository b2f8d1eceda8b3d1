/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save_copy.h - `save` with format = original: the picture's file, in which no pixel changes. One
 * thread. */
#pragma once

#include "actions/image.h"
#include "actions/save_settings.h"

/* Writes the file to fd, which is empty: byte for byte, or with the metadata that is asked for.
 * *beside is what belongs into an XMP file beside it, newly referenced, where its own format cannot
 * say what edits have written; else NULL. False with *err of kind PICTURE where neither can be. */
bool save_copy(const Save *save, Image *image, int fd, GBytes **beside, Error **err);

/* The same, but where it cannot be changed *whole is false, and fd stays empty. */
bool save_copy_whole(const Save *save, Image *image, int fd, bool *whole, Error **err);
