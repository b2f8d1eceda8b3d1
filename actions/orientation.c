/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/orientation.h"

/* Rows become columns, or are read from the last to the first: all of them must be in memory. */
VipsImage *orientation_upright(VipsImage *pixels)
{
    g_autoptr(VipsImage) flat = pixels;
    g_autoptr(VipsImage) memory = NULL;
    VipsImage *upright = NULL;

    if (vips_image_get_orientation(flat) <= 1)
        return g_steal_pointer(&flat);
    memory = vips_image_copy_memory(flat);
    return !memory || vips_autorot(memory, &upright, NULL) ? NULL : upright;
}

VipsRect orientation_stored_area(int orientation, int width, int height, VipsRect area)
{
    bool sideways = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    VipsRect stored = sideways ? (VipsRect){ area.top, area.left, area.height, area.width } : area;

    if (from_right)
        stored.left = width - stored.left - stored.width;
    if (from_bottom)
        stored.top = height - stored.top - stored.height;
    return stored;
}
