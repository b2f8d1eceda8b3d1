/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linear_light.h - resamples a picture as light mixes: in proportion to it, not to stored values.
 * Fine patterns then keep their brightness; edges between light and dark look thinner or thicker
 * than photographers are used to. */
#pragma once

#include "actions/kernel.h"
#include "actions/part.h"

/* A part of `in`, grey or RGB with or without alpha (pixels.h), resampled to this size, lazily, in
 * its own colour space and format; floats are reckoned with 16 bits. Newly referenced; NULL with
 * libvips' error set. */
VipsImage *linear_light_resampled(VipsImage *in, const ImagePart *part, int width, int height,
                                  Kernel kernel);
