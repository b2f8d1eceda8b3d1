/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layers.h - lays what is seen behind a photo under its pixels, one by one, as light mixes: colours
 * count as much as their alpha says. Pure functions, but of layers_colour(). */
#pragma once

#include "actions/pixels.h"
#include "config/param.h"

/* Colours multiplied by alpha, and alpha behind three of them, also of grey; 0 to 1. */
typedef float Layer __attribute__((vector_size(4 * sizeof(float))));

enum { LAYER_ALPHA = 3 };

static inline Layer layer_over(Layer above, Layer below)
{
    return above + below * (1 - above[LAYER_ALPHA]);
}

/* What photos are, and what is made of them. */
typedef struct Layers {
    VipsBandFormat format;
    int colours, bands, out_bands;
    double white;
} Layers;

/* Of `photo`, where alpha has a place in the result if it has one in the photo, or `alpha` is set.
 */
Layers layers_of(const VipsImage *photo, bool alpha);

/* A colour in the photo's space. False with libvips' error set. */
bool layers_colour(VipsImage *photo, const Colour *colour, Layer *out);

/* Writes a layer as number `i` of the pixels that are made. */
void layers_put(const Layers *layers, void *to, int i, Layer layer);

/* Makes pixel `i` of the run: that of the photo, as much as `share`, 0 to 1, says, over `below`. */
void layers_lay(const Layers *layers, const PixelsRun *run, int i, float share, Layer below);
