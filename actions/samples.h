/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* samples.h - the numbers of which pictures consist, of every kind that TIFF has, as pixels.
 *
 * Pixels are of 8 bits, of 16, or float on the scale of 16 bits: black is 0, white 65535, and there
 * may be more. Pure functions: any thread may call them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "actions/libvips.h"

typedef enum SampleKind { SAMPLE_UNSIGNED, SAMPLE_SIGNED, SAMPLE_FLOAT } SampleKind;

typedef struct Samples {
    SampleKind kind;
    unsigned bits;       /* of each: 1 to 32, or 16, 24, 32 and 64 of float */
    double black, white; /* their values; white below black: the picture is a negative */
} Samples;

/* The least kind of pixels that holds them. */
VipsBandFormat samples_format(const Samples *samples);

/* The white of pixels of a format. */
double samples_white(VipsBandFormat format);

/* A value of pixels, and the same set: rounded, and between black and white unless it is float. */
double samples_get(VipsBandFormat format, const void *pixels, size_t index);
void samples_put(VipsBandFormat format, void *pixels, size_t index, double value);

/* The sample number `index` of a row, in the byte order of this machine. */
double samples_value(const Samples *samples, const unsigned char *row, size_t index);

/* Reads `count` samples, each `step` after the one before it, from number `first` of the row, into
 * pixels of samples_format(): the first one at `to`, and then each `to_step` values later. */
void samples_convert(const Samples *samples, const unsigned char *row, size_t first, size_t step,
                     void *to, size_t to_step, size_t count);

/* A colour of Lab, with the white of colour profiles (D50), as sRGB of 16 bits. */
void samples_srgb_of_lab(const double lab[3], uint16_t rgb[3]);

/* Divides the colours of `count` pixels by their alpha, which is the last of their bands. */
void samples_unpremultiply(VipsBandFormat format, void *pixels, int bands, size_t count);
