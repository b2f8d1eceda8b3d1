/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/colour.h"

#include <string.h>

#include "actions/libvips.h"

/* The colour space that a picture's ICC profile is for ("RGB ", "GRAY", "CMYK"), 4 characters in
 * its header; "" where there is no profile. */
static void profile_space(VipsImage *in, char space[5])
{
    enum { AT = 16, HEADER = 128 };
    const void *profile = NULL;
    size_t size = 0;

    space[0] = '\0';
    if (!vips_image_get_typeof(in, VIPS_META_ICC_NAME) ||
        vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size) || size < HEADER)
        return;
    memcpy(space, (const char *) profile + AT, 4);
    space[4] = '\0';
}

/* Converts by the profile, or CMYK without a usable one by libvips' own. */
static VipsImage *to_srgb_by_profile(VipsImage *in)
{
    VipsImage *out = NULL;

    if (vips_icc_transform(in, &out, "srgb", "input_profile",
                           in->Type == VIPS_INTERPRETATION_CMYK ? "cmyk" : "srgb", "embedded", TRUE,
                           "black_point_compensation", TRUE, NULL))
        return NULL;
    return out;
}

static VipsImage *to_srgb_by_values(VipsImage *in)
{
    VipsImage *out = NULL;

    if (in->Type == VIPS_INTERPRETATION_sRGB && in->BandFmt == VIPS_FORMAT_UCHAR)
        return g_object_ref(in);
    return vips_colourspace(in, &out, VIPS_INTERPRETATION_sRGB, NULL) ? NULL : out;
}

/* Three bands, or four with alpha: further bands of a TIFF are dropped. */
static VipsImage *colour_bands(VipsImage *in)
{
    VipsImage *out = NULL;

    if (in->Bands == 3 || in->Bands == 4)
        return g_object_ref(in);
    if (in->Bands < 3) {
        vips_error("colour", "a picture of %d bands has no colours", in->Bands);
        return NULL;
    }
    return vips_extract_band(in, &out, 0, "n", 4, NULL) ? NULL : out;
}

VipsImage *colour_rgb(VipsImage *in)
{
    char space[5];
    profile_space(in, space);
    bool converts = in->Type == VIPS_INTERPRETATION_CMYK || !strcmp(space, "GRAY");
    g_autoptr(VipsImage) rgb = converts ? to_srgb_by_profile(in) : to_srgb_by_values(in);
    g_autoptr(VipsImage) bands = rgb ? colour_bands(rgb) : NULL;
    g_autoptr(VipsImage) bytes = NULL;
    VipsImage *out = NULL;

    if (!bands || vips_cast_uchar(bands, &bytes, NULL) || vips_copy(bytes, &out, NULL))
        return NULL;
    /* The profile does not describe the new values. */
    if (converts || strcmp(space, "RGB ") != 0)
        vips_image_remove(out, VIPS_META_ICC_NAME);
    return out;
}

VipsImage *colour_srgb(VipsImage *in)
{
    g_autoptr(VipsImage) srgb = NULL;
    VipsImage *out = NULL;

    if (!vips_image_get_typeof(in, VIPS_META_ICC_NAME))
        return g_object_ref(in);
    srgb = to_srgb_by_profile(in);
    if (!srgb || vips_copy(srgb, &out, NULL))
        return NULL;
    vips_image_remove(out, VIPS_META_ICC_NAME);
    return out;
}
