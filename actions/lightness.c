/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/lightness.h"

#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"

enum { COLOURS = 3 };
static const double scale = 65535 / 100.0;

/* "" of `size` 0 where they are sRGB; borrowed. */
static const void *profile_of(VipsImage *pixels, size_t *size)
{
    const void *profile = "";

    *size = 0;
    if (vips_image_get_typeof(pixels, VIPS_META_ICC_NAME) &&
        vips_image_get_blob(pixels, VIPS_META_ICC_NAME, &profile, size))
        return NULL;
    return profile;
}

/* Colours that can be converted there and back. */
static VipsImage *plain_colours(VipsImage *pixels)
{
    g_autoptr(VipsImage) space = colour_for_overlays(pixels, true);
    g_autoptr(VipsImage) plain = space ? bands_colours(space) : NULL;

    if (!plain || plain->BandFmt == VIPS_FORMAT_UCHAR)
        return g_steal_pointer(&plain);
    return pixels_in_format(plain, VIPS_FORMAT_USHORT);
}

static VipsImage *lab_of(VipsImage *plain)
{
    size_t size = 0;
    const void *profile = profile_of(plain, &size);
    VipsImage *lab = NULL;

    if (!profile || (size ? vips_icc_import(plain, &lab, "embedded", TRUE, "intent",
                                            colour_intent(profile, size, "A2B0", "A2B1"), NULL)
                          : vips_colourspace(plain, &lab, VIPS_INTERPRETATION_LAB, NULL)))
        return NULL;
    return lab;
}

/* The space and format of `like`. */
static VipsImage *from_lab(VipsImage *lab, VipsImage *like)
{
    bool eight = like->BandFmt == VIPS_FORMAT_UCHAR;
    size_t size = 0;
    const void *profile = profile_of(like, &size);
    VipsImage *out = NULL;

    if (profile && size)
        return colour_export(lab, profile, size, eight ? 8 : 16,
                             colour_intent(profile, size, "B2A0", "B2A1"), false);
    return vips_colourspace(lab, &out, pixels_type(like->BandFmt, COLOURS), NULL) ? NULL : out;
}

VipsImage *lightness_of(VipsImage *pixels)
{
    g_autoptr(VipsImage) plain = plain_colours(pixels);
    g_autoptr(VipsImage) lab = plain ? lab_of(plain) : NULL;
    g_autoptr(VipsImage) one = NULL;
    g_autoptr(VipsImage) scaled = NULL;
    g_autoptr(VipsImage) bare = NULL;
    g_autoptr(VipsImage) grey = NULL;

    if (!lab || !(one = bands_first(lab, 1)) || vips_linear1(one, &scaled, scale, 0, NULL) ||
        !(bare = bands_without_profile(scaled)) ||
        !(grey = bands_rounded(bare, VIPS_FORMAT_USHORT)))
        return NULL;
    return bands_with_alpha(grey, pixels, COLOURS);
}

static VipsImage *with_lightness(VipsImage *lab, VipsImage *lightness)
{
    g_autoptr(VipsImage) one = bands_first(lightness, 1);
    g_autoptr(VipsImage) scaled = NULL;
    g_autoptr(VipsImage) chroma = NULL;
    g_autoptr(VipsImage) joined = NULL;
    VipsImage *out = NULL;

    if (!one || vips_linear1(one, &scaled, 1 / scale, 0, NULL) ||
        vips_extract_band(lab, &chroma, 1, "n", 2, NULL) ||
        vips_bandjoin2(scaled, chroma, &joined, NULL) ||
        vips_copy(joined, &out, "interpretation", VIPS_INTERPRETATION_LAB, NULL))
        return NULL;
    return out;
}

VipsImage *lightness_put(VipsImage *pixels, VipsImage *lightness)
{
    g_autoptr(VipsImage) plain = plain_colours(pixels);
    g_autoptr(VipsImage) lab = plain ? lab_of(plain) : NULL;
    g_autoptr(VipsImage) changed = lab ? with_lightness(lab, lightness) : NULL;
    g_autoptr(VipsImage) out = changed ? from_lab(changed, plain) : NULL;

    return out ? bands_with_alpha(out, pixels, COLOURS) : NULL;
}
