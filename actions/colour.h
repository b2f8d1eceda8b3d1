/* colour.h - every picture's pixels in the one form that actions work on. */
#pragma once

#include <vips/vips.h>

/* `in` as 8 bit RGB or RGBA, lazily. An RGB profile stays attached and the numbers stay its own;
 * CMYK and grey with a profile are converted to sRGB by it, and the profile goes. Newly referenced;
 * NULL with libvips' error set. */
VipsImage *colour_rgb(VipsImage *in);

/* `in`, as colour_rgb() made it, in sRGB: through its profile where it has one, which goes. */
VipsImage *colour_srgb(VipsImage *in);
