/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/spaces.h"

#include <lcms2.h>
#include <stdint.h>

#include "actions/bands.h"
#include "actions/pixels.h"
#include "actions/rgb_profile.h"

static const Primaries prophoto = {
    { 0.3457, 0.3585 }, { 0.7347, 0.2653 }, { 0.1596, 0.8404 }, { 0.0366, 0.0001 }
};
static const ToneCurve curve_prophoto = { .gamma = 1.8, .a = 1 };

static const struct {
    const char *name;
    const Primaries *primaries; /* NULL: grey */
    const ToneCurve *curve;
} spaces[] = {
    [SPACE_SRGB] = { "sRGB", &primaries_srgb, &curve_srgb },
    [SPACE_P3] = { "Display P3", &primaries_display_p3, &curve_srgb },
    [SPACE_ADOBE_RGB] = { "compatible with Adobe RGB (1998)", &primaries_adobe_rgb,
                          &curve_adobe_rgb },
    [SPACE_PROPHOTO] = { "compatible with ProPhoto RGB", &prophoto, &curve_prophoto },
    [SPACE_GREY] = { "grey with the curve of sRGB", NULL, &curve_srgb },
};

void *space_profile(int space, size_t *size)
{
    const Primaries *primaries = spaces[space].primaries;

    return primaries ? rgb_profile_new(spaces[space].name, primaries, spaces[space].curve, size)
                     : grey_profile_new(spaces[space].name, spaces[space].curve, size);
}

void *space_profile_of_srgb_curve(int space, size_t *size)
{
    g_autofree char *name = g_strdup_printf("%s, with the curve of sRGB", spaces[space].name);

    return rgb_profile_new(name, spaces[space].primaries, &curve_srgb, size);
}

/* ---- conversion: by lcms itself, in one step: libvips needs a path for that, and the Lab numbers
 * between its two steps lose strong colours ---- */

static cmsHPROFILE opened(const void *profile, size_t size)
{
    return profile ? cmsOpenProfileFromMem(profile, (cmsUInt32Number) size) : NULL;
}

static bool is_of_grey(cmsHPROFILE profile)
{
    return cmsGetColorSpace(profile) == cmsSigGrayData;
}

static bool is_of_inks(cmsHPROFILE profile)
{
    return cmsGetColorSpace(profile) == cmsSigCmykData;
}

static int bands_of(cmsHPROFILE profile)
{
    enum { RGB = 3 };

    return is_of_grey(profile) ? 1 : is_of_inks(profile) ? PIXELS_INKS : RGB;
}

/* The profile of the numbers of `in`: its own, the assumed one, or sRGB. To be closed; NULL: none
 * can be used. */
static cmsHPROFILE source_of(const SpaceChange *change, VipsImage *in)
{
    const void *own = NULL;
    size_t size = 0;
    cmsHPROFILE profile = NULL;

    if (vips_image_get_typeof(in, VIPS_META_ICC_NAME) &&
        !vips_image_get_blob(in, VIPS_META_ICC_NAME, &own, &size))
        profile = opened(own, size);
    if (!profile)
        profile = opened(change->assumed, change->assumed_size);
    if (profile && (!is_of_grey(profile) || pixels_colours(in) == 1))
        return profile;
    if (profile)
        cmsCloseProfile(profile);
    return cmsCreate_sRGBProfile();
}

static cmsUInt32Number format_of(cmsHPROFILE profile, bool bytes)
{
    if (is_of_grey(profile))
        return bytes ? TYPE_GRAY_8 : TYPE_GRAY_16;
    if (is_of_inks(profile))
        return bytes ? TYPE_CMYK_8 : TYPE_CMYK_16;
    return bytes ? TYPE_RGB_8 : TYPE_RGB_16;
}

/* Many scanners' profiles have one table, that of perceptual colours, which the ICC specification
 * calls right for every intent. */
static cmsUInt32Number intent_of(const SpaceChange *change, cmsHPROFILE from, cmsHPROFILE to)
{
    bool reads_one = cmsIsTag(from, cmsSigAToB0Tag) && !cmsIsTag(from, cmsSigAToB1Tag);
    bool writes_one = cmsIsTag(to, cmsSigBToA0Tag) && !cmsIsTag(to, cmsSigBToA1Tag);

    return reads_one || writes_one ? INTENT_PERCEPTUAL : (cmsUInt32Number) change->intent;
}

/* lcms makes a transform faster, by a table that is up to 5 of 255 away from it where it has 16
 * bits: these are computed. */
static cmsHTRANSFORM transform_of(const SpaceChange *change, cmsHPROFILE from, cmsHPROFILE to,
                                  bool bytes)
{
    return cmsCreateTransform(from, format_of(from, bytes), to, format_of(to, bytes),
                              intent_of(change, from, to),
                              (change->black_point ? cmsFLAGS_BLACKPOINTCOMPENSATION : 0) |
                                  (bytes ? 0 : cmsFLAGS_NOOPTIMIZE));
}

static void transform_run(const PixelsRun *run, const void *state)
{
    cmsDoTransform((cmsHTRANSFORM) (uintptr_t) state, run->from, run->to,
                   (cmsUInt32Number) run->count);
}

/* What the transform, which is taken over, makes of `in`. NULL with libvips' error set, also where
 * there is none. */
static VipsImage *mapped(VipsImage *in, int bands, VipsBandFormat format, cmsHTRANSFORM transform)
{
    VipsImage *out =
        transform ? pixels_map(in, NULL, bands, format, transform_run, transform, 0) : NULL;

    if (out) {
        g_object_set_data_full(G_OBJECT(out), "transform", transform, cmsDeleteTransform);
        return out;
    }
    vips_error("icc", "the profile gives no way to convert a colour to it");
    g_clear_pointer(&transform, cmsDeleteTransform);
    return NULL;
}

/* `in`, of 8 or 16 bits, between two profiles. */
static VipsImage *transformed(const SpaceChange *change, VipsImage *in, cmsHPROFILE from,
                              cmsHPROFILE to)
{
    bool widened = pixels_colours(in) == 1 && !is_of_grey(from);
    g_autoptr(VipsImage) bands = widened ? bands_grey_as_three(in) : g_object_ref(in);
    cmsHTRANSFORM transform =
        bands ? transform_of(change, from, to, in->BandFmt == VIPS_FORMAT_UCHAR) : NULL;
    VipsImage *out = mapped(bands, bands_of(to), in->BandFmt, transform);

    if (out && is_of_inks(to))
        out->Type = VIPS_INTERPRETATION_CMYK;
    if (out)
        vips_image_set_blob_copy(out, VIPS_META_ICC_NAME, change->profile, change->size);
    return out;
}

VipsImage *space_changed(const SpaceChange *change, VipsImage *in)
{
    bool bytes = in->BandFmt == VIPS_FORMAT_UCHAR;
    g_autoptr(VipsImage) numbers =
        pixels_in_format(in, bytes ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT);
    cmsHPROFILE from = source_of(change, in);
    cmsHPROFILE to = opened(change->profile, change->size);
    VipsImage *out = numbers && from && to ? transformed(change, numbers, from, to) : NULL;

    g_clear_pointer(&from, cmsCloseProfile);
    g_clear_pointer(&to, cmsCloseProfile);
    return out;
}

/* ---- L*a*b* ---- */

/* `in`, three floats as lcms has them, between L*a*b* and the space of `rgb`. */
static VipsImage *between_lab(VipsImage *in, VipsImage *rgb, bool to_lab)
{
    const SpaceChange change = { .intent = VIPS_INTENT_RELATIVE };
    cmsHPROFILE space = source_of(&change, rgb), lab = cmsCreateLab4Profile(NULL);
    cmsHPROFILE from = to_lab ? space : lab, to = to_lab ? lab : space;
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, to_lab ? TYPE_RGB_FLT : TYPE_Lab_FLT, to,
                           to_lab ? TYPE_Lab_FLT : TYPE_RGB_FLT, intent_of(&change, from, to), 0);

    cmsCloseProfile(space);
    cmsCloseProfile(lab);
    return mapped(in, 3, VIPS_FORMAT_FLOAT, transform);
}

VipsImage *space_lab(VipsImage *in)
{
    VipsImage *floats = NULL;

    if (vips_linear1(in, &floats, 1 / pixels_white(in), 0, NULL))
        return NULL;
    VipsImage *lab = between_lab(floats, in, true);
    g_object_unref(floats);
    return lab;
}

VipsImage *space_of_lab(VipsImage *lab, VipsImage *like)
{
    g_autoptr(VipsImage) rgb = between_lab(lab, like, false);
    g_autoptr(VipsImage) scaled = NULL;

    if (!rgb || vips_linear1(rgb, &scaled, pixels_white(like), 0, NULL))
        return NULL;
    return bands_rounded(scaled, like->BandFmt);
}

/* ---- spaces by their words ---- */

VipsImage *space_of(VipsImage *in, int space)
{
    SpaceChange change = { .intent = VIPS_INTENT_RELATIVE, .black_point = true };
    g_autofree void *profile = space_profile(space, &change.size);
    g_autoptr(VipsImage) colours = profile ? bands_colours(in) : NULL;

    change.profile = profile;
    g_autoptr(VipsImage) changed = colours ? space_changed(&change, colours) : NULL;
    g_autoptr(VipsImage) rounded = changed ? bands_rounded(changed, changed->BandFmt) : NULL;
    g_autoptr(VipsImage) joined =
        rounded ? bands_with_alpha(rounded, in, pixels_colours(in)) : NULL;
    return joined ? bands_rounded(joined, joined->BandFmt) : NULL;
}
