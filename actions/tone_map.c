/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tone_map.h"

#include <math.h>
#include <stdint.h>

#include "actions/pixels.h"

#define WHITE 203.0  /* cd/m2 */
#define PEAK  1000.0 /* cd/m2 */

enum { VALUES = 65536, STEPS = 4096 /* of light, in the table back to sRGB */ };

typedef struct ToneMap {
    float light[VALUES];        /* of a stored value; 1 is paper white, for HLG that of the scene */
    uint16_t stored[STEPS + 1]; /* of sRGB, by the square root of light: dark tones are finer */
    float to_srgb[3][3];
    float luminance[3]; /* HLG: of the scene, for its display */
    bool is_hlg;
    int bands, colours, alpha;
    int values; /* 256 or 65536 */
} ToneMap;

/* ---- stored values and light ---- */

/* SMPTE ST 2084, in paper white. */
static double light_of_pq(double v)
{
    const double m1 = 2610 / 16384.0, m2 = 2523 / 32.0;
    const double c1 = 3424 / 4096.0, c2 = 2413 / 128.0, c3 = 2392 / 128.0;
    double power = pow(v, 1 / m2);

    return 10000 / WHITE * pow(MAX(power - c1, 0) / (c2 - c3 * power), 1 / m1);
}

/* ARIB STD-B67, of the scene, 0 to 1. */
static double light_of_hlg(double v)
{
    const double a = 0.17883277, b = 0.28466892, c = 0.55991073;

    return v <= 0.5 ? v * v / 3 : (exp((v - c) / a) + b) / 12;
}

static double stored_in_srgb(double light)
{
    return light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* ---- primaries ---- */

typedef struct Matrix {
    double m[3][3];
} Matrix;

static Matrix product(const Matrix *a, const Matrix *b)
{
    Matrix out = { 0 };

    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 3; column++)
            for (int i = 0; i < 3; i++)
                out.m[row][column] += a->m[row][i] * b->m[i][column];
    return out;
}

static Matrix inverse(const Matrix *a)
{
    Matrix out;
    double determinant = 0;

    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 3; column++) {
            int r1 = (column + 1) % 3, r2 = (column + 2) % 3;
            int c1 = (row + 1) % 3, c2 = (row + 2) % 3;
            out.m[row][column] = a->m[r1][c1] * a->m[r2][c2] - a->m[r1][c2] * a->m[r2][c1];
        }
    for (int i = 0; i < 3; i++)
        determinant += a->m[0][i] * out.m[i][0];
    for (int i = 0; i < 9; i++)
        out.m[i / 3][i % 3] /= determinant;
    return out;
}

static void xyz(Chromaticity point, double out[3])
{
    out[0] = point.x / point.y;
    out[1] = 1;
    out[2] = (1 - point.x - point.y) / point.y;
}

/* From RGB to XYZ (SMPTE RP 177). */
static Matrix to_xyz(const Primaries *p)
{
    const Chromaticity points[] = { p->red, p->green, p->blue };
    double white[3];
    Matrix columns;

    xyz(p->white, white);
    for (int i = 0; i < 3; i++) {
        double column[3];
        xyz(points[i], column);
        for (int row = 0; row < 3; row++)
            columns.m[row][i] = column[row];
    }
    Matrix back = inverse(&columns);
    for (int i = 0; i < 3; i++) {
        double share = 0;
        for (int j = 0; j < 3; j++)
            share += back.m[i][j] * white[j];
        for (int row = 0; row < 3; row++)
            columns.m[row][i] *= share;
    }
    return columns;
}

/* ---- the map ---- */

static void set_primaries(ToneMap *map, const Primaries *primaries)
{
    Matrix from = to_xyz(primaries), srgb = to_xyz(&primaries_srgb);
    Matrix back = inverse(&srgb);
    Matrix whole = product(&back, &from);

    for (int i = 0; i < 9; i++)
        map->to_srgb[i / 3][i % 3] = (float) whole.m[i / 3][i % 3];
    for (int i = 0; i < 3; i++)
        map->luminance[i] = (float) from.m[1][i];
}

static ToneMap *map_new(VipsImage *in, CicpKind kind, const Primaries *primaries)
{
    ToneMap *map = g_new0(ToneMap, 1);

    map->values = in->BandFmt == VIPS_FORMAT_UCHAR ? 256 : VALUES;
    map->is_hlg = kind == CICP_HLG;
    map->bands = in->Bands;
    map->alpha = vips_image_hasalpha(in);
    map->colours = in->Bands - map->alpha >= 3 ? 3 : 1;
    for (int i = 0; i < map->values; i++) {
        double v = (double) i / (map->values - 1);
        map->light[i] = (float) (map->is_hlg ? light_of_hlg(v) : light_of_pq(v));
    }
    for (int i = 0; i <= STEPS; i++) {
        double root = (double) i / STEPS;
        map->stored[i] = (uint16_t) lround(65535 * stored_in_srgb(root * root));
    }
    set_primaries(map, primaries);
    return map;
}

/* The display's light, in paper white, of the scene's (BT.2100: system gamma 1.2). */
static void show_hlg(const ToneMap *map, float light[3])
{
    float scene = 0;

    for (int i = 0; i < 3; i++)
        scene += map->luminance[i] * light[i];
    float factor = (float) (PEAK / WHITE) * powf(scene, 0.2F);
    for (int i = 0; i < 3; i++)
        light[i] *= factor;
}

/* Up to the knee as it is, then with the same slope on, and ever less; the peak becomes 1. */
static float pressed(float light)
{
    const float knee = 0.75F, most = ((float) (PEAK / WHITE) - knee) / (1 - knee);
    float above = (light - knee) / (1 - knee);

    if (above <= 0)
        return light;
    return MIN(1, knee + (1 - knee) * above * (1 + above / (most * most)) / (1 + above));
}

static uint16_t srgb_value(const ToneMap *map, float light)
{
    float at = sqrtf(CLAMP(light, 0, 1)) * STEPS;
    int step = MIN((int) at, STEPS - 1);
    float share = at - (float) step;

    return (uint16_t) lroundf((float) map->stored[step] * (1 - share) +
                              (float) map->stored[step + 1] * share);
}

static void map_pixel(const ToneMap *map, const float in[3], uint16_t *out)
{
    float light[3] = { in[0], in[1], in[2] }, srgb[3], most = 0;

    if (map->is_hlg)
        show_hlg(map, light);
    for (int i = 0; i < 3; i++) {
        const float *row = map->to_srgb[i];
        srgb[i] = MAX(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2]);
        most = MAX(most, srgb[i]);
    }
    float factor = most > 0 ? pressed(most) / most : 0;
    for (int i = 0; i < 3; i++)
        out[i] = srgb_value(map, srgb[i] * factor);
}

static unsigned value_at(const ToneMap *map, const void *row, int at)
{
    return map->values == 256 ? ((const uint8_t *) row)[at] : ((const uint16_t *) row)[at];
}

static void map_run(const PixelsRun *run, const void *state)
{
    const ToneMap *map = state;
    uint16_t *out = run->to;

    for (int at = 0; at < run->count * map->bands; at += map->bands) {
        float light[3];
        for (int i = 0; i < 3; i++)
            light[i] = map->light[value_at(map, run->from, at + i % map->colours)];
        map_pixel(map, light, out);
        out += 3;
        if (map->alpha)
            *out++ = (uint16_t) (value_at(map, run->from, at + map->bands - 1) *
                                 (map->values == 256 ? 257 : 1));
    }
}

VipsImage *tone_map(VipsImage *in, CicpKind kind, const Primaries *primaries)
{
    if (in->BandFmt != VIPS_FORMAT_UCHAR && in->BandFmt != VIPS_FORMAT_USHORT) {
        vips_error("tone map", "only 8 and 16 bits have high dynamic range");
        return NULL;
    }
    ToneMap *map = map_new(in, kind, primaries);
    VipsImage *out = pixels_map(in, NULL, 3 + map->alpha, VIPS_FORMAT_USHORT, map_run, map, 0);
    if (out)
        g_object_set_data_full(G_OBJECT(out), "tables", map, g_free);
    else
        g_free(map);
    return out;
}
