/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* length.h - a length as it is written, and what it comes to on one picture. Any thread may call
 * it. */
#pragma once

#include <stdbool.h>

typedef enum LengthUnit { LENGTH_PX, LENGTH_PERCENT, LENGTH_MM, LENGTH_CM, LENGTH_IN } LengthUnit;

typedef struct Length {
    double amount;
    LengthUnit unit;
    double px; /* set by lengths_finish() of param.h; not rounded */
} Length;

/* What of a picture 100% are. */
typedef enum LengthOf {
    OF_WIDTH = 1,
    OF_HEIGHT,
    OF_SHORTER,
    OF_LONGER,
    OF_MEAN, /* of width and height */
    OF_AXIS  /* the width for what lies across, the height for what lies down: see length_px() */
} LengthOf;

/* "the width": what of a picture 100% are. */
const char *length_of_text(LengthOf of);

/* NULL, or what is wrong with `text`. Without a unit less than one pixel is refused, since other
 * programs take shares so, unless a length may be that short: `least` is then below 1. */
const char *length_read(const char *text, double least, Length *length);

/* Sets what it comes to on a picture of width x height pixels, with `dpi` pixels an inch. */
void length_finish(Length *length, LengthOf of, double width, double height, double dpi);

/* `length` in pixels; % is of `whole` pixels, and of the physical units what length_finish() set
 * counts. */
double length_px(Length length, double whole);

/* Whether it needs to be known how many pixels an inch has. */
bool length_is_physical(Length length);
