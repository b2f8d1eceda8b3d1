/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/length.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "base/units.h"

const char *length_of_text(LengthOf of)
{
    static const char *const words[] = {
        [OF_WIDTH] = "the width",
        [OF_HEIGHT] = "the height",
        [OF_SHORTER] = "the shorter side",
        [OF_LONGER] = "the longer side",
        [OF_MEAN] = "the mean of width and height",
        [OF_AXIS] = "the width left and right, of the height at the top and bottom",
    };

    return words[of];
}

/* ---- as it is written ---- */

static bool read_unit(const char *text, LengthUnit *unit)
{
    static const char *const units[] = {
        [LENGTH_PX] = "px", [LENGTH_PERCENT] = "%", [LENGTH_MM] = "mm",
        [LENGTH_CM] = "cm", [LENGTH_IN] = "in",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (!strcmp(text, units[i])) {
            *unit = (LengthUnit) i;
            return true;
        }
    *unit = LENGTH_PX;
    return !*text;
}

const char *length_read(const char *text, double least, Length *length)
{
    const char *rest = NULL;

    *length = (Length){ 0 };
    if (!units_read_number(text, &length->amount, &rest))
        return "not a length";
    if (!read_unit(rest, &length->unit))
        return "unknown unit";
    if (!*rest && least >= 1 && length->amount > 0 && length->amount < 1)
        return "less than one pixel";
    return NULL;
}

/* ---- on a picture ---- */

bool length_is_physical(Length length)
{
    return length.unit >= LENGTH_MM;
}

double length_px(Length length, double whole)
{
    if (length.unit == LENGTH_PERCENT)
        return whole * length.amount / 100;
    return length_is_physical(length) ? length.px : length.amount;
}

/* How many inches one of the unit is. */
static double inches(LengthUnit unit)
{
    static const double inch_mm = 25.4;

    return unit == LENGTH_IN ? 1 : unit == LENGTH_CM ? 10 / inch_mm : 1 / inch_mm;
}

static double whole_of(LengthOf of, double width, double height)
{
    const double wholes[] = {
        [OF_WIDTH] = width,
        [OF_HEIGHT] = height,
        [OF_SHORTER] = fmin(width, height),
        [OF_LONGER] = fmax(width, height),
        [OF_MEAN] = (width + height) / 2,
        [OF_AXIS] = 0,
    };

    return wholes[of];
}

static const double most_px = 1e7; /* libvips' largest side */

void length_finish(Length *length, LengthOf of, double width, double height, double dpi)
{
    length->px = length_is_physical(*length) ? length->amount * inches(length->unit) * dpi : 0;
    length->px = CLAMP(length_px(*length, whole_of(of, width, height)), -most_px, most_px);
}
