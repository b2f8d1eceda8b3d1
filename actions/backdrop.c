/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/backdrop.h"

#include <math.h>

#include "actions/overlay_colour.h"
#include "actions/pixels.h"

enum { OPAQUE = 255 };

VipsImage *backdrop_pixels(Image *image, const Colour *background, Error **err)
{
    return image_overlay_pixels(image, overlay_has_colour(background), err);
}

VipsImage *backdrop_room(VipsImage *pixels, const Colour *background)
{
    VipsImage *out = NULL;

    if (background->a == OPAQUE || pixels->Bands > pixels_colours(pixels))
        return g_object_ref(pixels);
    return vips_addalpha(pixels, &out, NULL) ? NULL : out;
}

bool backdrop_values(VipsImage *pixels, const Colour *background, bool weighted, double values[4])
{
    double scale = pixels_white(pixels) / OPAQUE;
    int colours = pixels_colours(pixels);
    bool alpha = pixels->Bands > colours;

    if (!overlay_colour(pixels, background, values))
        return false;
    for (int i = 0; i < colours; i++)
        values[i] *= scale * (alpha && weighted ? background->a / OPAQUE : 1);
    values[colours] = background->a * scale;
    return true;
}

VipsImage *backdrop_around(VipsImage *in, const double *values, const VipsRect *canvas)
{
    VipsArrayDouble *colour = vips_array_double_new(values, in->Bands);
    double *numbers = vips_array_double_get(colour, NULL);
    VipsImage *out = NULL;

    for (int i = 0; i < in->Bands && in->BandFmt != VIPS_FORMAT_FLOAT; i++)
        numbers[i] = rint(numbers[i]); /* libvips cuts off what is behind the point */
    bool failed = vips_embed(in, &out, canvas->left, canvas->top, canvas->width, canvas->height,
                             "extend", VIPS_EXTEND_BACKGROUND, "background", colour, NULL);
    vips_area_unref(VIPS_AREA(colour));
    return failed ? NULL : out;
}

VipsImage *backdrop_laid(VipsImage *pixels, const Colour *background, const VipsRect *canvas)
{
    g_autoptr(VipsImage) room = backdrop_room(pixels, background);
    double values[4];

    if (!room || !backdrop_values(room, background, false, values))
        return NULL;
    return backdrop_around(room, values, canvas);
}

void backdrop_plan(const Colour *background, Shape *shape)
{
    shape->alpha |= background->a < OPAQUE;
    if (overlay_has_colour(background))
        shape->colours = 3;
}
