/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ink_place.h - where something that is laid over a photo lies, and how it is turned. */
#pragma once

#include "actions/ink.h"
#include "actions/turning.h"

/* Where it lies on the photo, and how it is turned. */
typedef struct InkPlace {
    Place place;
    int anchor; /* as the word of a Place */
    Length margin;
    int turn; /* right angles */
    double angle;
} InkPlace;

/* The rows of an action whose settings T have an InkPlace, as `inside` says: "lies." The place and
 * the margin have these defaults. The last row is that of `angle`: without it only right angles are
 * turned. */
#define INK_PLACE_ROWS(T, inside, where, distance)                                                 \
    INK_PLACE_UPRIGHT_ROWS(T, inside, where, distance),                                            \
        PARAM_IN(T, inside, angle, double, PARAM_REAL, .def = "0", .min = -360, .max = 360,        \
                 .help = "degrees clockwise by which it is turned besides")
#define INK_PLACE_UPRIGHT_ROWS(T, inside, where, distance)                                         \
    PARAM_IN(T, inside, place, Place, PARAM_PLACE, .def = (where), .min = -100000, .max = 100000,  \
             .also = "position",                                                                   \
             .help = "where it lies; with \"x y\" its anchor lies there, and the margin does not " \
                     "count"),                                                                     \
        PARAM_IN(T, inside, anchor, int, PARAM_CHOICE, .def = "top-left", .choices = place_words,  \
                 .also = "justification", .help = "the part of it that lies at a place \"x y\""),  \
        PARAM_IN(T, inside, margin, Length, PARAM_LENGTH, .def = (distance), .max = 100000,        \
                 .of = OF_SHORTER, .help = "distance from the edges, or between tiles"),           \
        PARAM_IN(T, inside, turn, int, PARAM_CHOICE, .def = "0", .choices = ink_turns,             \
                 .help = "right angles, in degrees clockwise, by which it is turned")

/* The `advise` of such an action. */
bool ink_place_advise(const InkPlace *lies, Error **err);

/* Degrees clockwise by which it is turned in all. */
double ink_place_angle(const InkPlace *lies);

/* `picture` turned: it is put into memory if it is turned at all. Lazy and newly referenced; NULL
 * with libvips' error set. */
VipsImage *ink_place_turned(const InkPlace *lies, VipsImage *picture);

/* Lays `picture` there on a photo of this size, or its tiles all over the photo: says so in `ink`.
 */
void ink_place_lay(const InkPlace *lies, const VipsImage *picture, int width, int height, Ink *ink);

/* Bytes that a step holds which does both, of pixels of this size and so many bands, on a photo of
 * that shape. */
double ink_place_held(const InkPlace *lies, double width, double height, int bands,
                      const Shape *photo);
