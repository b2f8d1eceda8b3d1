/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/orientation.h"

#include "actions/pixels.h"

/* Rows become columns, or are read from the last to the first: all of them must be in memory. */
VipsImage *orientation_upright(VipsImage *pixels)
{
    g_autoptr(VipsImage) flat = pixels;
    g_autoptr(VipsImage) memory = NULL;
    VipsImage *upright = NULL;

    if (vips_image_get_orientation(flat) <= 1)
        return g_steal_pointer(&flat);
    memory = pixels_in_memory(flat);
    return !memory || vips_autorot(memory, &upright, NULL) ? NULL : upright;
}

TurnKind orientation_turn(int orientation)
{
    const int o = orientation;

    return (TurnKind){ .from_right = o == 2 || o == 3 || o == 7 || o == 8,
                       .from_bottom = o == 3 || o == 4 || o == 6 || o == 7,
                       .sideways = o >= 5 };
}

ImagePart orientation_stored_part(TurnKind turn, int width, int height, ImagePart part)
{
    ImagePart stored =
        turn.sideways ? (ImagePart){ part.top, part.left, part.height, part.width } : part;

    if (turn.from_right)
        stored.left = width - stored.left - stored.width;
    if (turn.from_bottom)
        stored.top = height - stored.top - stored.height;
    return stored;
}

VipsRect orientation_stored_area(TurnKind turn, int width, int height, VipsRect area)
{
    const ImagePart part = { area.left, area.top, area.width, area.height };
    const ImagePart stored = orientation_stored_part(turn, width, height, part);

    return (VipsRect){ (int) stored.left, (int) stored.top, (int) stored.width,
                       (int) stored.height };
}
