/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* part.h - a part of a picture whose edges may lie between its pixels. Pure functions. */
#pragma once

#include <math.h>
#include <stdbool.h>

typedef struct ImagePart {
    double left, top, width, height; /* pixels, of a picture whose corner is 0, 0 */
} ImagePart;

static inline ImagePart part_whole(int width, int height)
{
    return (ImagePart){ 0, 0, width, height };
}

/* The same part of a picture that is so many times as wide and high. */
static inline ImagePart part_scaled(ImagePart part, double across, double down)
{
    return (ImagePart){ part.left * across, part.top * down, part.width * across,
                        part.height * down };
}

/* ---- how it becomes width x height pixels ---- */

/* Whether without resampling: it has as many, and begins at a whole one then. */
static inline bool part_is_only_cut(const ImagePart *part, int width, int height)
{
    return floor(part->width + 0.5) == width && floor(part->height + 0.5) == height;
}

/* Whether no side becomes larger, and one smaller. */
static inline bool part_is_reduced(const ImagePart *part, int width, int height)
{
    return width <= part->width && height <= part->height && !part_is_only_cut(part, width, height);
}

/* How many times smaller it becomes in the direction where that is less. */
static inline double part_shrink(const ImagePart *part, int width, int height)
{
    return fmin(part->width / width, part->height / height);
}
