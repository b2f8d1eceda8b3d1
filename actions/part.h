/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* part.h - a part of a picture whose edges may lie between its pixels. Pure functions. */
#pragma once

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
