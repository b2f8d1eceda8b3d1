/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rgb_profile.h - makes the ICC profile of a colour space that is known by its numbers.
 *
 * The same numbers give the same bytes: nothing in a profile tells when it was made. */
#pragma once

#include <stddef.h>

/* CIE xy. */
typedef struct Chromaticity {
    double x, y;
} Chromaticity;

typedef struct Primaries {
    Chromaticity white, red, green, blue;
} Primaries;

/* From stored values to light, both 0 to 1: (a v + b)^gamma from `d` on, below it c v. A mere
 * exponent has a = 1 and the rest 0. */
typedef struct ToneCurve {
    double gamma, a, b, c, d;
} ToneCurve;

extern const Primaries primaries_srgb;
extern const ToneCurve curve_srgb; /* of Display P3, too */
extern const Primaries primaries_display_p3;
extern const Primaries primaries_adobe_rgb;
extern const ToneCurve curve_adobe_rgb;

/* The profile of RGB with these primaries, or of grey with this curve; `name` is what programs call
 * it. Newly allocated; NULL where the numbers make no colour space. */
void *rgb_profile_new(const char *name, const Primaries *primaries, const ToneCurve *curve,
                      size_t *size);
void *grey_profile_new(const char *name, const ToneCurve *curve, size_t *size);
