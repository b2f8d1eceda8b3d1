/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lightness.h - the lightness of colours (L of CIE L*a*b*), by itself: what changes it leaves hue
 * and chroma. Each function gives a picture that is lazy and newly referenced, or NULL with
 * libvips' error set. */
#pragma once

#include "actions/libvips.h"

/* The lightness of RGB pixels (pixels.h), with their alpha: as grey of 16 bits. */
VipsImage *lightness_of(VipsImage *pixels);

/* The pixels with that lightness, in their own space, or in sRGB where their profile cannot say
 * which of its colours one is. */
VipsImage *lightness_put(VipsImage *pixels, VipsImage *lightness);
