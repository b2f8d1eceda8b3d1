/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scale_alpha.h - makes pictures with alpha smaller: fast, and the faster the more of them is of
 * one colour, as in drawings. */
#pragma once

#include "actions/libvips.h"

/* Whether it can make these pixels this size: of 8 or 16 bits, with alpha, and no side
 * larger. */
bool scale_alpha_can(const VipsImage *pixels, int width, int height);

/* Resamples them with Lanczos' filter of three lobes, each colour weighted by its alpha; at the
 * edges as if the outermost pixels went on. Lazy; newly referenced, or NULL with libvips' error
 * set. */
VipsImage *scale_alpha(VipsImage *pixels, int width, int height);
