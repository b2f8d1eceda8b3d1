/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/overlay_colour.h"

#include <string.h>

#include "actions/bands.h"
#include "actions/pixels.h"
#include "actions/spaces.h"

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

/* `srgb` is of 8 or 16 bits. */
static VipsImage *converted(VipsImage *srgb, const void *profile, size_t size)
{
    const SpaceChange change = {
        .profile = profile, .size = size, .black_point = true, .intent = VIPS_INTENT_RELATIVE
    };
    g_autoptr(VipsImage) there = space_changed(&change, srgb);

    return there ? bands_without_profile(there) : NULL;
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
        return numbers ? converted(numbers, profile, size) : NULL;
    colours = bands_first(numbers, 3);
    if (!colours)
        return NULL;
    g_autoptr(VipsImage) there = converted(colours, profile, size);
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
    g_autoptr(VipsImage) deep = pixels_in_format(pixel, VIPS_FORMAT_USHORT);
    g_autoptr(VipsImage) there = deep ? converted(deep, profile, size) : NULL;
    g_autofree unsigned short *made = there ? vips_image_write_to_memory(there, &have) : NULL;
    for (int i = 0; made && i < 3; i++)
        rgb[i] = made[i] / 257.0;
    return made;
}

/* ---- corners ---- */

enum { TOP_LEFT = 1, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT };

const Choice overlay_corners[] = {
    { "top-left", TOP_LEFT, "the colour of the pixel in this corner" },
    { "top-right", TOP_RIGHT, "the same of this corner" },
    { "bottom-left", BOTTOM_LEFT, "the same of this corner" },
    { "bottom-right", BOTTOM_RIGHT, "the same of this corner" },
    { 0 },
};

bool overlay_colour_or_corner(VipsImage *photo, const Colour *colour, double rgb[3])
{
    bool right = colour->word == TOP_RIGHT || colour->word == BOTTOM_RIGHT;
    bool bottom = colour->word == BOTTOM_LEFT || colour->word == BOTTOM_RIGHT;
    g_autofree double *values = NULL;
    int count = 0;

    if (!colour->word)
        return overlay_colour(photo, colour, rgb);
    if (vips_getpoint(photo, &values, &count, right ? photo->Xsize - 1 : 0,
                      bottom ? photo->Ysize - 1 : 0, NULL))
        return false;
    for (int i = 0; i < pixels_colours(photo); i++)
        rgb[i] = CLAMP(values[i] / pixels_white(photo), 0, 1) * 255;
    return true;
}
