/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/layers.h"

#include <string.h>

#include "actions/overlay_colour.h"
#include "actions/samples.h"

Layers layers_of(const VipsImage *photo, bool alpha)
{
    int colours = pixels_colours(photo);

    return (Layers){ photo->BandFmt, colours, photo->Bands,
                     alpha || photo->Bands > colours ? colours + 1 : colours, pixels_white(photo) };
}

bool layers_colour(VipsImage *photo, const Colour *colour, Layer *out)
{
    double rgb[LAYER_ALPHA];

    if (!overlay_colour(photo, colour, rgb))
        return false;
    for (int i = 0; i < LAYER_ALPHA; i++)
        (*out)[i] = (float) (rgb[i] / 255 * colour->a / 255);
    (*out)[LAYER_ALPHA] = (float) (colour->a / 255);
    return true;
}

void layers_put(const Layers *l, void *to, int i, Layer layer)
{
    double alpha = layer[LAYER_ALPHA];
    size_t at = (size_t) i * l->out_bands;

    for (int band = 0; band < l->colours; band++)
        samples_put(l->format, to, at + band,
                    alpha > 0 ? layer[band] / (l->out_bands > l->colours ? alpha : 1) * l->white
                              : 0);
    if (l->out_bands > l->colours)
        samples_put(l->format, to, at + l->colours, alpha * l->white);
}

/* Opaque. */
static void copy(const Layers *l, const char *from, char *to)
{
    size_t size = vips_format_sizeof_unsafe(l->format);

    memcpy(to, from, size * (size_t) l->colours);
    if (l->out_bands > l->colours)
        samples_put(l->format, to, l->colours, l->white);
}

void layers_lay(const Layers *l, const PixelsRun *run, int i, float share, Layer below)
{
    size_t size = vips_format_sizeof_unsafe(l->format);
    size_t from = (size_t) i * l->bands, to = (size_t) i * l->out_bands;
    double own =
        l->bands > l->colours ? samples_get(l->format, run->from, from + l->colours) / l->white : 1;
    double alpha = share * own;
    Layer above = { 0 };

    if (alpha >= 1) {
        copy(l, (const char *) run->from + from * size, (char *) run->to + to * size);
        return;
    }
    if (alpha > 0) {
        for (int band = 0; band < l->colours; band++)
            above[band] =
                (float) (samples_get(l->format, run->from, from + band) / l->white * alpha);
        above[LAYER_ALPHA] = (float) alpha;
    }
    layers_put(l, run->to, i, layer_over(above, below));
}
