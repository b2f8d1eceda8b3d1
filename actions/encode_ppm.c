/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encode_ppm.h"

#include <stdint.h>

typedef struct Writer {
    VipsTarget *target;
    guint16 *row; /* of 16 bits, as the format has them; NULL: of 8 */
    size_t values;
    int rows;
} Writer;

static const void *as_written(const Writer *writer, const void *pixels)
{
    const guint16 *values = pixels;

    for (size_t i = 0; writer->row && i < writer->values; i++)
        writer->row[i] = GUINT16_TO_BE(values[i]);
    return writer->row ? writer->row : pixels;
}

static int on_rows(VipsRegion *region, VipsRect *area, void *user)
{
    Writer *writer = user;
    size_t size = writer->values * (writer->row ? sizeof(guint16) : 1);

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++, writer->rows++)
        if (vips_target_write(writer->target, as_written(writer, VIPS_REGION_ADDR(region, 0, y)),
                              size))
            return -1;
    return 0;
}

/* libvips does not always say that the last rows were not made. */
int encode_ppm(VipsImage *pixels, VipsTarget *target)
{
    bool deep = pixels->BandFmt == VIPS_FORMAT_USHORT;
    size_t values = (size_t) pixels->Xsize * pixels->Bands;
    g_autofree guint16 *row = deep ? g_new(guint16, values) : NULL;
    Writer writer = { .target = target, .row = row, .values = values };
    g_autofree char *head = g_strdup_printf("P6\n%d %d\n%u\n", pixels->Xsize, pixels->Ysize,
                                            deep ? UINT16_MAX : UINT8_MAX);

    return vips_target_writes(target, head) || vips_sink_disc(pixels, on_rows, &writer) ||
                   writer.rows != pixels->Ysize || vips_target_end(target)
               ? -1
               : 0;
}
