/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/rgb_profile.h"

#include <glib.h>
#include <lcms2.h>
#include <stdbool.h>
#include <string.h>

const Primaries primaries_srgb = {
    { 0.3127, 0.3290 }, { 0.64, 0.33 }, { 0.30, 0.60 }, { 0.15, 0.06 }
};
const ToneCurve curve_srgb = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
const Primaries primaries_display_p3 = {
    { 0.3127, 0.3290 }, { 0.680, 0.320 }, { 0.265, 0.690 }, { 0.150, 0.060 }
};
const Primaries primaries_adobe_rgb = {
    { 0.3127, 0.3290 }, { 0.64, 0.33 }, { 0.21, 0.71 }, { 0.15, 0.06 }
};
const ToneCurve curve_adobe_rgb = { 563 / 256.0, 1, 0, 0, 0 };

/* Exponents can be said in ICC version 2, which every program reads. */
static bool is_exponent(const ToneCurve *curve)
{
    return curve->a == 1 && curve->b == 0 && curve->d == 0;
}

static cmsToneCurve *lcms_curve(const ToneCurve *curve)
{
    enum { EXPONENT = 1, WITH_LINE = 4 }; /* lcms' numbers of parametric curves */
    const double numbers[] = { curve->gamma, curve->a, curve->b, curve->c, curve->d };

    return cmsBuildParametricToneCurve(NULL, is_exponent(curve) ? EXPONENT : WITH_LINE, numbers);
}

static void set_text(cmsHPROFILE profile, cmsTagSignature tag, const char *text)
{
    cmsMLU *mlu = cmsMLUalloc(NULL, 1);

    if (cmsMLUsetASCII(mlu, "en", "US", text))
        cmsWriteTag(profile, tag, mlu);
    cmsMLUfree(mlu);
}

/* lcms writes the time of the making: a fixed one takes its place. */
static void set_fixed_date(unsigned char *bytes)
{
    enum { AT_DATE = 24 };
    static const unsigned char date[] = { 0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0 }; /* 2000 */

    memcpy(bytes + AT_DATE, date, sizeof(date));
}

/* The bytes of `profile`, which it takes over; NULL where it is none. */
static void *bytes_of(cmsHPROFILE profile, const char *name, const ToneCurve *curve, size_t *size)
{
    g_autofree unsigned char *bytes = NULL;
    cmsUInt32Number needed = 0;

    if (!profile)
        return NULL;
    cmsSetProfileVersion(profile, is_exponent(curve) ? 2.1 : 4.3);
    set_text(profile, cmsSigProfileDescriptionTag, name);
    set_text(profile, cmsSigCopyrightTag, "CC0");
    if (cmsSaveProfileToMem(profile, NULL, &needed)) {
        bytes = g_malloc0(needed);
        if (cmsSaveProfileToMem(profile, bytes, &needed))
            set_fixed_date(bytes);
        else
            g_clear_pointer(&bytes, g_free);
    }
    cmsCloseProfile(profile);
    *size = bytes ? needed : 0;
    return g_steal_pointer(&bytes);
}

static cmsCIExyY lcms_point(Chromaticity point)
{
    return (cmsCIExyY){ point.x, point.y, 1 };
}

void *rgb_profile_new(const char *name, const Primaries *primaries, const ToneCurve *curve,
                      size_t *size)
{
    const cmsCIExyY white = lcms_point(primaries->white);
    const cmsCIExyYTRIPLE colours = { lcms_point(primaries->red), lcms_point(primaries->green),
                                      lcms_point(primaries->blue) };
    cmsToneCurve *one = lcms_curve(curve);
    cmsToneCurve *all[] = { one, one, one };
    cmsHPROFILE profile = one ? cmsCreateRGBProfile(&white, &colours, all) : NULL;

    if (one)
        cmsFreeToneCurve(one);
    return bytes_of(profile, name, curve, size);
}

void *grey_profile_new(const char *name, const ToneCurve *curve, size_t *size)
{
    const cmsCIExyY white = lcms_point(primaries_srgb.white);
    cmsToneCurve *one = lcms_curve(curve);
    cmsHPROFILE profile = one ? cmsCreateGrayProfile(&white, one) : NULL;

    if (one)
        cmsFreeToneCurve(one);
    return bytes_of(profile, name, curve, size);
}
