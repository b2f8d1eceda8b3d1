/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* colour.h - converts every picture's pixels to the form that actions work on (pixels.h). Each
 * function gives a picture that is lazy and newly referenced, or NULL with libvips' error set. */
#pragma once

#include <stdbool.h>
#include <vips/vips.h>

#include "config/param.h"

/* In rows of colours that `amount` lays over the picture: an alpha of their own would do nothing.
 */
#define COLOUR_OF_AMOUNT                                                                           \
    .only_opaque = true, .elsewhere = "amount says how much of the colours is seen"

/* `in` as grey or RGB, with or without alpha, of its own depth. A profile that describes its values
 * stays attached, and the values unchanged; CMYK is converted to sRGB by its profile, which is
 * removed, as is one that describes other numbers. */
VipsImage *colour_working(VipsImage *in);

/* `in`, as colour_working() made it, as RGB: grey becomes sRGB, by its profile if it has one, which
 * is removed. */
VipsImage *colour_rgb(VipsImage *in);

/* `in`, as colour_working() made it, for something to be laid over or under it: as RGB, but grey
 * where that is not `coloured`, too. Its space is its own, or sRGB where its profile, as a
 * scanner's, only says what its numbers are, and not what the numbers of another colour are. */
VipsImage *colour_for_overlays(VipsImage *in, bool coloured);

/* `in`, as colour_working() made it, in sRGB: converted by its profile, if it has one, which is
 * removed. */
VipsImage *colour_srgb(VipsImage *in);

/* The same, but grey stays grey. */
VipsImage *colour_in_srgb(VipsImage *in);

/* How much red, green and blue count in a grey that is as light as a colour looks: of Rec. 709, as
 * screens and most programs reckon; and of Rec. 601 with 16 binary digits, as Pillow does. */
extern const double colour_luma_709[3], colour_luma_601[3];

/* `in`, as colour_working() made it and without alpha, as grey of the same format: the sum of its
 * values in sRGB, each times its weight. Its profile is removed; grey stays as it is. */
VipsImage *colour_grey(VipsImage *in, const double weights[3]);

/* The same with alpha or without, by Rec. 601. */
VipsImage *colour_as_grey(VipsImage *in);

/* The grey of Rec. 601 of three values from 0 to 1. */
double colour_luma(const double rgb[3]);

/* What lies between two colours, `part` of the way: red, green and blue from 0 to 1. */
void colour_between(const Colour *from, const Colour *to, double part, double rgb[3]);

/* What a grey from 0 to 1 becomes: red, green and blue from 0 to 1. */
typedef void (*ColourOfGrey)(const void *settings, double grey, double rgb[3]);

/* `in`, as colour_working() made it and without alpha, as RGB in sRGB: its grey (Rec. 601, in sRGB)
 * coloured. */
VipsImage *colour_of_grey(VipsImage *in, ColourOfGrey colour, const void *settings);
