/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_pixels.h"

#include <string.h>

#include "actions/heif_boxes.h"
#include "actions/pixels.h"
#include "actions/samples.h"

/* ---- the file ---- */

/* Whether one of the references says that the colours of the item are multiplied by its alpha. */
static bool has_premultiplied(Bytes *bytes, const Box *references, uint32_t item)
{
    uint64_t at = references->at + references->header;
    unsigned size = heif_number(bytes, &at, 1) ? 4 : 2; /* of an item's number, by the version */
    Box reference;

    for (at += 3; heif_next(bytes, references, &at, &reference);) {
        uint64_t from = reference.at + reference.header;
        if (strcmp(reference.type, "prem") == 0 && heif_number(bytes, &from, size) == item)
            return true;
    }
    return false;
}

static bool is_premultiplied(int fd)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    Box meta, references;

    return bytes_begin(bytes, fd, UINT64_MAX) && heif_find_meta(bytes, &meta) &&
           heif_find(bytes, &meta, HEIF_FULL_BOX, "iref", &references) &&
           has_premultiplied(bytes, &references, heif_main_item(bytes, &meta));
}

/* ---- pixels ---- */

typedef struct Heif {
    VipsBandFormat format;
    int bands;
    unsigned unused; /* lower bits of 16 without a value */
    bool premultiplied;
} Heif;

/* The upper bits stand in the lower ones too: white is all ones. */
static void fill_bits(const Heif *heif, uint16_t *values, size_t count)
{
    unsigned used = 16 - heif->unused;

    for (size_t i = 0; i < count; i++)
        values[i] = (uint16_t) (values[i] | values[i] >> used);
}

static void repair(const PixelsRun *run, const void *state)
{
    const Heif *heif = state;
    size_t count = (size_t) run->count * heif->bands;

    memcpy(run->to, run->from, count * vips_format_sizeof_unsafe(heif->format));
    if (heif->unused)
        fill_bits(heif, run->to, count);
    if (heif->premultiplied)
        samples_unpremultiply(heif->format, run->to, heif->bands, (size_t) run->count);
}

static unsigned unused_bits(VipsImage *image)
{
    int bits = 16;

    if (image->BandFmt != VIPS_FORMAT_USHORT || !vips_image_get_typeof(image, "heif-bitdepth") ||
        vips_image_get_int(image, "heif-bitdepth", &bits))
        return 0;
    return bits > 8 && bits < 16 ? 16 - (unsigned) bits : 0;
}

VipsImage *heif_pixels(VipsImage *image, int fd)
{
    g_autoptr(VipsImage) in = image;
    const Heif heif = { image->BandFmt, image->Bands, unused_bits(image),
                        vips_image_hasalpha(image) && is_premultiplied(fd) };

    if (!heif.unused && !heif.premultiplied)
        return g_steal_pointer(&in);
    return pixels_map(in, NULL, in->Bands, in->BandFmt, repair, &heif, sizeof(heif));
}
