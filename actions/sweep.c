/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/sweep.h"

#include "actions/pixels.h"

typedef struct Sweep {
    SweepFunction function;
    void *state;
    size_t memory;
    VipsImage *in, *other;
} Sweep;

/* Where one of libvips' threads is. */
typedef struct Place {
    VipsRect before; /* its last row */
    void *memory;
} Place;

static void sweep_free(void *data)
{
    Sweep *sweep = data;

    g_object_unref(sweep->in);
    g_clear_object(&sweep->other);
    g_free(sweep->state);
    g_free(sweep);
}

static void *start(VipsImage *out G_GNUC_UNUSED, void *data, void *unused G_GNUC_UNUSED)
{
    const Sweep *sweep = data;
    Place *place = g_new0(Place, 1);

    place->memory = g_malloc0(sweep->memory);
    return place;
}

static int stop(void *seq, void *data G_GNUC_UNUSED, void *unused G_GNUC_UNUSED)
{
    Place *place = seq;

    g_free(place->memory);
    g_free(place);
    return 0;
}

static int generate(VipsRegion *out, void *seq, void *data, void *unused G_GNUC_UNUSED,
                    gboolean *end G_GNUC_UNUSED)
{
    const Sweep *sweep = data;
    const VipsRect *area = &out->valid;
    Place *place = seq;

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        const VipsRect *before = &place->before;
        const SweepRun run = { .to = VIPS_REGION_ADDR(out, area->left, y),
                               .x = area->left,
                               .y = y,
                               .count = area->width,
                               .follows = before->left == area->left &&
                                          before->width == area->width && before->top == y - 1,
                               .memory = place->memory };
        sweep->function(&run, sweep->state);
        place->before = (VipsRect){ area->left, y, area->width, 1 };
    }
    return 0;
}

VipsImage *sweep_map(VipsImage *in, VipsImage *other, int bands, VipsBandFormat format,
                     SweepFunction function, const void *state, size_t size, size_t memory)
{
    g_autoptr(VipsImage) out = vips_image_new();
    Sweep *sweep = g_new(Sweep, 1);

    *sweep = (Sweep){ function, g_memdup2(state, size), memory, g_object_ref(in),
                      other ? g_object_ref(other) : NULL };
    g_object_set_data_full(G_OBJECT(out), "sweep", sweep, sweep_free);
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL))
        return NULL;
    out->Bands = bands;
    out->BandFmt = format;
    out->Type = pixels_type(format, bands);
    if (vips_image_generate(out, start, generate, stop, sweep, NULL))
        return NULL;
    return g_steal_pointer(&out);
}
