/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* where.h - which part of a picture stays: the setting `where`. Pure functions. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

/* Words beside the nine: the pixels say where. */
enum { WHERE_ATTENTION = PLACE_WORDS, WHERE_ENTROPY };

extern const Choice where_by_content[];

/* The row `where` of an action that cuts, a Place. */
#define WHERE_ROW(T)                                                                               \
    PLACE(T, where, .def = "centre", .choices = where_by_content, .max = 100000, .also = "place",  \
          .help = "the part that remains when something is cut off; of \"x y\" a length is where " \
                  "it begins in the picture that comes in, and a % how much of what is cut off "   \
                  "lies before it")

bool where_is_by_content(const Place *where);

/* Where one of so many pixels begins in `all`, which is not smaller, and inside it. Not by
 * content. */
ImagePart where_part(const Place *where, const ImagePart *all, double width, double height);

/* Cuts out a part of at most this size by content. */
bool where_cut(const Place *where, Image *image, int width, int height, Error **err);

/* Where a thing of `size` pixels begins on `whole` pixels: of lengths and words of a Place one
 * direction, of which a % is a share of the room beside it, below 0 too. */
double where_begins(const Place *place, bool across, double whole, double size);
