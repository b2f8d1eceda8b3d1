/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* smooth.h - the step from 0 to 1 whose slope is 0 at both ends: Hermite's cubic, GLSL's
 * smoothstep().
 */
#pragma once

#include <glib.h>

static inline double smooth(double t)
{
    t = CLAMP(t, 0, 1);
    return t * t * (3 - 2 * t);
}
