/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shape.h - what is known of a picture without its pixels. Each action says what it makes of one,
 * so that a whole profile is known before a pixel is decoded. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"
#include "base/error.h"
#include "formats/format.h"

typedef struct Image Image;

/* Planes of which a JPEG's picture is: see planar.h. */
typedef struct ShapePlanes {
    double bytes;   /* of all at their size; 0: there are none */
    double smaller; /* how many times smaller the picture is */
    double made;    /* bytes of what was made of them already, maybe with other colours */
    bool resampled; /* it was made smaller */
    bool turned;    /* it is turned, and they are not */
    bool in_memory; /* they are decoded */
    bool flows;     /* its pixels come from the file instead, row by row */
} ShapePlanes;

typedef struct Shape {
    int width, height;     /* pixels, upright */
    int colours;           /* 1: grey, 3: RGB, 4: CMYK */
    bool alpha;            /* there is one more band */
    VipsBandFormat format; /* of 8 bits, 16, or float on the scale of 16 bits */
    Format own;            /* of its file, or the nearest that is written */
    bool few_colours; /* its file has a palette or fewer than 8 bits: a PNG may get a palette */
    bool animated;    /* a frame of an animation, all of which are saved */
    bool in_order;    /* its decoder makes each row once: libvips keeps rows, even of a copy */
    bool at_most;     /* the picture may be smaller: only its pixels tell */
    bool forked;      /* a step reads each of its pixels more than once, or each part by itself from
                         the file, and it was not put into memory since */
    bool fresh;       /* no step has used its pixels, which are still in its file */
    int above;        /* rows that its decoder makes before its first one; libvips has all of them
                         at once */
    int orientation;  /* as EXIF has it, of a picture that lies as its file stores it; 1: upright */
    ShapePlanes planes;
    double shrink; /* of a fresh one: how many times smaller the step may decode it; 0: the step
                      uses no pixels. 1 before */
    int across,
        down;     /* to how many pixels the step resamples the picture; 0: it does not. 0 before */
    bool linear;  /* it does so in light; false before */
    bool settles; /* the step puts what comes in into memory; false before */
    bool as_stored; /* it takes the picture as its file stores it; false before */
    bool by_planes; /* it works on planes, and no rows flow; false before */
    double held;    /* bytes that it holds besides, and beside rows; 0 before */
    double making;  /* the same, but only until its result is known; 0 before */
    bool let_go;    /* of its result nothing but `held` is left: what came in is not read again;
                       false before */
    double kept;    /* bytes of it that stay until all frames are done; 0 before */
    Image *photo;   /* whose values texts are filled with; NULL: not known */
} Shape;

/* Bytes of such a picture in memory. */
double shape_bytes(const Shape *shape);

/* How many rows wait between a decoder and the steps, and before an encoder. */
enum { SHAPE_ROWS_DECODED = 4 * (128 + 16), SHAPE_ROWS_WRITTEN = 2 * 128 };

/* Bytes of the rows that are in memory while such a picture flows from a decoder to an encoder. */
double shape_rows(const Shape *shape);

/* A length as a side of a picture: whole pixels, halves up, from 1 to VIPS_MAX_COORD. */
int shape_side(double length);

/* Lays it on its side: columns become rows, also those that it is resampled to. */
void shape_lay(Shape *shape);

/* Makes it a picture of its own of that size, of which no plane of a file shows a part. False with
 * *err of kind PICTURE where it is larger than any picture. */
bool shape_grow(Shape *shape, double width, double height, Error **err);

/* The shape of pixels as pixels.h says. */
Shape shape_of(const VipsImage *pixels);

/* Leaves that part of it. */
void shape_cut(Shape *shape, const VipsRect *area);

/* Makes it as large as a box of width x height lets it be with its proportions; where `cover` is
 * set, large enough to cover that. */
void shape_resize(Shape *shape, int width, int height, bool cover);
