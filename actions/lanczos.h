/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lanczos.h - Lanczos' filter of three lobes: what it weighs a sample at a distance. */
#pragma once

#include <glib.h>
#include <math.h>

enum { LANCZOS_LOBES = 3 };

/* sinc(x) sinc(x / 3), and 0 from three samples on. `x`: in samples of the result. The sine of
 * three times an angle is made of that of the angle. */
static inline double lanczos(double x)
{
    if (fabs(x) < 1e-9)
        return 1;
    if (fabs(x) >= LANCZOS_LOBES)
        return 0;
    double third = sin(G_PI * x / LANCZOS_LOBES), whole = third * (3 - 4 * third * third);
    return LANCZOS_LOBES * whole * third / (G_PI * G_PI * x * x);
}
