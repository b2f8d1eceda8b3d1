/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_pixels.h"

#include <string.h>

#include "actions/heif_boxes.h"
#include "actions/heif_range.h"
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

/* ---- grey ---- */

typedef struct Channels {
    Bytes *bytes;
    const Box *meta;
    uint64_t count; /* 0: not said */
} Channels;

static void count_channels(void *user, unsigned index)
{
    Channels *channels = user;
    Box box;

    if (!heif_property(channels->bytes, channels->meta, index, &box) ||
        strcmp(box.type, "pixi") != 0)
        return;
    uint64_t at = box.at + box.header + HEIF_FULL_BOX;
    channels->count = heif_number(channels->bytes, &at, 1);
}

static bool is_grey(int fd)
{
    enum { BUDGET = 4 * 1024 * 1024 };
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    Box meta;
    Channels channels = { bytes, &meta, 0 };

    if (!bytes_begin(bytes, fd, BUDGET) || !heif_find_meta(bytes, &meta))
        return false;
    heif_properties_of(bytes, &meta, heif_main_item(bytes, &meta), count_channels, &channels);
    return channels.count == 1;
}

/* libvips gives a grey picture as RGB, which the profile of a grey one does not fit. Takes over
 * `image`. */
static VipsImage *as_grey(VipsImage *image)
{
    g_autoptr(VipsImage) in = image;
    g_autoptr(VipsImage) grey = NULL;
    g_autoptr(VipsImage) alpha = NULL;
    g_autoptr(VipsImage) bands = NULL;
    VipsImage *out = NULL;

    if (vips_extract_band(in, &grey, 0, NULL) ||
        (vips_image_hasalpha(in) && (vips_extract_band(in, &alpha, in->Bands - 1, NULL) ||
                                     vips_bandjoin2(grey, alpha, &bands, NULL))))
        return NULL;
    VipsImage *all = bands ? bands : grey;
    return vips_copy(all, &out, "interpretation", pixels_type(all->BandFmt, all->Bands), NULL)
               ? NULL
               : out;
}

/* ---- pixels ---- */

typedef struct Heif {
    VipsBandFormat format;
    int bands;
    unsigned unused;             /* lower bits of 16 without a value */
    bool limited, limited_alpha; /* colours, alpha are in the limited range of video */
    bool premultiplied;
} Heif;

/* The upper bits stand in the lower ones too: white is all ones. */
static void fill_bits(const Heif *heif, uint16_t *values, size_t count)
{
    unsigned used = 16 - heif->unused;

    for (size_t i = 0; i < count; i++)
        values[i] = (uint16_t) (values[i] | values[i] >> used);
}

/* Bands of `count` pixels from 16 to 235 of 255 to the whole range; values may lie outside of it.
 */
static void widen(const Heif *heif, void *pixels, size_t count, int from, int to)
{
    enum { BLACK = 16, WHITE = 235 };
    unsigned bits = heif->format == VIPS_FORMAT_UCHAR ? 8 : 16 - heif->unused;
    double white = samples_white(heif->format);
    double unit = white * (1U << (bits - 8)) / ((1U << bits) - 1); /* of the numbers of 8 bits */
    double factor = white / ((WHITE - BLACK) * unit);

    for (size_t at = 0; at < count * heif->bands; at += heif->bands)
        for (size_t i = at + from; i < at + to; i++)
            samples_put(heif->format, pixels, i,
                        (samples_get(heif->format, pixels, i) - BLACK * unit) * factor);
}

static void repair(const PixelsRun *run, const void *state)
{
    const Heif *heif = state;
    size_t count = (size_t) run->count * heif->bands;
    int colours = heif->bands - 1 + heif->bands % 2;

    memcpy(run->to, run->from, count * vips_format_sizeof_unsafe(heif->format));
    if (heif->unused)
        fill_bits(heif, run->to, count);
    if (heif->limited)
        widen(heif, run->to, (size_t) run->count, 0, colours);
    if (heif->limited_alpha)
        widen(heif, run->to, (size_t) run->count, colours, heif->bands);
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
    VipsImage *in = is_grey(fd) ? as_grey(image) : image;

    if (!in)
        return NULL;
    g_autoptr(VipsImage) whole = in;
    bool has_alpha = vips_image_hasalpha(in);
    const Heif heif = { .format = in->BandFmt,
                        .bands = in->Bands,
                        .unused = unused_bits(in),
                        .limited = heif_range_is_limited(fd),
                        .limited_alpha = has_alpha && heif_range_is_limited_alpha(fd),
                        .premultiplied = has_alpha && is_premultiplied(fd) };

    if (!heif.unused && !heif.limited && !heif.limited_alpha && !heif.premultiplied)
        return g_steal_pointer(&whole);
    return pixels_map(in, NULL, in->Bands, in->BandFmt, repair, &heif, sizeof(heif));
}
