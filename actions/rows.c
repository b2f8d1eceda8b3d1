/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/rows.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsRegion, g_object_unref)

/* Parts as libvips computes them. Those of a filter or a free turn are square: what lies around a
 * part is made with it, and of a row of the whole picture that would be many times as much. */
static VipsRect part_of(VipsImage *pixels)
{
    VipsRect part = { 0 };
    int lines = 0;

    vips_get_tile_size(pixels, &part.width, &part.height, &lines);
    return part;
}

/* Fills the strip. */
static int compute(VipsRegion *strip, VipsRegion *piece, int width)
{
    VipsRect area = strip->valid;
    int right = VIPS_RECT_RIGHT(&area);

    for (; area.left < right; area.left += width) {
        area.width = MIN(width, right - area.left);
        if (vips_region_prepare_to(piece, strip, &area, area.left, area.top))
            return -1;
    }
    return 0;
}

static int compute_rows(VipsImage *pixels, VipsRegionWrite take, void *user)
{
    const VipsRect part = part_of(pixels);
    g_autoptr(VipsRegion) region = vips_region_new(pixels);
    g_autoptr(VipsRegion) piece = vips_region_new(pixels);
    VipsRect strip = { .width = pixels->Xsize, .height = part.height };
    int failed = 0;

    for (; !failed && strip.top < pixels->Ysize; strip.top += strip.height) {
        strip.height = MIN(strip.height, pixels->Ysize - strip.top);
        failed = part.width < pixels->Xsize
                     ? vips_region_buffer(region, &strip) || compute(region, piece, part.width)
                     : vips_region_prepare(region, &strip);
        failed = failed || take(region, &strip, user);
    }
    return failed;
}

/* ---- on a thread of libvips ---- */

typedef struct Work {
    VipsRegionWrite take;
    void *user;
    bool given;
} Work;

/* All rows are one unit of work. */
static int give(VipsThreadState *state G_GNUC_UNUSED, void *user, gboolean *stop)
{
    Work *work = user;

    *stop = work->given;
    work->given = true;
    return 0;
}

static int do_work(VipsThreadState *state, void *user)
{
    const Work *work = user;

    return compute_rows(state->im, work->take, work->user);
}

int rows_each(VipsImage *pixels, VipsRegionWrite take, void *user)
{
    Work work = { take, user, false };
    int failed = vips_image_pio_input(pixels) ||
                 vips_threadpool_run(pixels, vips_thread_state_new, give, do_work, NULL, &work);

    vips_image_minimise_all(pixels);
    return failed ? -1 : 0;
}
