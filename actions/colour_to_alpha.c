/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* colour_to_alpha - make one colour transparent, and others as far as they have of it: over that
 * colour the result looks as the picture did. */
#include "actions/action.h"
#include "actions/colour.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/pixels_each.h"

typedef struct ColourToAlpha {
    Colour colour;
    double tolerance;
} ColourToAlpha;

static const Param params[] = {
    COLOUR(ColourToAlpha, colour, .def = "#ffffff", .choices = overlay_corners, .only_opaque = true,
           .help = "the colour that becomes transparent"),
    REAL(ColourToAlpha, tolerance, .def = "0", .min = 0, .max = 100, .unit = "%",
         .help = "how far from it a colour may be to become transparent too"),
    { 0 },
};

typedef struct Removed {
    float colour[3]; /* 0 to 1 */
    float tolerance; /* 0 to 1 */
    int colours;     /* of the picture: 1 or 3 */
    bool alpha;      /* it has alpha */
} Removed;

/* How much of the way to black or white, whichever lies on that side: 0 to 1. */
static float distance(float value, float from)
{
    if (value == from)
        return 0;
    return MIN(value > from ? (value - from) / (1 - from) : (from - value) / from, 1);
}

/* What lies over the colour is the one that is farthest from it on the same line. */
static void each(const void *state, float pixel[4])
{
    const Removed *s = state;
    float own = s->alpha ? pixel[s->colours] : 1;
    float alpha = 0;

    for (int i = 0; i < s->colours; i++)
        alpha = MAX(alpha, distance(pixel[i], s->colour[i]));
    for (int i = 0; i < s->colours && alpha > 0; i++)
        pixel[i] = s->colour[i] + (pixel[i] - s->colour[i]) / alpha;
    pixel[s->colours] =
        alpha > s->tolerance ? own * (alpha - s->tolerance) / (1 - s->tolerance) : 0;
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const ColourToAlpha *s = settings;
    g_autoptr(VipsImage) photo = colour_for_overlays(in, overlay_has_colour(&s->colour));
    Removed removed = { .tolerance = (float) (s->tolerance / 100) };
    double rgb[3] = { 0 };

    if (!photo || !overlay_colour_or_corner(photo, &s->colour, rgb))
        return NULL;
    for (int i = 0; i < 3; i++)
        removed.colour[i] = (float) (rgb[i] / 255);
    removed.colours = pixels_colours(photo);
    removed.alpha = photo->Bands > removed.colours;
    return pixels_each(photo, removed.colours + 1, each, &removed, sizeof(removed));
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    if (overlay_has_colour(&((const ColourToAlpha *) settings)->colour))
        shape->colours = 3;
    shape->alpha = true;
    return true;
}

const Action action_colour_to_alpha = {
    .name = "colour_to_alpha",
    .group = "colour",
    .summary = "make one colour transparent, and others as far as they have of it",
    .aliases = "color-to-alpha transparent chroma-key remove-background",
    .example = "colour_to_alpha { colour = top-left tolerance = 10% }",
    .params = params,
    .size = sizeof(ColourToAlpha),
    .flags = ACTION_POINTWISE | ACTION_RANDOM,
    .random_by = "colour",
    .plan = plan,
    .pixels = pixels,
};
