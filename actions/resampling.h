/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resampling.h - how a step resamples a picture, and what is known of that without pixels. */
#pragma once

#include "actions/kernel.h"
#include "actions/part.h"
#include "actions/shape.h"

typedef struct Resampling {
    Kernel kernel;
    bool linear;    /* as light mixes */
    double sharpen; /* of what becomes smaller: see output_sharpen.h; 0: not */
} Resampling;

/* Whether planes, and a decoder that makes a picture smaller, do as well as all pixels. */
bool resampling_is_plain(const Resampling *how);

/* Plans a step that makes a part of the shape this large. What makes a picture larger settles it,
 * unless it is fresh: it reads each row again and again, and all that made that row would be
 * computed each time (a photo of 24 megapixels, sharpened, made small and large again: minutes).
 * So does what scales a picture with alpha. */
void resampling_plan(const Resampling *how, const ImagePart *part, int width, int height,
                     Shape *shape);
