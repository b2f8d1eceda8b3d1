/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/lightness.h"

#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/spaces.h"

enum { COLOURS = 3 };
static const double scale = 65535 / 100.0;

/* Colours that can be converted there and back. */
static VipsImage *plain_colours(VipsImage *pixels)
{
    g_autoptr(VipsImage) space = colour_for_overlays(pixels, true);
    g_autoptr(VipsImage) plain = space ? bands_colours(space) : NULL;

    if (!plain || plain->BandFmt == VIPS_FORMAT_UCHAR)
        return g_steal_pointer(&plain);
    return pixels_in_format(plain, VIPS_FORMAT_USHORT);
}

VipsImage *lightness_of(VipsImage *pixels)
{
    g_autoptr(VipsImage) plain = plain_colours(pixels);
    g_autoptr(VipsImage) lab = plain ? space_lab(plain) : NULL;
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
    VipsImage *out = NULL;

    if (!one || vips_linear1(one, &scaled, 1 / scale, 0, NULL) ||
        vips_extract_band(lab, &chroma, 1, "n", 2, NULL) ||
        vips_bandjoin2(scaled, chroma, &out, NULL))
        return NULL;
    return out;
}

VipsImage *lightness_put(VipsImage *pixels, VipsImage *lightness)
{
    g_autoptr(VipsImage) plain = plain_colours(pixels);
    g_autoptr(VipsImage) lab = plain ? space_lab(plain) : NULL;
    g_autoptr(VipsImage) changed = lab ? with_lightness(lab, lightness) : NULL;
    g_autoptr(VipsImage) out = changed ? space_of_lab(changed, plain) : NULL;

    return out ? bands_with_alpha(out, pixels, COLOURS) : NULL;
}
