/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/output_sharpen.h"

#include <math.h>
#include <string.h>

#include "actions/pixels.h"
#include "actions/samples.h"

const Choice output_sharpen_choices[] = {
    { "none", OUTPUT_SHARPEN_NONE, "as the filter made it" },
    { "light", OUTPUT_SHARPEN_LIGHT, "for screens: a little crisper" },
    { "strong", OUTPUT_SHARPEN_STRONG, "for prints, and small pictures of fine detail" },
    { 0 },
};

double output_sharpen_amount(int word)
{
    static const double amounts[] = {
        [OUTPUT_SHARPEN_NONE] = 0, [OUTPUT_SHARPEN_LIGHT] = 0.4, [OUTPUT_SHARPEN_STRONG] = 0.9
    };

    return amounts[word];
}

static const double red = 0.299, green = 0.587, blue = 0.114; /* of lightness, as a JPEG has it */

/* ---- planes ---- */

/* Of a sample and those beside it in its row, weighted 1 2 1. */
static int joined(const uint8_t *row, int x, int last)
{
    return row[MAX(x - 1, 0)] + 2 * row[x] + row[MIN(x + 1, last)];
}

static void sharpen_row(const uint8_t *above, const uint8_t *own, const uint8_t *below, int width,
                        double amount, uint8_t *to)
{
    for (int x = 0; x < width; x++) {
        int sum = joined(above, x, width - 1) + 2 * joined(own, x, width - 1) +
                  joined(below, x, width - 1);
        double value = own[x] + amount * (own[x] - sum / 16.0);
        to[x] = (uint8_t) (CLAMP(value, 0, 255) + 0.5);
    }
}

void output_sharpen_plane(const Plane *plane, double amount)
{
    size_t width = (size_t) plane->width;
    g_autofree uint8_t *copies = g_malloc(2 * width);
    uint8_t *above = copies, *own = copies + width;

    memcpy(above, plane->samples, width);
    for (int y = 0; y < plane->height; y++) {
        uint8_t *row = plane->samples + (size_t) y * plane->stride;
        memcpy(own, row, width);
        sharpen_row(above, own, y + 1 < plane->height ? row + plane->stride : own, plane->width,
                    amount, row);
        uint8_t *next = above;
        above = own;
        own = next;
    }
}

/* ---- pixels ---- */

typedef struct Sharpening {
    VipsImage *in; /* with a border of one pixel */
    VipsBandFormat format;
    int bands, colours;
    double amount;
} Sharpening;

static double lightness(const Sharpening *s, const void *pixels, size_t at)
{
    double first = samples_get(s->format, pixels, at);

    if (s->colours == 1)
        return first;
    return red * first + green * samples_get(s->format, pixels, at + 1) +
           blue * samples_get(s->format, pixels, at + 2);
}

/* How much more lightness pixel `x` of the middle row has than what is around it, times amount. */
static double difference(const Sharpening *s, const void *const rows[3], int x)
{
    double sum = 0, weights = 0;

    for (int down = 0; down < 3; down++)
        for (int across = 0; across < 3; across++) {
            size_t at = (size_t) (x + across) * s->bands;
            double weight = (down == 1 ? 2 : 1) * (across == 1 ? 2 : 1);
            if (s->bands > s->colours)
                weight *= samples_get(s->format, rows[down], at + s->colours);
            sum += weight * lightness(s, rows[down], at);
            weights += weight;
        }
    if (weights <= 0)
        return 0;
    return s->amount * (lightness(s, rows[1], (size_t) (x + 1) * s->bands) - sum / weights);
}

static void sharpen_pixels(const Sharpening *s, const void *const rows[3], int count, void *to)
{
    for (int x = 0; x < count; x++) {
        double more = difference(s, rows, x);
        for (int band = 0; band < s->bands; band++) {
            double value = samples_get(s->format, rows[1], (size_t) (x + 1) * s->bands + band);
            samples_put(s->format, to, (size_t) x * s->bands + band,
                        band < s->colours ? value + more : value);
        }
    }
}

static int generate(VipsRegion *out, void *seq, void *a G_GNUC_UNUSED, void *b,
                    gboolean *stop G_GNUC_UNUSED)
{
    VipsRegion *in = seq;
    const VipsRect *area = &out->valid;
    const VipsRect around = { area->left, area->top, area->width + 2, area->height + 2 };

    if (vips_region_prepare(in, &around))
        return -1;
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        const void *const rows[3] = { VIPS_REGION_ADDR(in, area->left, y),
                                      VIPS_REGION_ADDR(in, area->left, y + 1),
                                      VIPS_REGION_ADDR(in, area->left, y + 2) };
        sharpen_pixels(b, rows, area->width, VIPS_REGION_ADDR(out, area->left, y));
    }
    return 0;
}

static void sharpening_free(void *data)
{
    Sharpening *sharpening = data;

    g_clear_object(&sharpening->in);
    g_free(sharpening);
}

/* A resampling makes each row once: those that are read again are kept. */
static VipsImage *with_border(VipsImage *pixels)
{
    g_autoptr(VipsImage) rows = NULL;
    VipsImage *out = NULL;

    if (vips_linecache(pixels, &rows, "tile_height", OUTPUT_SHARPEN_ROWS, "access",
                       VIPS_ACCESS_SEQUENTIAL, NULL) ||
        vips_embed(rows, &out, 1, 1, pixels->Xsize + 2, pixels->Ysize + 2, "extend",
                   VIPS_EXTEND_COPY, NULL))
        return NULL;
    return out;
}

VipsImage *output_sharpen(VipsImage *pixels, double amount)
{
    g_autoptr(VipsImage) out = vips_image_new();
    Sharpening *sharpening = g_new0(Sharpening, 1);

    *sharpening = (Sharpening){ .format = pixels->BandFmt,
                                .bands = pixels->Bands,
                                .colours = pixels_colours(pixels),
                                .amount = amount };
    g_object_set_data_full(G_OBJECT(out), "sharpening", sharpening, sharpening_free);
    if (!(sharpening->in = with_border(pixels)) ||
        vips_image_pipelinev(out, VIPS_DEMAND_STYLE_FATSTRIP, sharpening->in, NULL))
        return NULL;
    out->Xsize = pixels->Xsize;
    out->Ysize = pixels->Ysize;
    out->Xoffset = out->Yoffset = 0;
    if (vips_image_generate(out, vips_start_one, generate, vips_stop_one, sharpening->in,
                            sharpening))
        return NULL;
    return g_steal_pointer(&out);
}
