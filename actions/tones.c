/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tones.h"

#include "actions/bands.h"
#include "actions/channels.h"
#include "actions/pixels.h"
#include "actions/samples.h"

enum { VALUES_8 = 256, VALUES_16 = 65536, BANDS_MAX = 4 };

struct Tones {
    VipsBandFormat format;
    size_t count;    /* of values: one for each of 8 or 16 bits */
    double values[]; /* 0 to 1: what each becomes */
};

Tones *tones_new(VipsBandFormat format)
{
    size_t count = format == VIPS_FORMAT_UCHAR ? VALUES_8 : VALUES_16;
    Tones *tones = g_malloc(sizeof(Tones) + count * sizeof(double));

    tones->format = format;
    tones->count = count;
    for (size_t i = 0; i < count; i++)
        tones->values[i] = (double) i / (double) (count - 1);
    return tones;
}

void tones_free(Tones *tones)
{
    g_free(tones);
}

void tones_add(Tones *tones, double (*curve)(const void *settings, double value),
               const void *settings, double amount)
{
    for (size_t i = 0; i < tones->count; i++) {
        double own = tones->values[i];
        double made = CLAMP(curve(settings, own), 0, 1);
        tones->values[i] = own + amount * (made - own);
    }
}

/* ---- on pixels ---- */

typedef struct Table {
    VipsBandFormat format;
    int bands;
    bool kept[BANDS_MAX]; /* of each band: whether it stays as it is */
    union {
        uint8_t bytes[VALUES_8];
        uint16_t words[VALUES_16];
        float floats[VALUES_16 + 1]; /* the last one twice */
    } to;
} Table;

static void map_bytes(const Table *table, const uint8_t *from, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = table->to.bytes[from[i]];
}

static void map_words(const Table *table, const uint16_t *from, uint16_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = table->to.words[from[i]];
}

static void map_floats(const Table *table, const float *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float value = CLAMP(from[i], 0, VALUES_16 - 1);
        size_t below = (size_t) value;
        float part = value - (float) below;
        to[i] = table->to.floats[below] * (1 - part) + table->to.floats[below + 1] * part;
    }
}

static void map_values(const Table *table, const void *from, void *to, size_t count)
{
    if (table->format == VIPS_FORMAT_UCHAR)
        map_bytes(table, from, to, count);
    else if (table->format == VIPS_FORMAT_USHORT)
        map_words(table, from, to, count);
    else
        map_floats(table, from, to, count);
}

static void map_run(const PixelsRun *run, const void *state)
{
    const Table *table = state;
    size_t count = (size_t) run->count * (size_t) table->bands;

    map_values(table, run->from, run->to, count);
    for (int band = 0; band < table->bands; band++)
        for (size_t at = (size_t) band; table->kept[band] && at < count; at += table->bands)
            samples_put(table->format, run->to, at, samples_get(table->format, run->from, at));
}

VipsImage *tones_apply(const Tones *tones, VipsImage *pixels)
{
    return tones_apply_to(tones, pixels, channels_all);
}

VipsImage *tones_apply_to(const Tones *tones, VipsImage *pixels, unsigned channels)
{
    g_autofree Table *table = g_new0(Table, 1);

    table->format = tones->format;
    table->bands = pixels->Bands;
    for (int band = 0; band < pixels->Bands; band++)
        table->kept[band] = band == pixels_colours(pixels) || !channels_have(channels, band);
    for (size_t i = 0; i < tones->count; i++)
        samples_put(tones->format, &table->to, i, tones->values[i] * samples_white(tones->format));
    if (tones->format == VIPS_FORMAT_FLOAT)
        table->to.floats[VALUES_16] = table->to.floats[VALUES_16 - 1];
    return pixels_map(pixels, NULL, pixels->Bands, pixels->BandFmt, map_run, table, sizeof(*table));
}

/* ---- a curve for each colour ---- */

static VipsImage *changed(VipsImage *pixels, double (*curve)(const void *settings, double value),
                          const void *settings)
{
    g_autoptr(Tones) tones = tones_new(pixels->BandFmt);

    tones_add(tones, curve, settings, 1);
    return tones_apply(tones, pixels);
}

VipsImage *tones_of_each(VipsImage *pixels, double (*curve)(const void *settings, double value),
                         const void *settings, size_t size)
{
    g_autoptr(VipsImage) joined = NULL;
    int count = pixels_colours(pixels);

    if (size == 0)
        return changed(pixels, curve, settings);
    for (int band = 0; band < count; band++) {
        g_autoptr(VipsImage) before = g_steal_pointer(&joined);
        g_autoptr(VipsImage) one = NULL;
        if (vips_extract_band(pixels, &one, band, NULL))
            return NULL;
        g_autoptr(VipsImage) colour = changed(one, curve, (const char *) settings + band * size);
        if (!colour || (before ? vips_bandjoin2(before, colour, &joined, NULL)
                               : !(joined = g_object_ref(colour))))
            return NULL;
    }
    return bands_with_alpha(joined, pixels, count);
}
