/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place.h - where something lies in a picture: one of nine words, or lengths from its upper left
 * corner; and a part of it. Any thread may call it. */
#pragma once

#include "config/choice.h"
#include "config/length.h"

enum {
    PLACE_AT = -1, /* at x, y */
    PLACE_CENTRE = 4,
    PLACE_WORDS = 9, /* a row's own words have values from here on */
};

typedef struct Place {
    int word;    /* across + 3 * down: 0 near, 1 middle, 2 far; PLACE_AT; or one of the row's own */
    Length x, y; /* of the upper left corner of what is placed; % is of the picture's sides */
} Place;

/* A part of a picture; % is of the picture's sides. */
typedef struct Area {
    Length x, y;          /* of its upper left corner */
    Length width, height; /* 0, where that may be: as far from the other edges */
} Area;

extern const Choice place_words[]; /* the nine */

/* Reads "x y". NULL, or what is wrong. */
const char *place_read(const char *text, Place *place);

/* Sets the pixels of x and y on a picture; see length_finish(). */
void place_finish(Place *place, double width, double height, double dpi);

/* Whether x or y needs to be known how many pixels an inch has. */
bool place_is_physical(const Place *place);

/* The same of "x y width height", of which one without width or height is refused; or, where that
 * is `or_margin`, of one length: so far from each edge. */
const char *area_read(const char *text, bool or_margin, Area *area);
void area_finish(Area *area, double width, double height, double dpi);
bool area_is_physical(const Area *area);

/* Where something of `size` pixels begins, across or down, in a picture of `whole` pixels: with a
 * word, `margin` from the edge, and at 0 where there is no room; else where x or y say, which may
 * be outside. The word is one of the nine. */
int place_left(const Place *place, int whole, int size, int margin);
int place_top(const Place *place, int whole, int size, int margin);
