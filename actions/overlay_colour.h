/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlay_colour.h - brings what is laid over a photo, or behind it, into the photo's colours: a
 * colour of a profile, and a second picture, are sRGB, and the photo may have another space. */
#pragma once

#include "actions/libvips.h"
#include "config/param.h"

/* `srgb`, with or without alpha, in the RGB space of the profile attached to `photo`; the
 * same where it has none. Newly referenced; NULL with libvips' error set. */
VipsImage *overlay_in_space_of(VipsImage *photo, VipsImage *srgb);

/* The same of one colour: numbers from 0 to 255, not rounded. False with libvips' error set. */
bool overlay_colour(VipsImage *photo, const Colour *colour, double rgb[3]);

/* The same of a colour, or of a pixel of the photo where the colour is one of these words. */
extern const Choice overlay_corners[];
bool overlay_colour_or_corner(VipsImage *photo, const Colour *colour, double rgb[3]);

/* Whether a picture that shows it has a colour: it is not grey, and not transparent. */
bool overlay_has_colour(const Colour *colour);
