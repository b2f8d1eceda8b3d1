/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gloss - let a light shine on the picture: one that is drawn at its size, or a second picture,
 * which is stretched over it. What is transparent stays so. */
#include <string.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/blend.h"
#include "actions/colour.h"
#include "actions/glosses.h"
#include "actions/ink.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/samples.h"

typedef struct Gloss {
    Asset gloss;
    double opacity;
    int blend;
    int kernel;
} Gloss;

static const Param params[] = {
    PICTURE(Gloss, gloss, .def = "dome", .choices = glosses_words,
            .help = "a light, which is white, or a file; either is stretched to the picture"),
    REAL(Gloss, opacity, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much of it shows"),
    BLEND_ROW(Gloss),
    CHOICE(Gloss, kernel, .def = "auto", .choices = kernel_choices,
           .help = "how a file is resampled to the size of the picture"),
    { 0 },
};

static int light_of(const Gloss *s)
{
    return asset_word(&s->gloss, glosses_words);
}

static bool advise(const void *settings, Error **err)
{
    const Gloss *s = settings;

    if (light_of(s) < 0)
        return true;
    if (s->blend == BLEND_MULTIPLY)
        return error_set(err, ERROR_CONFIG, "remove blend, or give a file as gloss",
                         "gloss does nothing: its light is white, which blend = multiply ignores");
    return s->kernel == KERNEL_AUTO ||
           error_set(err, ERROR_CONFIG, "remove kernel, or give a file as gloss",
                     "kernel does nothing: the gloss is a light, which is drawn at the picture's "
                     "size");
}

/* ---- pixels ---- */

typedef struct Shine {
    VipsBandFormat format;
    int bands, colours;
    double white, opacity;
    int light; /* -1: that of a file, of 8 bits and with alpha */
    Blend blend;
    int width, height;
} Shine;

/* The light at pixel `i`: its colours, and how much of it there is. */
static double light_at(const Shine *shine, const PixelsRun *run, int i, double light[3])
{
    enum { WHITE = 255 };
    const uint8_t *file = run->other;

    for (int band = 0; band < shine->colours; band++)
        light[band] = file ? file[i * (shine->colours + 1) + band] / (double) WHITE : 1;
    return shine->opacity * (file ? file[i * (shine->colours + 1) + shine->colours] / (double) WHITE
                                  : glosses_at(shine->light, shine->width, shine->height,
                                               run->x + i + 0.5, run->y + 0.5));
}

static void shine_run(const PixelsRun *run, const void *state)
{
    const Shine *shine = state;
    size_t bands = (size_t) shine->bands;

    memcpy(run->to, run->from,
           vips_format_sizeof_unsafe(shine->format) * bands * (size_t) run->count);
    for (int i = 0; i < run->count; i++) {
        double light[3], share = light_at(shine, run, i, light);
        for (size_t band = 0; share > 0 && band < (size_t) shine->colours; band++) {
            size_t at = (size_t) i * bands + band;
            double own = samples_get(shine->format, run->from, at) / shine->white;
            double lit = blend_of(shine->blend, own, light[band]);
            samples_put(shine->format, run->to, at, (own + share * (lit - own)) * shine->white);
        }
    }
}

/* ---- a file ---- */

static bool is_coloured(const Gloss *s)
{
    return light_of(s) < 0 && pixels_colours(asset_picture(&s->gloss)) == 3;
}

/* In the photo's colours, as large as the photo. */
static VipsImage *stretched(const Gloss *s, VipsImage *photo)
{
    VipsImage *file = asset_picture(&s->gloss);
    const ImagePart all = part_whole(file->Xsize, file->Ysize);
    g_autoptr(VipsImage) there = ink_in_colours_of(photo, file);

    return there ? resample(there, &all, photo->Xsize, photo->Ysize, (Kernel) s->kernel) : NULL;
}

/* ---- the action ---- */

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Gloss *s = settings;
    g_autoptr(VipsImage) photo = colour_for_overlays(in, is_coloured(s));
    g_autoptr(VipsImage) file = photo && light_of(s) < 0 ? stretched(s, photo) : NULL;

    if (!photo || (light_of(s) < 0 && !file))
        return NULL;
    const Shine shine = { .format = photo->BandFmt,
                          .bands = photo->Bands,
                          .colours = pixels_colours(photo),
                          .white = pixels_white(photo),
                          .opacity = s->opacity / 100,
                          .light = light_of(s),
                          .blend = (Blend) s->blend,
                          .width = photo->Xsize,
                          .height = photo->Ysize };
    return pixels_map(photo, file, shine.bands, shine.format, shine_run, &shine, sizeof(shine));
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    if (is_coloured(settings))
        shape->colours = 3;
    return true;
}

const Action action_gloss = {
    .name = "gloss",
    .group = "decoration",
    .summary = "let a light shine on the picture, as on glass, or another picture",
    .aliases = "highlight shine glare light-overlay glossy glass-effect lighting",
    .example = "gloss {}",
    .params = params,
    .size = sizeof(Gloss),
    .flags = ACTION_POINTWISE,
    .idle = "opacity = 0",
    .advise = advise,
    .plan = plan,
    .pixels = pixels,
};
