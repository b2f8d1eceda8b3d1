/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile_curves.h - how stored values and light correspond in the colour space of a profile. */
#pragma once

#include "actions/libvips.h"

typedef struct ProfileCurves ProfileCurves;

/* Of the ICC profile of pixels. Without one, and of one that has tables instead of curves: those of
 * sRGB, which tables are near to. */
ProfileCurves *profile_curves_of(VipsImage *pixels);
void profile_curves_free(ProfileCurves *curves);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProfileCurves, profile_curves_free)

/* Both 0 to 1, of the band 0 to 2. */
double profile_curves_light(const ProfileCurves *curves, int band, double stored);
double profile_curves_stored(const ProfileCurves *curves, int band, double light);

/* The pixels (pixels.h, without alpha) with `factor` times as much light, cut off at white. Lazy
 * and newly referenced; NULL with libvips' error set. */
VipsImage *profile_curves_times(VipsImage *pixels, double factor);
