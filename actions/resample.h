/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resample.h - makes pictures smaller or larger: fast, and the faster the more of them is of one
 * colour, as in drawings. */
#pragma once

#include "actions/kernel.h"
#include "actions/part.h"

enum { RESAMPLE_ROWS = 16 }; /* that it asks for at once of a picture that is decoded in order */

/* A part of `pixels` (pixels.h), resampled to this size: each direction by itself, colours weighted
 * by their alpha but with KERNEL_NEAREST, values between black and white after each direction. What
 * lies beside the part counts for its edges; what would lie beside the picture is like its
 * outermost pixels. Lazy, of the same format; rows are asked for in order, each once. Newly
 * referenced, or NULL with libvips' error set. */
VipsImage *resample(VipsImage *pixels, const ImagePart *part, int width, int height, Kernel kernel);

/* The same of floats on any scale with up to four bands, of which none is weighted, nor limited. */
VipsImage *resample_floats(VipsImage *floats, const ImagePart *part, int width, int height,
                           Kernel kernel);

/* Rows that are filtered across wait for each other: of what becomes very flat there would be very
 * many, and it is made in several steps. The height that `from` rows get before they become
 * `height`; `height`: they become that at once. */
int resample_between(double from, int width, int height);

/* All of the pixels, as KERNEL_AUTO makes them. */
VipsImage *resample_all(VipsImage *pixels, int width, int height);
