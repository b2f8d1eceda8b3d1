/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiles.h - the pictures of which a mosaic is made: a file, or all files of a directory. As other
 * assets (assets.h) they are opened before the sandbox closes the paths, and read once in it. One
 * thread. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"

typedef struct Tiles Tiles;

/* Files of a directory, and pixels of all together: the more there are, the smaller each one is
 * kept. */
enum { TILES_MAX = 1000, TILES_PIXELS = 16 * 1000 * 1000 };

/* Opens the file, or the files of the directory but hidden ones. NULL with *err of kind CONFIG. */
Tiles *tiles_open(const char *path, Error **err);

/* Reads those that are not read yet. False with *err of kind CONFIG, which names the file. */
bool tiles_read(Tiles *tiles, Error **err);

void tiles_free(Tiles *tiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tiles, tiles_free)

int tiles_count(const Tiles *tiles);

/* One of them, sRGB of 8 bits, in memory: what is transparent is white. Borrowed. */
VipsImage *tiles_picture(const Tiles *tiles, int number);

/* The mean of each of its colours, 0 to 255. */
const double *tiles_mean(const Tiles *tiles, int number);
