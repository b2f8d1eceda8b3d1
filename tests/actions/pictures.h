/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pictures.h - the pictures that the tests work on, made here so that nothing has to be stored. */
#pragma once

#include "actions/image.h"

/* Something like a photo: soft gradients, hard edges, fine texture. RGB; the caller's. */
VipsImage *picture_photo(int width, int height);

/* A drawing with transparent, half transparent and opaque parts. RGBA; the caller's. */
VipsImage *picture_drawing(int width, int height);

/* One colour of `bands` bands; the caller's. */
VipsImage *picture_plain(int width, int height, int bands, const double *colour);

/* EXIF with a camera, a date, a place and this orientation, an RGB profile that is not sRGB, and
 * XMP. The caller's. */
VipsImage *picture_with_metadata(VipsImage *in, int orientation);

/* The same, upright, with what a photographer writes (title, author, keywords, rating; no caption,
 * no copyright) and what a camera says (model, lens, exposure). The caller's. */
VipsImage *picture_described(VipsImage *in);

/* The picture with an orientation tag, and stored so that turning it as the tag says gives `in`
 * again. By the definition in EXIF, pixel by pixel; the caller's. */
VipsImage *picture_turned(VipsImage *in, int orientation);

/* A file in memory, open for reading and writing at 0: the picture encoded as ".jpg[Q=90]" says, or
 * bytes as they are. */
int picture_file(VipsImage *in, const char *suffix);
int picture_bmp(VipsImage *in); /* of RGB, which libvips does not write as BMP */
int picture_bytes(const void *bytes, size_t size);

/* All of a file's bytes; the caller's. */
GBytes *picture_read(int fd);

/* The picture in a file, whatever its format, in memory; the caller's. */
VipsImage *picture_load(int fd);

/* How far two pictures are apart: the mean over all values, and the largest difference. A different
 * size or number of bands is 255. */
typedef struct Distance {
    double mean, most;
} Distance;
Distance picture_distance(VipsImage *a, VipsImage *b);

/* One value of a picture. */
int picture_at(VipsImage *image, int x, int y, int band);
