/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/profile_curves.h"

#include <lcms2.h>
#include <stdbool.h>

#include "actions/tones.h"

struct ProfileCurves {
    cmsToneCurve *light[3], *stored[3];
};

static cmsToneCurve *srgb_curve(void)
{
    enum { WITH_LINE = 4 }; /* lcms' number of a parametric curve */

    return cmsBuildParametricToneCurve(
        NULL, WITH_LINE, (const double[]){ 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 });
}

/* One that can be turned round; borrowed, NULL: there is none. */
static const cmsToneCurve *read_curve(cmsHPROFILE profile, cmsTagSignature tag)
{
    const cmsToneCurve *curve = cmsReadTag(profile, tag);

    return curve && cmsIsToneCurveMonotonic(curve) && !cmsIsToneCurveDescending(curve) ? curve
                                                                                       : NULL;
}

static bool take_curves(ProfileCurves *curves, cmsHPROFILE profile)
{
    static const cmsTagSignature rgb[] = { cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag };
    bool grey = cmsGetColorSpace(profile) == cmsSigGrayData;
    const cmsToneCurve *found[3];

    for (int i = 0; i < 3; i++)
        if (!(found[i] = read_curve(profile, grey ? cmsSigGrayTRCTag : rgb[i])))
            return false;
    for (int i = 0; i < 3; i++)
        curves->light[i] = cmsDupToneCurve(found[i]);
    return true;
}

/* NULL: of sRGB. */
static ProfileCurves *curves_new(const void *profile, size_t size)
{
    ProfileCurves *curves = g_new0(ProfileCurves, 1);
    cmsHPROFILE opened = profile ? cmsOpenProfileFromMem(profile, (cmsUInt32Number) size) : NULL;
    bool taken = opened && take_curves(curves, opened);

    if (opened)
        cmsCloseProfile(opened);
    for (int i = 0; i < 3; i++) {
        if (!taken)
            curves->light[i] = srgb_curve();
        curves->stored[i] = cmsReverseToneCurve(curves->light[i]);
    }
    return curves;
}

ProfileCurves *profile_curves_of(VipsImage *pixels)
{
    const void *profile = NULL;
    size_t size = 0;

    if (vips_image_get_typeof(pixels, VIPS_META_ICC_NAME) &&
        vips_image_get_blob(pixels, VIPS_META_ICC_NAME, &profile, &size))
        profile = NULL;
    return curves_new(profile, size);
}

void profile_curves_free(ProfileCurves *curves)
{
    cmsFreeToneCurveTriple(curves->light);
    cmsFreeToneCurveTriple(curves->stored);
    g_free(curves);
}

double profile_curves_light(const ProfileCurves *curves, int band, double stored)
{
    return CLAMP(cmsEvalToneCurveFloat(curves->light[band], (float) stored), 0, 1);
}

double profile_curves_stored(const ProfileCurves *curves, int band, double light)
{
    return CLAMP(cmsEvalToneCurveFloat(curves->stored[band], (float) light), 0, 1);
}

/* A band, and how many times as much light it gets. */
typedef struct Light {
    const ProfileCurves *curves;
    int band;
    double factor;
} Light;

static double times(const void *light, double stored)
{
    const Light *l = light;
    double more = l->factor * profile_curves_light(l->curves, l->band, stored);

    return profile_curves_stored(l->curves, l->band, MIN(more, 1));
}

VipsImage *profile_curves_times(VipsImage *pixels, double factor)
{
    g_autoptr(ProfileCurves) curves = profile_curves_of(pixels);
    const Light each[] = { { curves, 0, factor }, { curves, 1, factor }, { curves, 2, factor } };

    return tones_of_each(pixels, times, each, sizeof(*each));
}
