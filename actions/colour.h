/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* colour.h - converts every picture's pixels to the one form that actions work on. */
#pragma once

#include <vips/vips.h>

/* `in` as 8 bit RGB or RGBA, lazily. An RGB profile stays attached and its values unchanged; CMYK
 * and grey with a profile are converted to sRGB by it, and the profile is removed. Newly
 * referenced; NULL with libvips' error set. */
VipsImage *colour_rgb(VipsImage *in);

/* `in`, as colour_rgb() made it, in sRGB: converted by its profile, if it has one, which is
 * removed. Newly referenced; NULL with libvips' error set. */
VipsImage *colour_srgb(VipsImage *in);
