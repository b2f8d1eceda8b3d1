/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/letters_look.h"

#include <math.h>

#include "actions/bands.h"
#include "actions/gauss.h"
#include "actions/layers.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/silhouette.h"

/* ---- sizes ---- */

static int whole(const Length *length)
{
    return (int) lround(fmin(length->px, SILHOUETTE_MARGIN_MAX / 4.0));
}

static int outline_of(const LettersLook *look)
{
    return look->outline.px > 0 ? MAX(1, whole(&look->outline)) : 0;
}

static int halo_of(const LettersLook *look)
{
    return look->halo.px > 0 ? MAX(1, whole(&look->halo)) : 0;
}

/* What is seen of a halo is the letters, larger by half of it, and blurred: where it ends, which is
 * three standard deviations away, nothing is left. */
static int spread_of(const LettersLook *look)
{
    return (halo_of(look) + 1) / 2;
}

static double sigma_of(const LettersLook *look)
{
    return halo_of(look) / 6.0;
}

static bool has_edge(const LettersLook *look)
{
    return look->edge.a > 0 && (outline_of(look) || halo_of(look));
}

static int edge_room(const LettersLook *look)
{
    return has_edge(look) ? outline_of(look) + 2 * spread_of(look) : 0;
}

static int box_room(const LettersLook *look)
{
    return look->box.a > 0 ? whole(&look->padding) : 0;
}

int letters_look_room(const LettersLook *look)
{
    return MAX(edge_room(look), box_room(look));
}

bool letters_look_has_colour(const LettersLook *look)
{
    return overlay_has_colour(&look->colour) ||
           (has_edge(look) && overlay_has_colour(&look->edge)) || overlay_has_colour(&look->box);
}

/* ---- what covers a pixel ---- */

/* `in` with the same number of pixels more on each side. */
static VipsImage *with_room(VipsImage *in, int room)
{
    VipsImage *out = NULL;

    return vips_embed(in, &out, room, room, in->Xsize + 2 * room, in->Ysize + 2 * room, NULL) ? NULL
                                                                                              : out;
}

/* One of the shapes that silhouette_grown() has made, whose room is `has`. */
static VipsImage *grown_shape(VipsImage *grown, int number, int has, int room)
{
    g_autoptr(VipsImage) band = NULL;

    return vips_extract_band(grown, &band, number, NULL) ? NULL : with_room(band, room - has);
}

static VipsImage *halo(const LettersLook *look, VipsImage *wide)
{
    g_autoptr(VipsImage) soft = gauss_blurred(wide, sigma_of(look));

    return soft ? bands_rounded(soft, VIPS_FORMAT_UCHAR) : NULL;
}

/* The letters, and what an outline and a halo cover; where there is only one of these, it counts as
 * both. */
static VipsImage *with_edge(const LettersLook *look, VipsImage *cover, VipsImage *letters)
{
    int outline = outline_of(look), most = outline + spread_of(look);
    int room = letters_look_room(look);
    g_autoptr(VipsImage) memory = pixels_in_memory(cover);
    g_autoptr(VipsImage) grown =
        memory ? silhouette_grown(memory, SILHOUETTE_LETTERS, outline, most) : NULL;
    g_autoptr(VipsImage) sharp = grown && outline ? grown_shape(grown, 0, most, room) : NULL;
    g_autoptr(VipsImage) wide = grown ? grown_shape(grown, grown->Bands - 1, most, room) : NULL;
    g_autoptr(VipsImage) soft = wide && halo_of(look) ? halo(look, wide) : NULL;
    VipsImage *out = NULL;

    if (!wide || (outline && !sharp) || (halo_of(look) && !soft))
        return NULL;
    VipsImage *all[] = { letters, outline ? sharp : soft, soft ? soft : sharp };
    return vips_bandjoin(all, &out, G_N_ELEMENTS(all), NULL) ? NULL : out;
}

/* ---- colours ---- */

typedef struct Drawing {
    Layers layers;
    Layer letters, edge, box;
    int covers;      /* bands of what is drawn from */
    VipsRect inside; /* of the box */
    double radius;
} Drawing;

/* How much of a pixel the box covers: its middle's distance from the edge, over the width of one
 * pixel. */
static float box_at(const Drawing *d, int x, int y)
{
    double width = d->inside.width / 2.0, height = d->inside.height / 2.0;
    double radius = fmin(d->radius, fmin(width, height));
    double across = fabs(x + 0.5 - d->inside.left - width) - width + radius;
    double down = fabs(y + 0.5 - d->inside.top - height) - height + radius;
    double out = hypot(fmax(across, 0), fmax(down, 0)) + fmin(fmax(across, down), 0) - radius;

    return (float) CLAMP(0.5 - out, 0, 1);
}

static void draw(const PixelsRun *run, const void *state)
{
    enum { LETTERS, OUTLINE, HALO };
    const Drawing *d = state;
    const uint8_t *cover = run->from;

    for (int i = 0; i < run->count; i++, cover += d->covers) {
        int edge = d->covers > 1 ? MAX(cover[OUTLINE], cover[HALO]) : 0;
        Layer layer = d->box[LAYER_ALPHA] > 0 ? d->box * box_at(d, run->x + i, run->y) : d->box;
        layer = layer_over(d->edge * ((float) edge / UINT8_MAX), layer);
        layer = layer_over(d->letters * ((float) cover[LETTERS] / UINT8_MAX), layer);
        layers_put(&d->layers, run->to, i, layer);
    }
}

VipsImage *letters_look_drawn(const LettersLook *look, VipsImage *cover)
{
    int room = letters_look_room(look), beside = room - box_room(look);
    int colours = letters_look_has_colour(look) ? 3 : 1;
    g_autoptr(VipsImage) letters = with_room(cover, room);
    g_autoptr(VipsImage) covers =
        letters && has_edge(look) ? with_edge(look, cover, letters) : g_steal_pointer(&letters);

    if (!covers)
        return NULL;
    Drawing d = { .layers = { .format = VIPS_FORMAT_UCHAR,
                              .colours = colours,
                              .out_bands = colours + 1,
                              .white = UINT8_MAX },
                  .covers = covers->Bands,
                  .inside = { beside, beside, covers->Xsize - 2 * beside,
                              covers->Ysize - 2 * beside },
                  .radius = look->radius.px };
    if (!layers_colour(covers, &look->colour, &d.letters) ||
        !layers_colour(covers, &look->edge, &d.edge) || !layers_colour(covers, &look->box, &d.box))
        return NULL;
    return pixels_map(covers, NULL, colours + 1, VIPS_FORMAT_UCHAR, draw, &d, sizeof(d));
}

double letters_look_held(const LettersLook *look, double width, double height)
{
    int outline = outline_of(look), most = outline + spread_of(look);
    int room = letters_look_room(look);
    const Shape wide = { .width = (int) width + 2 * room,
                         .height = (int) height + 2 * room,
                         .colours = 1,
                         .format = VIPS_FORMAT_UCHAR };

    if (!has_edge(look))
        return 0;
    return silhouette_held((int) width, (int) height, outline, most) +
           silhouette_making((int) width, (int) height, outline, most) +
           (halo_of(look) ? gauss_held(&wide, sigma_of(look)) : 0);
}
