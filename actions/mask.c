/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mask - let only a part of the picture be seen: a shape that is drawn at its size, or a picture
 * that says where. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/gauss.h"
#include "actions/masks.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/samples.h"

typedef struct Mask {
    Asset mask;
    int kernel;
    bool invert;
    Length feather;
} Mask;

static const Param params[] = {
    MASK(Mask, mask, .def = "ellipse", .also = "shape", .choices = masks_words,
         .help = "what is seen: a shape, which is stretched to the picture, or a file, of which "
                 "white is seen and black is not"),
    CHOICE(Mask, kernel, .def = "auto", .choices = kernel_choices,
           .help = "how a file is resampled to the size of the picture"),
    BOOL(Mask, invert, .def = "no", .help = "whether what the mask hides is seen instead"),
    LENGTH(Mask, feather, .def = "0", .max = 10000, .of = OF_SHORTER,
           .help = "how soft the edge is: two sigma of a blur; a shape is drawn that far inside of "
                   "the picture"),
    { 0 },
};

static double sigma_of(const Mask *s)
{
    return s->feather.px / 2;
}

/* From a tenth of a pixel on. */
static bool is_soft(const Mask *s)
{
    static const double least = 0.1;

    return sigma_of(s) >= least;
}

static bool is_drawn(const Mask *s)
{
    return asset_word(&s->mask, masks_words) >= 0;
}

static bool advise(const void *settings, Error **err)
{
    const Mask *s = settings;

    return s->kernel == KERNEL_AUTO || !is_drawn(s) ||
           error_set(err, ERROR_CONFIG, "remove kernel, or give a file as mask",
                     "kernel does nothing: the mask is a shape, which is drawn at the picture's "
                     "size");
}

/* ---- the mask ---- */

static VipsImage *resampled(const Mask *s, int width, int height)
{
    VipsImage *file = asset_picture(&s->mask);
    const ImagePart all = part_whole(file->Xsize, file->Ysize);

    return resample(file, &all, width, height, (Kernel) s->kernel);
}

static VipsImage *mask_for(const Mask *s, int width, int height)
{
    g_autoptr(VipsImage) sharp =
        is_drawn(s) ? masks_drawn(asset_word(&s->mask, masks_words), width, height, s->feather.px)
                    : resampled(s, width, height);
    g_autoptr(VipsImage) floats = sharp ? pixels_in_format(sharp, VIPS_FORMAT_FLOAT) : NULL;

    if (!floats || !is_soft(s))
        return g_steal_pointer(&floats);
    return gauss_blurred(floats, sigma_of(s));
}

/* ---- on the picture ---- */

typedef struct Masking {
    VipsBandFormat format;
    int in_bands, colours;
    bool invert;
} Masking;

/* The lower of the mask and the alpha that is there. */
static void mask_run(const PixelsRun *run, const void *state)
{
    const Masking *m = state;
    size_t size = vips_format_sizeof_unsafe(m->format), colours = (size_t) m->colours;
    double white = samples_white(m->format), scale = white / samples_white(VIPS_FORMAT_FLOAT);
    const char *from = run->from;
    const float *mask = run->other;
    char *to = run->to;

    for (int i = 0; i < run->count; i++, from += size * m->in_bands, to += size * (colours + 1)) {
        double seen = m->invert ? white - mask[i] * scale : mask[i] * scale;
        double alpha = m->in_bands > m->colours ? samples_get(m->format, from, colours) : white;
        memcpy(to, from, size * colours);
        samples_put(m->format, to, colours, fmin(fmax(seen, 0), alpha));
    }
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Mask *s = settings;
    const Masking masking = { in->BandFmt, in->Bands, pixels_colours(in), s->invert };
    g_autoptr(VipsImage) mask = mask_for(s, in->Xsize, in->Ysize);

    if (!mask)
        return NULL;
    return pixels_map(in, mask, masking.colours + 1, in->BandFmt, mask_run, &masking,
                      sizeof(masking));
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Mask *s = settings;
    const Shape mask = {
        .width = shape->width, .height = shape->height, .colours = 1, .format = VIPS_FORMAT_FLOAT
    };

    shape->alpha = true;
    if (is_soft(s))
        shape->held = gauss_held(&mask, sigma_of(s));
    return true;
}

const Action action_mask = {
    .name = "mask",
    .group = "decoration",
    .summary = "let only a part of the picture be seen: a shape, or where another picture is white",
    .aliases = "alpha-mask layer-mask clip-path mask-image shape cutout",
    .example = "mask { mask = star }",
    .params = params,
    .size = sizeof(Mask),
    .flags = ACTION_POINTWISE,
    .advise = advise,
    .plan = plan,
    .pixels = pixels,
};
