/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/warp.h"

#include <math.h>
#include <string.h>

#include "actions/backdrop.h"
#include "actions/bands.h"

/* Samples around the picture that repeat its edge: what the longest filter needs. */
enum { MARGIN = 4 };

/* The most samples that are read at once: a few megabytes. */
enum { SAMPLES_AT_ONCE = 1 << 17 };

/* The most places in a row of which a pixel is the mean. */
static const double most_places = 64;

enum { BANDS_MOST = 4 };

typedef struct Warper {
    Warp warp;
    void *state; /* a copy */
    KernelTable *kernel;
    int bands, width, height; /* of the picture */
    KernelPixel background;
} Warper;

static void warper_free(void *data)
{
    Warper *warper = data;

    g_free(warper->kernel);
    g_free(warper->state);
    g_free(warper);
}

/* A part of the result that is made at once. */
typedef struct Part {
    const Warper *warper;
    VipsRegion *in, *out;
    VipsRect area;
    const WarpPlace *places; /* of its pixels, and of one more column and row */
    bool read;               /* all samples that it needs are in memory */
} Part;

/* How a pixel lies in the picture. */
typedef struct Patch {
    WarpPlace at;
    WarpPlace across, down; /* to the next pixel */
} Patch;

/* ---- one pixel ---- */

/* How much of a pixel lies to the inner side of an edge, of which it is `inside` away. `across` and
 * `down` are how far the next pixels are in that direction. */
static double along(double inside, double across, double down)
{
    double most = fabs(across) + fabs(down);

    if (2 * fabs(inside) >= MAX(most, 1e-9)) /* as for nearly all pixels: hypot() is slow */
        return inside > 0;
    return CLAMP(0.5 + inside / MAX(hypot(across, down), 1e-9), 0, 1);
}

/* Edges lie half a pixel around the middle of the outermost pixels. */
static double shown(const Warper *warper, const Patch *patch)
{
    const WarpPlace at = patch->at, across = patch->across, down = patch->down;

    if (isnan(at.x) || isnan(at.y))
        return 0;
    if (!warper->warp.background)
        return 1;
    if (warper->warp.kernel == KERNEL_NEAREST)
        return at.x >= -0.5 && at.x < warper->width - 0.5 && at.y >= -0.5 &&
               at.y < warper->height - 0.5;
    return along(at.x + 0.5, across.x, down.x) *
           along(warper->width - 0.5 - at.x, across.x, down.x) *
           along(at.y + 0.5, across.y, down.y) *
           along(warper->height - 0.5 - at.y, across.y, down.y);
}

/* None to what has no place. */
static WarpPlace difference(WarpPlace to, WarpPlace from)
{
    double x = to.x - from.x, y = to.y - from.y;

    return isfinite(x) && isfinite(y) ? (WarpPlace){ x, y } : (WarpPlace){ 0 };
}

static Patch patch_at(const Part *part, int x, int y)
{
    int stride = part->area.width + 1;
    const WarpPlace *place =
        part->places + (size_t) (y - part->area.top) * stride + (x - part->area.left);

    return (Patch){ place[0], difference(place[1], place[0]), difference(place[stride], place[0]) };
}

/* Of how many places a pixel is the mean in one direction, and how far from its middle they begin
 * and stand apart, in pixels: a filter spans one sample by itself, they span the rest. */
typedef struct Spread {
    int count;
    double first, step;
} Spread;

static Spread spread_of(const Warper *warper, WarpPlace to_next)
{
    double square = to_next.x * to_next.x + to_next.y * to_next.y;

    if (warper->warp.kernel == KERNEL_NEAREST || !(square > 1.01 * 1.01) || !isfinite(square))
        return (Spread){ .count = 1 };
    double samples = sqrt(square);
    int count = (int) MIN(ceil(samples - 0.01), most_places);
    double step = sqrt(square - 1) / (samples * count);
    return (Spread){ count, (0.5 - 0.5 * count) * step, step };
}

/* One sample in from where the edge is repeated. */
static double within(double at, int length)
{
    return CLAMP(at, -1, length) + MARGIN;
}

static bool add_sample(const Part *part, WarpPlace at, KernelPixel *sum)
{
    const Warper *warper = part->warper;
    double x = within(at.x, warper->width), y = within(at.y, warper->height);

    if (!part->read) {
        const VipsRect around = { (int) x - MARGIN + 1, (int) y - MARGIN + 1, 2 * MARGIN - 1,
                                  2 * MARGIN - 1 };
        if (vips_region_prepare(part->in, &around))
            return false;
    }
    *sum += kernel_between(warper->kernel, part->in, x, y);
    return true;
}

static bool make_pixel(const Part *part, const Patch *patch, float *to)
{
    const Warper *warper = part->warper;
    const Spread across = spread_of(warper, patch->across);
    const Spread down = spread_of(warper, patch->down);
    double covered = shown(warper, patch);
    float share = (float) (covered / (across.count * (double) down.count));
    KernelPixel sum = { 0 };

    for (int i = 0; i < down.count && covered > 0; i++)
        for (int j = 0; j < across.count; j++) {
            double right = across.first + j * across.step, below = down.first + i * down.step;
            const WarpPlace at = {
                patch->at.x + right * patch->across.x + below * patch->down.x,
                patch->at.y + right * patch->across.y + below * patch->down.y,
            };
            if (!add_sample(part, at, &sum))
                return false;
        }
    sum = sum * share + warper->background * (float) (1 - covered);
    for (int band = 0; band < warper->bands; band++)
        to[band] = sum[band];
    return true;
}

/* ---- a part ---- */

static void find_places(const Warper *warper, const VipsRect *area, WarpPlace *places)
{
    for (int y = area->top; y <= VIPS_RECT_BOTTOM(area); y++)
        for (int x = area->left; x <= VIPS_RECT_RIGHT(area); x++)
            *places++ = warper->warp.map(warper->state, x, y);
}

/* Sets the samples of which the part is made; false where it is only background. */
static bool samples_of(const Part *part, VipsRect *samples)
{
    const Warper *warper = part->warper;
    double left = warper->width, top = warper->height, right = -1, bottom = -1;

    for (int y = part->area.top; y < VIPS_RECT_BOTTOM(&part->area); y++)
        for (int x = part->area.left; x < VIPS_RECT_RIGHT(&part->area); x++) {
            const Patch patch = patch_at(part, x, y);
            double wide = (fabs(patch.across.x) + fabs(patch.down.x)) / 2;
            double high = (fabs(patch.across.y) + fabs(patch.down.y)) / 2;
            if (isnan(patch.at.x) || isnan(patch.at.y))
                continue;
            if (warper->warp.background &&
                !(patch.at.x + wide > -0.5 && patch.at.x - wide < warper->width - 0.5 &&
                  patch.at.y + high > -0.5 && patch.at.y - high < warper->height - 0.5))
                continue;
            left = MIN(left, patch.at.x - wide);
            right = MAX(right, patch.at.x + wide);
            top = MIN(top, patch.at.y - high);
            bottom = MAX(bottom, patch.at.y + high);
        }
    samples->left = (int) within(left, warper->width) - MARGIN + 1;
    samples->top = (int) within(top, warper->height) - MARGIN + 1;
    samples->width = (int) within(right, warper->width) + MARGIN - samples->left;
    samples->height = (int) within(bottom, warper->height) + MARGIN - samples->top;
    return right >= left;
}

static bool make_pixels(const Part *part)
{
    size_t bands = part->warper->bands;

    for (int y = part->area.top; y < VIPS_RECT_BOTTOM(&part->area); y++) {
        float *to = (float *) (void *) VIPS_REGION_ADDR(part->out, part->area.left, y);
        for (int x = part->area.left; x < VIPS_RECT_RIGHT(&part->area); x++, to += bands) {
            const Patch patch = patch_at(part, x, y);
            if (!make_pixel(part, &patch, to))
                return false;
        }
    }
    return true;
}

static void halve(VipsRect area, VipsRect half[2])
{
    half[0] = half[1] = area;
    if (area.width >= area.height) {
        half[0].width = area.width / 2;
        half[1].left += half[0].width;
        half[1].width -= half[0].width;
    } else {
        half[0].height = area.height / 2;
        half[1].top += half[0].height;
        half[1].height -= half[0].height;
    }
}

/* What needs too many samples at once is made in two halves, and at last sample by sample. */
static bool make(const Warper *warper, VipsRegion *in, VipsRegion *out, VipsRect area)
{
    g_autofree WarpPlace *places =
        g_new(WarpPlace, ((size_t) area.width + 1) * ((size_t) area.height + 1));
    Part part = { warper, in, out, area, places, false };
    VipsRect samples, half[2];

    find_places(warper, &area, places);
    if (samples_of(&part, &samples)) {
        part.read = (double) samples.width * samples.height <= SAMPLES_AT_ONCE;
        if (!part.read && (area.width > 1 || area.height > 1)) {
            halve(area, half);
            return make(warper, in, out, half[0]) && make(warper, in, out, half[1]);
        }
        if (part.read && vips_region_prepare(in, &samples))
            return false;
    }
    return make_pixels(&part);
}

static int generate(VipsRegion *out, void *seq, void *a G_GNUC_UNUSED, void *warper,
                    gboolean *stop G_GNUC_UNUSED)
{
    return make(warper, seq, out, out->valid) ? 0 : -1;
}

/* ---- the picture ---- */

static Warper *warper_new(const Warp *warp, VipsImage *pixels)
{
    Warper *warper = g_new0(Warper, 1);

    warper->warp = *warp;
    warper->state = g_memdup2(warp->state, warp->size);
    warper->kernel = kernel_table(warp->kernel);
    warper->bands = pixels->Bands;
    warper->width = pixels->Xsize;
    warper->height = pixels->Ysize;
    return warper;
}

/* Floats whose colours are multiplied by alpha, with its edges repeated around them. */
static VipsImage *with_margin(VipsImage *pixels)
{
    g_autoptr(VipsImage) weighted = bands_premultiplied(pixels);
    g_autoptr(VipsImage) floats = NULL;
    VipsImage *out = NULL;

    if (!weighted || vips_cast(weighted, &floats, VIPS_FORMAT_FLOAT, NULL) ||
        vips_embed(floats, &out, MARGIN, MARGIN, pixels->Xsize + 2 * MARGIN,
                   pixels->Ysize + 2 * MARGIN, "extend", VIPS_EXTEND_COPY, NULL))
        return NULL;
    return out;
}

/* `pixels` have room for the background. */
static VipsImage *warped(VipsImage *pixels, const Warp *warp)
{
    g_autoptr(VipsImage) in = with_margin(pixels);
    g_autoptr(VipsImage) out = vips_image_new();
    g_autoptr(VipsImage) plain = NULL;
    Warper *warper = warper_new(warp, pixels);
    double values[BANDS_MOST] = { 0 };

    g_object_set_data_full(G_OBJECT(out), "warper", warper, warper_free);
    if (!in || (warp->background && !backdrop_values(pixels, warp->background, true, values)))
        return NULL;
    for (int band = 0; band < pixels->Bands; band++)
        warper->background[band] = (float) values[band];
    g_object_set_data_full(G_OBJECT(out), "in", g_object_ref(in), g_object_unref);
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_SMALLTILE, in, NULL))
        return NULL;
    out->Xsize = warp->width;
    out->Ysize = warp->height;
    if (vips_image_generate(out, vips_start_one, generate, vips_stop_one, in, warper) ||
        !(plain = bands_unpremultiplied(out)))
        return NULL;
    return bands_rounded(plain, pixels->BandFmt);
}

VipsImage *warp_pixels(VipsImage *pixels, const Warp *warp)
{
    g_autoptr(VipsImage) whole =
        warp->background ? backdrop_room(pixels, warp->background) : g_object_ref(pixels);

    return whole ? warped(whole, warp) : NULL;
}

bool warp_image(Image *image, const Warp *warp, Error **err)
{
    if (!image_to_memory(image, err))
        return false;
    VipsImage *pixels =
        warp->background ? backdrop_pixels(image, warp->background, err) : image_pixels(image, err);
    VipsImage *out = pixels ? warp_pixels(pixels, warp) : NULL;
    if (!out)
        return pixels ? libvips_error(err, "bend the picture") : false;
    image_view(image, out);
    return true;
}

bool warp_plan(const Warp *warp, Shape *shape, Error **err)
{
    if (!shape_grow(shape, warp->width, warp->height, err))
        return false;
    shape->settles = true;
    if (warp->background)
        backdrop_plan(warp->background, shape);
    return true;
}
