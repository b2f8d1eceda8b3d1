/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/planar.h"

#include <math.h>
#include <string.h>

#include "actions/load_planes.h"
#include "actions/output_sharpen.h"
#include "actions/pixels.h"
#include "actions/planar_shape.h"
#include "actions/plane_scale.h"

#define PLANAR "hotfolder-planar"

enum { DCTSIZE = 8 }; /* samples of a block, as libjpeg calls them */

/* A JPEG that was not decoded, or was for all that use it. */
typedef struct PlanarFile {
    VipsSource *source;
    PlanesKind kind;
    Planes *planes; /* NULL: each decodes it by itself */
    int eighths;    /* of the size, which these have */
} PlanarFile;

/* How a picture is made of planes: of a part of them, resampled, and then turned. */
typedef struct Planar {
    PlanarFile *file;               /* counted; NULL: they are not of a file */
    Planes *base;                   /* NULL: not yet decoded */
    int whole_width, whole_height;  /* of their picture */
    VipsRect seen;                  /* of it; what lies beside it shows nowhere */
    double left, top, across, down; /* of it: the part that is resampled */
    int width, height;              /* of the result, before it is turned */
    TurnKind turn;
    double sharpen;     /* how much the result is sharpened */
    bool flows;         /* its pixels come from the file, row by row */
    GMutex lock;        /* of what follows, and of `base` */
    Planes *made;       /* the result; NULL: none */
    int made_x, made_y; /* the pixels that a sample of its colour covers */
} Planar;

/* ---- making and freeing ---- */

static void file_clear(void *data)
{
    PlanarFile *file = data;

    g_object_unref(file->source);
    planes_unref(file->planes);
}

static void planar_free(void *data)
{
    Planar *planar = data;

    if (planar->file)
        g_rc_box_release_full(planar->file, file_clear);
    planes_unref(planar->base);
    planes_unref(planar->made);
    g_mutex_clear(&planar->lock);
    g_free(planar);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Planar, planar_free)

/* The same once more, to be changed. */
static Planar *derived(const Planar *from)
{
    Planar *planar = g_memdup2(from, sizeof(*planar));

    if (planar->file)
        g_rc_box_acquire(planar->file);
    if (planar->base)
        planes_ref(planar->base);
    planar->made = NULL;
    g_mutex_init(&planar->lock);
    return planar;
}

static Planar *planar_of(VipsImage *image)
{
    return g_object_get_data(G_OBJECT(image), PLANAR);
}

static void give(VipsImage *image, Planar *planar)
{
    g_object_set_data_full(G_OBJECT(image), PLANAR, planar, planar_free);
}

static void show_all(Planar *planar, int width, int height)
{
    planar->whole_width = planar->width = width;
    planar->whole_height = planar->height = height;
    planar->seen = (VipsRect){ 0, 0, width, height };
    planar->left = planar->top = 0;
    planar->across = width;
    planar->down = height;
    planar->turn = (TurnKind){ 0 };
    planar->flows = false;
}

void planar_attach(VipsImage *pixels, VipsSource *source)
{
    PlanesKind kind;

    if (pixels->BandFmt != VIPS_FORMAT_UCHAR || !load_planes_kind(source, &kind) ||
        pixels->Bands != kind.count || pixels->Xsize != kind.width || pixels->Ysize != kind.height)
        return;
    Planar *planar = g_new0(Planar, 1);
    planar->file = g_rc_box_new0(PlanarFile);
    planar->file->source = g_object_ref(source);
    planar->file->kind = kind;
    g_mutex_init(&planar->lock);
    show_all(planar, kind.width, kind.height);
    planar->flows = true;
    give(pixels, planar);
}

/* ---- the planes that it is made of ---- */

static bool is_turned(const Planar *planar)
{
    return planar->turn.from_right || planar->turn.from_bottom || planar->turn.sideways;
}

static double smaller(const Planar *planar)
{
    return MIN(planar->across / planar->width, planar->down / planar->height);
}

static int eighths_of(const Planar *planar)
{
    return planar_eighths(smaller(planar));
}

static bool is_decoded(const Planar *planar)
{
    const PlanarFile *file = planar->file;

    return planar->base || (file->planes && file->eighths >= eighths_of(planar));
}

static bool is_resampled(const Planar *planar)
{
    return planar->width != planar->across || planar->height != planar->down;
}

ShapePlanes planar_shape(VipsImage *image)
{
    const Planar *planar = planar_of(image);

    if (!planar)
        return (ShapePlanes){ 0 };
    return (ShapePlanes){ .bytes = planar->base ? planes_bytes(planar->base)
                                                : load_planes_bytes(&planar->file->kind, DCTSIZE),
                          .smaller = smaller(planar),
                          .made = planar->made ? planes_bytes(planar->made) : 0,
                          .resampled = is_resampled(planar),
                          .turned = is_turned(planar),
                          .in_memory = is_decoded(planar),
                          .flows = planar->flows };
}

static Shape shape_of_planes(VipsImage *image)
{
    return (Shape){ .width = image->Xsize, .height = image->Ysize, .planes = planar_shape(image) };
}

bool planar_is(VipsImage *image)
{
    const Shape shape = shape_of_planes(image);

    return planar_shape_is(&shape);
}

bool planar_turns(VipsImage *image)
{
    const Shape shape = shape_of_planes(image);

    return planar_shape_turns(&shape);
}

bool planar_is_in_file(VipsImage *image)
{
    const Planar *planar = planar_of(image);

    return planar && !planar->base;
}

static const Planes *base_of(Planar *planar)
{
    PlanarFile *file = planar->file;

    if (planar->base)
        return planar->base;
    if (is_decoded(planar))
        planar->base = planes_ref(file->planes);
    else
        planar->base = load_planes(file->source, &file->kind, eighths_of(planar));
    return planar->base;
}

bool planar_decode(VipsImage *image, double shrink)
{
    PlanarFile *file = planar_of(image)->file;
    int eighths = planar_eighths(shrink);

    if (file->planes && file->eighths >= eighths)
        return true;
    g_clear_pointer(&file->planes, planes_unref);
    file->planes = load_planes(file->source, &file->kind, eighths);
    file->eighths = eighths;
    return file->planes;
}

/* ---- resampling ---- */

/* One axis of a planar, in pixels of the picture that it is made of. */
typedef struct Side {
    double from, length;  /* the part that is resampled */
    int count;            /* pixels of the result */
    int low, high, whole; /* what is seen, of how many */
    bool mirrored;
} Side;

/* Samples that lie whole in what is seen, but where that is less than one. */
static void set_seen(PlaneAxis *axis, const Side *side, double covers, int samples)
{
    axis->low = (int) ceil(side->low / covers);
    axis->high = side->high == side->whole ? samples : (int) floor(side->high / covers);
    if (axis->high > axis->low)
        return;
    axis->low = (int) floor(side->low / covers);
    axis->high = MAX(axis->low + 1, MIN(samples, (int) ceil(side->high / covers)));
}

/* `covers`: pixels of that picture to a sample; `each`: pixels of the result to one of its samples,
 * of which mirrored ones end where the picture does. Colour that only gets more samples, or fewer,
 * is made as libjpeg does. */
static PlaneAxis axis_of(const Side *side, double covers, int samples, int each, bool colour)
{
    double scale = side->length / side->count;
    int count = (side->count + each - 1) / each;
    int before = side->mirrored ? count * each - side->count : 0;
    PlaneAxis axis = { .start = (side->from - before * scale) / covers,
                       .step = each * scale / covers,
                       .count = count };

    if (colour && scale == 1 && axis.step == 2)
        axis.filter = PLANE_AVERAGE;
    else if (colour && scale == 1 && axis.step == 0.5)
        axis.filter = PLANE_LINEAR;
    set_seen(&axis, side, covers, samples);
    return axis;
}

/* From plane number `first` on; planes of colour are of one size. */
static void fill(const Planar *planar, const Planes *base, const Planes *out, int first)
{
    enum { COLOURS = PLANES_MOST - 1 };
    const VipsRect *seen = &planar->seen;
    const Side x = { planar->left,          planar->across,      planar->width,          seen->left,
                     VIPS_RECT_RIGHT(seen), planar->whole_width, planar->turn.from_right };
    const Side y = { planar->top,
                     planar->down,
                     planar->height,
                     seen->top,
                     VIPS_RECT_BOTTOM(seen),
                     planar->whole_height,
                     planar->turn.from_bottom };

    for (int i = first; i < base->count; i += i ? COLOURS : 1) {
        const Plane *from = &base->plane[i], *to = &out->plane[i];
        const PlaneAxis across = axis_of(&x, from->across, from->width, (int) to->across, i > 0);
        const PlaneAxis down = axis_of(&y, from->down, from->height, (int) to->down, i > 0);
        plane_scale(from, i ? COLOURS : 1, &across, &down, to);
    }
}

/* Lightness is taken from what was made with another sampling of colour. */
static Planes *resampled(const Planar *planar, const Planes *base, int across, int down)
{
    bool sideways = planar->turn.sideways;
    g_autoptr(Planes) out = planes_new_sampled(planar->width, planar->height, base->count,
                                               sideways ? down : across, sideways ? across : down);

    if (!out)
        return NULL;
    bool has_light = planar->made && !is_turned(planar);
    if (has_light)
        memcpy(out->plane[0].samples, planar->made->plane[0].samples,
               out->plane[0].stride * (size_t) out->plane[0].height);
    fill(planar, base, out, has_light ? 1 : 0);
    if (!has_light && planar->sharpen > 0)
        output_sharpen_plane(&out->plane[0], planar->sharpen);
    return is_turned(planar) ? planes_turned(out, planar->turn) : g_steal_pointer(&out);
}

/* Whether the planes are what is asked for; their rows go on with what the JPEG has there. */
static bool is_whole(const Planar *planar, const Planes *base, int across, int down)
{
    const Plane *light = &base->plane[0], *colour = &base->plane[base->count - 1];

    return planar->width == base->width && planar->height == base->height &&
           planar->across == base->width && planar->down == base->height && !is_turned(planar) &&
           light->across == 1 && light->down == 1 &&
           (base->count == 1 || (colour->across == across && colour->down == down));
}

static Planes *make(Planar *planar, int across, int down)
{
    const Planes *base = base_of(planar);

    if (!base)
        return NULL;
    if (planar->made && planar->made_x == across && planar->made_y == down)
        return planes_ref(planar->made);
    if (is_whole(planar, base, across, down))
        return planes_ref(planar->base);
    Planes *made = resampled(planar, base, across, down);
    planes_unref(planar->made);
    planar->made = made;
    planar->made_x = across;
    planar->made_y = down;
    if (!planar->made)
        return NULL;
    planes_complete(planar->made);
    return planes_ref(planar->made);
}

Planes *planar_planes(VipsImage *image, int across, int down)
{
    Planar *planar = planar_of(image);

    g_mutex_lock(&planar->lock);
    Planes *planes = make(planar, across, down);
    g_mutex_unlock(&planar->lock);
    return planes;
}

/* ---- pixels of planes ---- */

static int generate(VipsRegion *out, void *seq G_GNUC_UNUSED, void *a G_GNUC_UNUSED,
                    void *b G_GNUC_UNUSED, gboolean *stop G_GNUC_UNUSED)
{
    g_autoptr(Planes) planes = planar_planes(out->im, 1, 1);
    const VipsRect *area = &out->valid;

    if (!planes)
        return -1;
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        planes_pixels(planes, area->left, y, area->width, VIPS_REGION_ADDR(out, area->left, y));
    return 0;
}

/* A picture like `like` of `planar`, which it takes over. */
static VipsImage *picture_of(VipsImage *like, Planar *planar)
{
    g_autoptr(VipsImage) out = vips_image_new();
    bool sideways = planar->turn.sideways;

    give(out, planar);
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, like, NULL))
        return NULL;
    out->Xsize = sideways ? planar->height : planar->width;
    out->Ysize = sideways ? planar->width : planar->height;
    planar->flows = false;
    if (vips_image_generate(out, NULL, generate, NULL, NULL, NULL))
        return NULL;
    return g_steal_pointer(&out);
}

/* ---- what becomes of it ---- */

/* What lies beside the part of a picture that was not resampled is not seen in it any more. */
static void cut(Planar *planar, VipsRect area)
{
    double across = planar->across / planar->width, down = planar->down / planar->height;
    bool whole = !is_resampled(planar);

    planar->left += area.left * across;
    planar->top += area.top * down;
    planar->across = area.width * across;
    planar->down = area.height * down;
    planar->width = area.width;
    planar->height = area.height;
    if (whole)
        planar->seen = (VipsRect){ (int) planar->left, (int) planar->top, area.width, area.height };
}

VipsImage *planar_part(VipsImage *image, VipsRect area)
{
    const Planar *from = planar_of(image);
    g_autoptr(Planar) planar = from ? derived(from) : NULL;
    VipsImage *out = NULL;

    if (planar)
        cut(planar, orientation_stored_area(from->turn, from->width, from->height, area));
    if (planar && !planar->flows)
        return picture_of(image, g_steal_pointer(&planar));
    if (vips_extract_area(image, &out, area.left, area.top, area.width, area.height, NULL))
        return NULL;
    if (planar)
        give(out, g_steal_pointer(&planar));
    return out;
}

/* What was resampled is not resampled from there once more: it may have been made less sharp on
 * purpose. */
static Planar *of_result(VipsImage *image, const ImagePart *part, int width, int height)
{
    int each = planar_colours_each((int) part->width, (int) part->height, width, height);
    g_autoptr(Planes) result = planar_planes(image, each, each);

    if (!result)
        return NULL;
    Planar *planar = g_new0(Planar, 1);
    g_mutex_init(&planar->lock);
    show_all(planar, result->width, result->height);
    planar->base = g_steal_pointer(&result);
    return planar;
}

/* Of what is not resampled, a pixel is one of those that it is made of. */
static void zoom(Planar *planar, ImagePart part)
{
    part = orientation_stored_part(planar->turn, planar->width, planar->height, part);
    planar->left += part.left;
    planar->top += part.top;
    planar->across = part.width;
    planar->down = part.height;
}

VipsImage *planar_scaled(VipsImage *image, const ImagePart *part, int width, int height,
                         double sharpen)
{
    const Planar *from = planar_of(image);
    Planar *planar = is_resampled(from) ? of_result(image, part, width, height) : derived(from);

    if (!planar)
        return NULL;
    zoom(planar, *part);
    planar->width = planar->turn.sideways ? height : width;
    planar->height = planar->turn.sideways ? width : height;
    planar->sharpen = sharpen;
    return picture_of(image, planar);
}

VipsImage *planar_turned(VipsImage *image, TurnKind turn)
{
    Planar *planar = derived(planar_of(image));
    const TurnKind before = planar->turn;

    planar->turn = (TurnKind){
        .from_right = before.from_right ^ (before.sideways ? turn.from_bottom : turn.from_right),
        .from_bottom = before.from_bottom ^ (before.sideways ? turn.from_right : turn.from_bottom),
        .sideways = before.sideways ^ turn.sideways,
    };
    return picture_of(image, planar);
}

VipsImage *planar_upright(VipsImage *image)
{
    g_autoptr(VipsImage) in = image;
    VipsImage *out = planar_turned(in, orientation_turn(vips_image_get_orientation(in)));

    if (out)
        vips_autorot_remove_angle(out);
    return out;
}

VipsImage *planar_copied(VipsImage *image)
{
    VipsImage *out = pixels_in_memory(image);

    if (out && planar_of(image) && !planar_of(image)->flows)
        give(out, derived(planar_of(image)));
    return out;
}

VipsImage *planar_in_memory(VipsImage *image)
{
    g_autoptr(Planar) planar = derived(planar_of(image));

    return base_of(planar) ? picture_of(image, g_steal_pointer(&planar)) : NULL;
}
