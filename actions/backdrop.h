/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* backdrop.h - the colour that shows where an action makes room beside the picture. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

/* The row `background` of such an action. */
#define BACKGROUND_ROW(T)                                                                          \
    COLOUR(T, background, .def = "transparent", .zero = "transparent",                             \
           .help = "the colour beside the picture; where it is transparent, JPEG shows the "       \
                   "background of save")

/* The picture's pixels, borrowed: in RGB where the background has a colour. NULL with *err set. */
VipsImage *backdrop_pixels(Image *image, const Colour *background, Error **err);

/* `pixels` with alpha as their last band where the background shows through, or where they have it.
 * Newly referenced; NULL with libvips' error set. */
VipsImage *backdrop_room(VipsImage *pixels, const Colour *background);

/* The background as a value of each band of such pixels, on their scale; `weighted`: its colours
 * are multiplied by its alpha where the pixels have one. False with libvips' error set. */
bool backdrop_values(VipsImage *pixels, const Colour *background, bool weighted, double values[4]);

/* `in` on a canvas of the size of `canvas` which has these values elsewhere, one for each band,
 * from its left and top on, which may be below 0; and `pixels`, as backdrop_pixels() gives them,
 * on one of that colour. Newly referenced; NULL with libvips' error set. */
VipsImage *backdrop_around(VipsImage *in, const double *values, const VipsRect *canvas);
VipsImage *backdrop_laid(VipsImage *pixels, const Colour *background, const VipsRect *canvas);

/* Gives a shape the colours and the alpha that it has with the background. */
void backdrop_plan(const Colour *background, Shape *shape);
