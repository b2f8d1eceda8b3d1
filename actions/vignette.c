/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vignette - let the picture fade to a colour towards its corners. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/colour.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Vignette {
    double strength;
    double radius;
    double soft;
    Colour colour;
} Vignette;

static const Param params[] = {
    REAL(Vignette, strength, .def = "50", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the colour there is outside"),
    REAL(Vignette, radius, .def = "75", .min = 0, .max = 200, .unit = "%",
         .help = "where half of it is there: 0% is the middle of the picture, 100% a corner"),
    REAL(Vignette, soft, .def = "50", .min = 0, .max = 200, .unit = "%",
         .help =
             "how wide the change is, on the same scale, half of it on each side of the radius; "
             "with t from 0 to 1 across it, 3 t^2 - 2 t^3 of the strength is there"),
    COLOUR(Vignette, colour, .def = "#000000",
           .help = "what it fades to; the strength counts as much of it as its alpha says"),
    { 0 },
};

/* What is done with each pixel of one picture. */
typedef struct Fade {
    VipsBandFormat format;
    int bands, colours;
    double strength, radius, soft; /* of 1 */
    double colour[3];              /* on the scale of the pixels */
    double x, y;                   /* the middle */
} Fade;

/* How much of the colour the pixel at x, y gets. */
static double share_at(const Fade *fade, int x, int y)
{
    double across = x + 0.5 - fade->x, down = y + 0.5 - fade->y;
    double far = sqrt(across * across + down * down) / hypot(fade->x, fade->y) - fade->radius;
    double t = fade->soft > 0 ? CLAMP(far / fade->soft + 0.5, 0, 1) : far >= 0;

    return fade->strength * t * t * (3 - 2 * t);
}

static void fade_run(const PixelsRun *run, const void *state)
{
    const Fade *fade = state;
    size_t bands = (size_t) fade->bands;

    memcpy(run->to, run->from,
           vips_format_sizeof_unsafe(fade->format) * bands * (size_t) run->count);
    for (int i = 0; i < run->count; i++) {
        double share = share_at(fade, run->x + i, run->y);
        for (size_t band = 0; share > 0 && band < (size_t) fade->colours; band++) {
            size_t at = (size_t) i * bands + band;
            double own = samples_get(fade->format, run->from, at);
            samples_put(fade->format, run->to, at, own + share * (fade->colour[band] - own));
        }
    }
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Vignette *s = settings;
    g_autoptr(VipsImage) photo = colour_for_overlays(in, overlay_has_colour(&s->colour));
    Fade fade = { .strength = s->strength / 100 * s->colour.a / 255,
                  .radius = s->radius / 100,
                  .soft = s->soft / 100,
                  .x = in->Xsize / 2.0,
                  .y = in->Ysize / 2.0 };

    if (!photo || !overlay_colour(photo, &s->colour, fade.colour))
        return NULL;
    fade.format = photo->BandFmt;
    fade.bands = photo->Bands;
    fade.colours = pixels_colours(photo);
    for (int i = 0; i < fade.colours; i++)
        fade.colour[i] *= pixels_white(photo) / 255;
    return pixels_map(photo, NULL, fade.bands, fade.format, fade_run, &fade, sizeof(fade));
}

/* A grey picture gets a colour only as RGB. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    if (overlay_has_colour(&((const Vignette *) settings)->colour))
        shape->colours = 3;
    return true;
}

const Action action_vignette = {
    .name = "vignette",
    .group = "detail",
    .summary = "let the picture fade to a colour towards its corners",
    .aliases = "darken-edges burn-edges post-crop-vignetting",
    .example = "vignette { strength = 80% }",
    .params = params,
    .size = sizeof(Vignette),
    .flags = ACTION_POINTWISE,
    .idle = "strength = 0",
    .plan = plan,
    .pixels = pixels,
};
