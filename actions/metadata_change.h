/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_change.h - what became of a picture's pixels, for what it says of them. */
#pragma once

#include <stdbool.h>

typedef struct MetadataChange {
    bool pixels;     /* they are not those of the file: a step changed them, or they were turned */
    bool srgb;       /* the new file is in sRGB, whatever the old one was */
    bool inks;       /* it is CMYK */
    int turned;      /* the orientation of EXIF by which the stored pixels were turned; 1: not */
    int orientation; /* the one that the new file has to say */
    int whole_width, whole_height;   /* of the original, upright */
    bool known;                      /* whether the next four are */
    double left, top, width, height; /* the part of the upright original that is seen, of 1 */
    int saved_width, saved_height;   /* of the new file, as it is stored */
} MetadataChange;

/* Of the picture as it is seen, `width` x `height` pixels, a part becomes all that is seen. */
static inline void metadata_change_cut(MetadataChange *change, double left, double top,
                                       double part_width, double part_height, double width,
                                       double height)
{
    change->left += change->width * left / width;
    change->top += change->height * top / height;
    change->width *= part_width / width;
    change->height *= part_height / height;
}

static inline bool metadata_change_resizes(const MetadataChange *change)
{
    bool sideways = change->orientation >= 5;

    return !change->known || change->width < 1 || change->height < 1 ||
           change->saved_width != (sideways ? change->whole_height : change->whole_width) ||
           change->saved_height != (sideways ? change->whole_width : change->whole_height);
}
