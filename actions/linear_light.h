/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linear_light.h - resamples a picture as light mixes: in proportion to it, not to stored values.
 * Fine patterns then keep their brightness; edges between light and dark look thinner or thicker
 * than photographers are used to. */
#pragma once

#include "actions/libvips.h"

/* `in`, of 8 or 16 bits, grey or RGB with or without alpha, resampled by these factors, lazily, in
 * its own form and colour space. Newly referenced; NULL with libvips' error set. */
VipsImage *linear_light_resize(VipsImage *in, double across, double down);
