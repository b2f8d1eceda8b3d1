/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/colour.h"

#include <string.h>

#include "actions/bands.h"
#include "actions/libvips.h"
#include "actions/pixels.h"
#include "formats/bytes.h"

/* ---- profiles ---- */

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

static const void *profile_of(VipsImage *in, size_t *size)
{
    const void *profile = NULL;

    *size = 0;
    return vips_image_get_typeof(in, VIPS_META_ICC_NAME) &&
                   !vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, size)
               ? profile
               : NULL;
}

static bool has_tag(const unsigned char *profile, size_t size, const char *name)
{
    enum { AT_COUNT = 128, AT_TAGS = 132, TAG = 12 };

    if (size < AT_TAGS)
        return false;
    size_t count = MIN(be32(profile + AT_COUNT), (size - AT_TAGS) / TAG);
    for (size_t i = 0; i < count; i++)
        if (memcmp(profile + AT_TAGS + i * TAG, name, 4) == 0)
            return true;
    return false;
}

/* Many scanners' profiles have one table, that of perceptual colours, which the ICC specification
 * calls right for every intent. libvips uses no profile, or one of its own, where that of the
 * intent lacks. */
static VipsIntent intent_of(VipsImage *in)
{
    size_t size = 0;
    const void *profile = profile_of(in, &size);

    return has_tag(profile, size, "A2B0") && !has_tag(profile, size, "A2B1")
               ? VIPS_INTENT_PERCEPTUAL
               : VIPS_INTENT_RELATIVE;
}

/* Whether its profile, if it has one, says which of its colours another colour is. */
static bool takes_colours(VipsImage *in)
{
    static const char *const tags[] = { "B2A0", "B2A1", "rXYZ" };
    size_t size = 0;
    const void *profile = profile_of(in, &size);

    for (size_t i = 0; profile && i < G_N_ELEMENTS(tags); i++)
        if (has_tag(profile, size, tags[i]))
            return true;
    return !profile;
}

/* Converts colours by the profile, or CMYK without a usable one by libvips' own. */
static VipsImage *to_srgb_by_profile(VipsImage *in)
{
    g_autoptr(VipsImage) numbers =
        in->BandFmt == VIPS_FORMAT_FLOAT ? pixels_in_format(in, VIPS_FORMAT_USHORT) : NULL;
    g_autoptr(VipsImage) out = NULL;

    if ((in->BandFmt == VIPS_FORMAT_FLOAT && !numbers) ||
        vips_icc_transform(numbers ? numbers : in, &out, "srgb", "input_profile",
                           in->Type == VIPS_INTERPRETATION_CMYK ? "cmyk" : "srgb", "embedded", TRUE,
                           "intent", intent_of(in), "black_point_compensation", TRUE, "depth",
                           in->BandFmt == VIPS_FORMAT_UCHAR ? 8 : 16, NULL))
        return NULL;
    return bands_without_profile(out);
}

/* ---- alpha is no colour: no profile may see it ---- */

/* The first `colours` bands in sRGB, and alpha as it is. */
static VipsImage *converted(VipsImage *in, int colours)
{
    g_autoptr(VipsImage) plain = bands_first(in, colours);
    g_autoptr(VipsImage) srgb = plain ? to_srgb_by_profile(plain) : NULL;

    return srgb ? bands_with_alpha(srgb, in, colours) : NULL;
}

/* ---- numbers ---- */

/* Floats of other decoders than ours are on another scale. */
static bool are_numbers_of_pixels(const VipsImage *in)
{
    bool deep = in->Type == VIPS_INTERPRETATION_RGB16 || in->Type == VIPS_INTERPRETATION_GREY16;
    bool plain = in->Type == VIPS_INTERPRETATION_sRGB || in->Type == VIPS_INTERPRETATION_RGB ||
                 in->Type == VIPS_INTERPRETATION_B_W || in->Type == VIPS_INTERPRETATION_MULTIBAND;

    if (in->BandFmt == VIPS_FORMAT_FLOAT)
        return deep;
    return (deep || plain) &&
           (in->BandFmt == VIPS_FORMAT_UCHAR || in->BandFmt == VIPS_FORMAT_USHORT);
}

/* By libvips, of what some decoders give: linear light, for one. */
static VipsImage *numbers_of(VipsImage *in)
{
    VipsImage *out = NULL;

    if (are_numbers_of_pixels(in))
        return g_object_ref(in);
    return vips_colourspace(in, &out,
                            in->Bands < 3 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16,
                            NULL)
               ? NULL
               : out;
}

/* Grey or RGB, with alpha or without: further bands are dropped. */
static VipsImage *plain_bands(VipsImage *in)
{
    g_autoptr(VipsImage) few = bands_first(in, MIN(4, in->Bands));
    VipsImage *out = NULL;

    if (!few || vips_copy(few, &out, "interpretation", pixels_type(few->BandFmt, few->Bands), NULL))
        return NULL;
    return out;
}

VipsImage *colour_working(VipsImage *in)
{
    enum { INKS = 4 };
    bool inks = in->Type == VIPS_INTERPRETATION_CMYK;
    g_autoptr(VipsImage) numbers = inks ? converted(in, INKS) : numbers_of(in);
    g_autoptr(VipsImage) plain = numbers ? plain_bands(numbers) : NULL;
    char space[5];

    if (!plain)
        return NULL;
    profile_space(plain, space);
    if (!*space || strcmp(space, pixels_colours(plain) == 1 ? "GRAY" : "RGB ") == 0)
        return g_steal_pointer(&plain);
    return bands_without_profile(plain); /* it describes other numbers */
}

/* ---- other spaces ---- */

VipsImage *colour_srgb(VipsImage *in)
{
    if (vips_image_get_typeof(in, VIPS_META_ICC_NAME))
        return converted(in, pixels_colours(in));
    return pixels_colours(in) == 1 ? bands_grey_as_three(in) : g_object_ref(in);
}

/* Every grey value in sRGB, by the profile of `in`: which is asked once for each value, not for
 * each pixel. */
static VipsImage *grey_table(VipsImage *in)
{
    enum { BLUE = 2 };
    bool deep = in->BandFmt == VIPS_FORMAT_USHORT;
    g_autoptr(VipsImage) values = NULL;
    g_autoptr(VipsImage) grey = NULL;
    g_autoptr(VipsImage) srgb = NULL;
    const void *profile = NULL;
    VipsImage *table = NULL;
    size_t size = 0;

    if (vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size) ||
        vips_identity(&values, "ushort", deep, "size", 65536, NULL) ||
        vips_copy(values, &grey, "interpretation", pixels_type(in->BandFmt, 1), NULL))
        return NULL;
    vips_image_set_blob_copy(grey, VIPS_META_ICC_NAME, profile, size);
    srgb = to_srgb_by_profile(grey);
    return !srgb || vips_extract_band(srgb, &table, BLUE, NULL) ? NULL : table;
}

static VipsImage *srgb_grey(VipsImage *in)
{
    bool eight = in->BandFmt == VIPS_FORMAT_UCHAR;
    g_autoptr(VipsImage) numbers =
        pixels_in_format(in, eight ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT);
    g_autoptr(VipsImage) grey = numbers ? bands_first(numbers, 1) : NULL;
    g_autoptr(VipsImage) table = grey ? grey_table(grey) : NULL;
    g_autoptr(VipsImage) mapped = NULL;
    g_autoptr(VipsImage) joined = NULL;
    VipsImage *out = NULL;

    if (!table || vips_maplut(grey, &mapped, table, NULL) ||
        !(joined = bands_with_alpha(mapped, numbers, 1)) ||
        vips_copy(joined, &out, "interpretation", pixels_type(joined->BandFmt, joined->Bands),
                  NULL))
        return NULL;
    vips_image_remove(out, VIPS_META_ICC_NAME);
    return out;
}

VipsImage *colour_rgb(VipsImage *in)
{
    return pixels_colours(in) == 1 ? colour_srgb(in) : g_object_ref(in);
}

VipsImage *colour_in_srgb(VipsImage *in)
{
    if (!vips_image_get_typeof(in, VIPS_META_ICC_NAME))
        return g_object_ref(in);
    return pixels_colours(in) == 1 ? srgb_grey(in) : colour_srgb(in);
}

VipsImage *colour_for_overlays(VipsImage *in, bool coloured)
{
    g_autoptr(VipsImage) rgb = NULL;

    if (!coloured && pixels_colours(in) == 1)
        return g_object_ref(in);
    rgb = takes_colours(in) ? colour_rgb(in) : colour_srgb(in);
    return rgb ? pixels_in_format(rgb, in->BandFmt) : NULL; /* lcms makes 16 bits of floats */
}
