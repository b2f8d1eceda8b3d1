/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/linear_light.h"

#include <math.h>
#include <stdint.h>

#include "actions/pixels.h"
#include "actions/profile_curves.h"
#include "actions/resample.h"

enum { STEPS = 4096 };

/* Tables between stored values and light, of each colour; alpha is in proportion already. */
typedef struct Tables {
    int bands, colours, most;   /* of a value: 255 or 65535 */
    float (*light)[3];          /* by the stored value */
    float stored[STEPS + 2][3]; /* by the square root of light, in which dark tones are finer */
} Tables;

static void tables_free(void *data)
{
    Tables *tables = data;

    g_free(tables->light);
    g_free(tables);
}

static Tables *tables_new(VipsImage *in)
{
    g_autoptr(ProfileCurves) curves = profile_curves_of(in);
    Tables *tables = g_new0(Tables, 1);

    tables->bands = in->Bands;
    tables->colours = in->Bands - vips_image_hasalpha(in);
    tables->most = in->BandFmt == VIPS_FORMAT_UCHAR ? 255 : 65535;
    tables->light = g_malloc_n((size_t) tables->most + 1, sizeof(*tables->light));
    for (int band = 0; band < 3; band++) {
        for (int i = 0; i <= tables->most; i++)
            tables->light[i][band] =
                (float) profile_curves_light(curves, band, (double) i / tables->most);
        for (int i = 0; i <= STEPS + 1; i++) {
            double root = MIN((double) i / STEPS, 1);
            tables->stored[i][band] =
                (float) (tables->most * profile_curves_stored(curves, band, root * root));
        }
    }
    return tables;
}

/* ---- to light, in which colours are weighted by alpha, and back ---- */

static unsigned value_at(const Tables *tables, const void *row, int at)
{
    return tables->most == 255 ? ((const uint8_t *) row)[at] : ((const uint16_t *) row)[at];
}

static void to_light(const PixelsRun *run, const void *state)
{
    const Tables *tables = state;
    float *out = run->to;

    for (int x = 0; x < run->count; x++) {
        int at = x * tables->bands, alpha_at = at + tables->bands - 1;
        float alpha = tables->colours == tables->bands
                          ? 1
                          : (float) value_at(tables, run->from, alpha_at) / (float) tables->most;
        for (int i = 0; i < tables->bands; i++)
            *out++ = i < tables->colours
                         ? tables->light[value_at(tables, run->from, at + i)][i % 3] * alpha
                         : alpha;
    }
}

static float stored_of(const Tables *tables, int band, float light)
{
    float at = sqrtf(CLAMP(light, 0, 1)) * STEPS;
    int step = (int) at;
    float share = at - (float) step;

    return tables->stored[step][band] * (1 - share) + tables->stored[step + 1][band] * share;
}

static void set_value(const Tables *tables, void *row, int at, float value)
{
    if (tables->most == 255)
        ((uint8_t *) row)[at] = (uint8_t) lroundf(value);
    else
        ((uint16_t *) row)[at] = (uint16_t) lroundf(value);
}

static void to_stored(const PixelsRun *run, const void *state)
{
    const Tables *tables = state;
    const float *light = run->from;

    for (int at = 0; at < run->count * tables->bands; at += tables->bands) {
        float alpha =
            tables->colours == tables->bands ? 1 : CLAMP(light[at + tables->colours], 0, 1);
        for (int i = 0; i < tables->colours; i++)
            set_value(tables, run->to, at + i,
                      alpha > 0 ? stored_of(tables, i % 3, light[at + i] / alpha) : 0);
        if (tables->colours < tables->bands)
            set_value(tables, run->to, at + tables->colours, alpha * (float) tables->most);
    }
}

static VipsImage *resampled(VipsImage *in, const ImagePart *part, int width, int height,
                            Kernel kernel)
{
    Tables *tables = tables_new(in);
    g_autoptr(VipsImage) light =
        pixels_map(in, NULL, in->Bands, VIPS_FORMAT_FLOAT, to_light, tables, 0);

    if (!light) {
        tables_free(tables);
        return NULL;
    }
    g_object_set_data_full(G_OBJECT(light), "tables", tables, tables_free);
    g_autoptr(VipsImage) resized = resample_floats(light, part, width, height, kernel);
    if (!resized)
        return NULL;
    VipsImage *out = pixels_map(resized, NULL, in->Bands, in->BandFmt, to_stored, tables, 0);
    if (out) /* it uses the tables */
        g_object_set_data_full(G_OBJECT(out), "light", g_object_ref(light), g_object_unref);
    return out;
}

VipsImage *linear_light_resampled(VipsImage *in, const ImagePart *part, int width, int height,
                                  Kernel kernel)
{
    VipsBandFormat format = in->BandFmt == VIPS_FORMAT_UCHAR ? in->BandFmt : VIPS_FORMAT_USHORT;
    g_autoptr(VipsImage) numbers = pixels_in_format(in, format);
    g_autoptr(VipsImage) out = numbers ? resampled(numbers, part, width, height, kernel) : NULL;

    return out ? pixels_in_format(out, in->BandFmt) : NULL;
}
