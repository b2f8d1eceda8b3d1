/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* png_colour.h - reads the chunks of a PNG that state its colours without a profile. */
#pragma once

#include <stdbool.h>

#include "actions/cicp.h"

typedef struct PngColour {
    bool has_cicp, has_srgb, has_gamma, has_primaries;
    Cicp cicp;
    double exponent; /* from stored values to light */
    Primaries primaries;
} PngColour;

/* Of the file open as fd, which is borrowed; its offset stays. */
PngColour png_colour_read(int fd);

/* Whether exponent and primaries are near enough to sRGB's to mean it, as libpng has it: within 5 %
 * and 0.01. Many programs write them so for sRGB. */
bool png_colour_is_srgb(const PngColour *colour);
