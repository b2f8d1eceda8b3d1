/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spaces.h - the colour spaces that need no file: their words, and their profiles; and how a
 * picture comes into one. One thread. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"
#include "config/choice.h"

enum { SPACE_KEEP, SPACE_SRGB, SPACE_P3, SPACE_ADOBE_RGB, SPACE_PROPHOTO, SPACE_GREY };

/* Their words as rows of choices: every setting that names a space has these, or those of colour.
 */
#define SPACE_COLOUR_CHOICES                                                                       \
    { "srgb", SPACE_SRGB, "sRGB, as the web and most programs expect it" },                        \
        { "p3", SPACE_P3, "Display P3, of wide screens and of telephones" },                       \
        { "display-p3", SPACE_P3, "the same" },                                                    \
        { "adobe-rgb", SPACE_ADOBE_RGB, "compatible with Adobe RGB (1998), for prints" },          \
    {                                                                                              \
        "prophoto", SPACE_PROPHOTO,                                                                \
            "compatible with ProPhoto RGB, very wide: for 16 bits, to work on"                     \
    }
#define SPACE_CHOICES                                                                              \
    SPACE_COLOUR_CHOICES,                                                                          \
    {                                                                                              \
        "grey", SPACE_GREY, "grey, with the curve of sRGB"                                         \
    }

/* The profile of a space, newly allocated; NULL where it cannot be made. */
void *space_profile(int space, size_t *size);

/* The profile of numbers that have the colours of a space, of RGB, and the curve of sRGB. */
void *space_profile_of_srgb_curve(int space, size_t *size);

/* How a picture is converted to the space of a profile. */
typedef struct SpaceChange {
    const void *profile; /* of RGB, grey or CMYK; borrowed */
    size_t size;
    VipsIntent intent;
    bool black_point;    /* black becomes the darkest that the profile has */
    const void *assumed; /* the profile of a picture that has none; NULL: sRGB. Where it is of grey
                            and the picture has colours, they are sRGB */
    size_t assumed_size;
} SpaceChange;

/* `in` (pixels.h, without alpha), converted, of 8 or 16 bits; the profile is attached. Lazy and
 * newly referenced; NULL with libvips' error set. */
VipsImage *space_changed(const SpaceChange *change, VipsImage *in);

/* `in`, RGB without alpha, as CIE L*a*b* (D50): three floats, of which the first is from 0 to 100.
 * And such numbers in the space and the format of `like`, which is RGB. */
VipsImage *space_lab(VipsImage *in);
VipsImage *space_of_lab(VipsImage *lab, VipsImage *like);

/* `in`, with or without alpha, in one of the spaces: what both have stays exact. */
VipsImage *space_of(VipsImage *in, int space);
