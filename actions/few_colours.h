/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* few_colours.h - pictures of at most 256 colours, as numbers of these: what a palette is for.
 *
 * Exact: no colour is changed. One thread. */
#pragma once

#include "actions/libvips.h"

enum { FEW_COLOURS_MAX = 256 };

/* Says that `image`, as a loader gives it, is of a palette or of fewer than 8 bits; whether one is.
 * What is made of it says so too, whatever colours that has. */
void few_colours_mark(VipsImage *image);
bool few_colours_marked(const VipsImage *image);

typedef struct FewColours FewColours;

/* For pictures as `pixels`, which is marked; NULL where a PNG could not say them shorter: of 16
 * bits, or grey with alpha and a profile, which a palette cannot have. */
FewColours *few_colours_new(VipsImage *pixels);
void few_colours_free(FewColours *few);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FewColours, few_colours_free)

/* Takes the next row; false where there are too many colours then. */
bool few_colours_add(FewColours *few, const unsigned char *row);

/* How many rows were taken; one of them as numbers; and as the pixels that it was given as. */
int few_colours_rows(const FewColours *few);
const unsigned char *few_colours_numbers(FewColours *few, int row);
void few_colours_pixels(const FewColours *few, int row, unsigned char *pixels);

/* How the numbers are to be read: bits of each, and red, green, blue and alpha of each colour.
 * Those that are not opaque come first. Grey has no palette: *count is 0, and black is 0. After the
 * last row. */
unsigned few_colours_palette(FewColours *few, unsigned char rgba[FEW_COLOURS_MAX][4],
                             unsigned *count);
