/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gauss.h - a Gaussian blur of any size, in time that does not grow with it. */
#pragma once

#include "actions/libvips.h"

/* `in` with each pixel spread by a normal distribution of `sigma` pixels; numbers on the same
 * scale. Alpha, if there is one, is to be multiplied into the colours before. Newly referenced;
 * NULL with libvips' error set. A large blur reads all of `in` at once. */
VipsImage *gauss_blurred(VipsImage *in, double sigma);
