/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/overlay_colour.h"

#include <string.h>

#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"

/* The photo's profile, borrowed; NULL where it has none of RGB. */
static const void *rgb_profile(VipsImage *photo, size_t *size)
{
    enum { AT_SPACE = 16, HEADER = 128 };
    const void *profile = NULL;

    if (!vips_image_get_typeof(photo, VIPS_META_ICC_NAME) ||
        vips_image_get_blob(photo, VIPS_META_ICC_NAME, &profile, size) || *size < HEADER)
        return NULL;
    return memcmp((const char *) profile + AT_SPACE, "RGB ", 4) == 0 ? profile : NULL;
}

/* `depth`: 8 or 16. */
static VipsImage *converted(VipsImage *srgb, const void *profile, size_t size, int depth)
{
    g_autoptr(VipsImage) light = NULL;
    g_autoptr(VipsImage) stored = NULL;

    if (vips_icc_import(srgb, &light, "input_profile", "srgb", "black_point_compensation", TRUE,
                        NULL))
        return NULL;
    stored = colour_export(light, profile, size, depth,
                           colour_intent(profile, size, "B2A0", "B2A1"), true);
    return stored ? bands_without_profile(stored) : NULL;
}

VipsImage *overlay_in_space_of(VipsImage *photo, VipsImage *srgb)
{
    size_t size = 0;
    const void *profile = rgb_profile(photo, &size);
    int depth = srgb->BandFmt == VIPS_FORMAT_UCHAR ? 8 : 16;
    g_autoptr(VipsImage) numbers = NULL;
    g_autoptr(VipsImage) colours = NULL;

    if (!profile)
        return g_object_ref(srgb);
    numbers = pixels_in_format(srgb, depth == 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT);
    if (!numbers || !vips_image_hasalpha(numbers))
        return numbers ? converted(numbers, profile, size, depth) : NULL;
    colours = bands_first(numbers, 3);
    if (!colours)
        return NULL;
    g_autoptr(VipsImage) there = converted(colours, profile, size, depth);
    return there ? bands_with_alpha(there, numbers, 3) : NULL;
}

bool overlay_has_colour(const Colour *colour)
{
    return colour->a > 0 && (colour->r != colour->g || colour->g != colour->b);
}

bool overlay_colour(VipsImage *photo, const Colour *colour, double rgb[3])
{
    size_t size = 0, have = 0;
    const void *profile = rgb_profile(photo, &size);
    const unsigned char values[] = { (unsigned char) colour->r, (unsigned char) colour->g,
                                     (unsigned char) colour->b };

    for (int i = 0; i < 3; i++)
        rgb[i] = values[i];
    if (!profile)
        return true;
    g_autoptr(VipsImage) pixel =
        vips_image_new_from_memory_copy(values, 3, 1, 1, 3, VIPS_FORMAT_UCHAR);
    if (!pixel)
        return false;
    pixel->Type = VIPS_INTERPRETATION_sRGB;
    g_autoptr(VipsImage) there = converted(pixel, profile, size, 16);
    g_autofree unsigned short *made = there ? vips_image_write_to_memory(there, &have) : NULL;
    for (int i = 0; made && i < 3; i++)
        rgb[i] = made[i] / 257.0;
    return made;
}
