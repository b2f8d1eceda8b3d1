/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* masks.h - shapes that say which part of a picture is seen, drawn by formula at any size with soft
 * edges, so that no file and no enlargement is needed. Pure functions. */
#pragma once

#include "actions/libvips.h"
#include "config/choice.h"

/* The words; each one's value is what masks_drawn() draws. */
extern const Choice masks_words[];

/* The shape on `width` x `height` pixels, `margin` pixels inside of them: floats on the scale of 16
 * bits, white where it is. Shapes are stretched to the proportions of the picture but where their
 * word says otherwise. Lazy and newly referenced; NULL with libvips' error set. */
VipsImage *masks_drawn(int shape, int width, int height, double margin);
