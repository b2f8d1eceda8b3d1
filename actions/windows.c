/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/windows.h"

typedef struct Windows {
    WindowsFunction function;
    void *state;
    int across, down;
} Windows;

static void windows_free(void *data)
{
    Windows *windows = data;

    g_free(windows->state);
    g_free(windows);
}

/* Where the pixel at x, y is in one that is larger by `windows` on each side. */
static const char *address(VipsRegion *region, const Windows *windows, int x, int y)
{
    return (const char *) VIPS_REGION_ADDR(region, x + windows->across, y + windows->down);
}

static int generate(VipsRegion *out, void *seq, void *inputs G_GNUC_UNUSED, void *data,
                    gboolean *stop G_GNUC_UNUSED)
{
    VipsRegion **in = seq;
    const Windows *windows = data;
    const VipsRect *area = &out->valid;
    const VipsRect around = { area->left, area->top, area->width + 2 * windows->across,
                              area->height + 2 * windows->down };

    g_assert(in[0]);
    for (int i = 0; in[i]; i++)
        if (vips_region_prepare(in[i], &around))
            return -1;
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        const WindowsRun run = { .from = address(in[0], windows, area->left, y),
                                 .other = in[1] ? address(in[1], windows, area->left, y) : NULL,
                                 .step = (ptrdiff_t) VIPS_REGION_LSKIP(in[0]),
                                 .other_step = in[1] ? (ptrdiff_t) VIPS_REGION_LSKIP(in[1]) : 0,
                                 .to = VIPS_REGION_ADDR(out, area->left, y),
                                 .count = (size_t) area->width * (size_t) out->im->Bands,
                                 .bands = out->im->Bands };
        windows->function(&run, windows->state);
    }
    return 0;
}

static VipsImage *with_edges(VipsImage *in, int across, int down)
{
    VipsImage *out = NULL;

    return vips_embed(in, &out, across, down, in->Xsize + 2 * across, in->Ysize + 2 * down,
                      "extend", VIPS_EXTEND_COPY, NULL)
               ? NULL
               : out;
}

/* The size is that of `in`, which the pictures with edges do not have. */
static bool generate_pipeline(VipsImage *out, VipsImage *in, VipsBandFormat format,
                              VipsImage **inputs, Windows *windows)
{
    if (vips_image_pipeline_array(out, VIPS_DEMAND_STYLE_FATSTRIP, inputs))
        return false;
    out->Xsize = in->Xsize;
    out->Ysize = in->Ysize;
    out->Xoffset = 0;
    out->Yoffset = 0;
    out->BandFmt = format;
    return !vips_image_generate(out, vips_start_many, generate, vips_stop_many, inputs, windows);
}

VipsImage *windows_map(VipsImage *in, VipsImage *other, int across, int down, VipsBandFormat format,
                       WindowsFunction function, const void *state, size_t size)
{
    g_autoptr(VipsImage) out = vips_image_new();
    g_autoptr(VipsImage) edges = with_edges(in, across, down);
    g_autoptr(VipsImage) other_edges = other && edges ? with_edges(other, across, down) : NULL;
    Windows *windows = g_new(Windows, 1);

    *windows = (Windows){ function, g_memdup2(state, size), across, down };
    g_object_set_data_full(G_OBJECT(out), "windows", windows, windows_free);
    if (!edges || (other && !other_edges))
        return NULL;
    VipsImage **inputs = vips_allocate_input_array(out, edges, other_edges, NULL);
    g_object_set_data_full(G_OBJECT(out), "in", g_object_ref(edges), g_object_unref);
    if (other)
        g_object_set_data_full(G_OBJECT(out), "other", g_object_ref(other_edges), g_object_unref);
    return inputs && generate_pipeline(out, in, format, inputs, windows) ? g_steal_pointer(&out)
                                                                         : NULL;
}
