/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/samples.h"

#include <math.h>
#include <string.h>

VipsBandFormat samples_format(const Samples *samples)
{
    if (samples->kind == SAMPLE_FLOAT)
        return VIPS_FORMAT_FLOAT;
    return samples->bits <= 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT;
}

double samples_white(VipsBandFormat format)
{
    return format == VIPS_FORMAT_UCHAR ? 255 : 65535;
}

/* ---- pixels ---- */

double samples_get(VipsBandFormat format, const void *pixels, size_t index)
{
    if (format == VIPS_FORMAT_UCHAR)
        return ((const uint8_t *) pixels)[index];
    if (format == VIPS_FORMAT_USHORT)
        return ((const uint16_t *) pixels)[index];
    return ((const float *) pixels)[index];
}

void samples_put(VipsBandFormat format, void *pixels, size_t index, double value)
{
    if (format == VIPS_FORMAT_UCHAR)
        ((uint8_t *) pixels)[index] = (uint8_t) (fmin(fmax(value, 0), 255) + 0.5);
    else if (format == VIPS_FORMAT_USHORT)
        ((uint16_t *) pixels)[index] = (uint16_t) (fmin(fmax(value, 0), 65535) + 0.5);
    else
        ((float *) pixels)[index] = (float) fmin(fmax(value, -1e9), 1e9);
}

/* ---- one sample ---- */

/* The unsigned number of `bits` at `index`; what is no whole number of bytes begins with the
 * highest bit. */
static uint32_t unsigned_at(const unsigned char *row, unsigned bits, size_t index)
{
    uint16_t two = 0;
    uint32_t value = 0;

    switch (bits) {
    case 8:
        return row[index];
    case 16:
        memcpy(&two, row + 2 * index, 2);
        return two;
    case 32:
        memcpy(&value, row + 4 * index, 4);
        return value;
    default:
        break;
    }
    for (size_t bit = index * bits; bit < (index + 1) * bits; bit++)
        value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
    return value;
}

static double signed_of(uint32_t value, unsigned bits)
{
    uint32_t sign = UINT32_C(1) << (bits - 1);

    return value & sign ? (double) value - 2.0 * sign : (double) value;
}

/* A float of 1 sign, `exponent` bits and `fraction` bits. */
static double short_float(uint32_t value, unsigned exponent, unsigned fraction)
{
    int most = (1 << exponent) - 1;
    int power = (int) (value >> fraction) & most;
    double part = ldexp(value & ((UINT32_C(1) << fraction) - 1), -(int) fraction);
    double size = power ? ldexp(1 + part, power - most / 2) : ldexp(part, 1 - most / 2);

    if (power == most)
        size = part > 0 ? (double) NAN : (double) INFINITY;
    return value >> (exponent + fraction) & 1 ? -size : size;
}

/* In bytes of this machine's order, as libtiff gives 24 bits. */
static uint32_t three_bytes(const unsigned char *p)
{
    return G_BYTE_ORDER == G_LITTLE_ENDIAN
               ? (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
               : (uint32_t) p[2] | (uint32_t) p[1] << 8 | (uint32_t) p[0] << 16;
}

static double float_at(const unsigned char *row, unsigned bits, size_t index)
{
    float single = 0;
    double value = 0;

    switch (bits) {
    case 16:
        return short_float(unsigned_at(row, 16, index), 5, 10);
    case 24:
        return short_float(three_bytes(row + 3 * index), 7, 16);
    case 32:
        memcpy(&single, row + 4 * index, 4);
        return single;
    default:
        memcpy(&value, row + 8 * index, 8);
        return value;
    }
}

double samples_value(const Samples *samples, const unsigned char *row, size_t index)
{
    uint32_t value = 0;

    if (samples->kind == SAMPLE_FLOAT)
        return float_at(row, samples->bits, index);
    value =
        samples->bits == 24 ? three_bytes(row + 3 * index) : unsigned_at(row, samples->bits, index);
    return samples->kind == SAMPLE_SIGNED ? signed_of(value, samples->bits) : value;
}

/* ---- a row ---- */

/* What is no number is black, and what has no end is white or black. */
static double share_of(const Samples *samples, double value)
{
    double share = (value - samples->black) / (samples->white - samples->black);

    if (isinf(share))
        return share > 0 ? 1 : 0;
    return isnan(share) ? 0 : share;
}

static void convert_slowly(const Samples *samples, const unsigned char *row, size_t first,
                           size_t step, void *to, size_t to_step, size_t count)
{
    VipsBandFormat format = samples_format(samples);
    double white = samples_white(format);

    for (size_t i = 0; i < count; i++)
        samples_put(format, to, i * to_step,
                    white * share_of(samples, samples_value(samples, row, first + i * step)));
}

static void copy_8(const uint8_t *from, size_t step, uint8_t negative, uint8_t *to, size_t to_step,
                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i * to_step] = from[i * step] ^ negative;
}

static void copy_16(const uint16_t *from, size_t step, uint16_t negative, uint16_t *to,
                    size_t to_step, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i * to_step] = from[i * step] ^ negative;
}

/* Whether all values count, from the least to the greatest or back. */
static bool is_whole_range(const Samples *samples)
{
    double most = samples->bits == 8 ? 255 : 65535;

    return samples->kind == SAMPLE_UNSIGNED && (samples->bits == 8 || samples->bits == 16) &&
           MIN(samples->black, samples->white) == 0 && MAX(samples->black, samples->white) == most;
}

void samples_convert(const Samples *samples, const unsigned char *row, size_t first, size_t step,
                     void *to, size_t to_step, size_t count)
{
    bool negative = samples->white < samples->black;

    if (!is_whole_range(samples))
        convert_slowly(samples, row, first, step, to, to_step, count);
    else if (samples->bits == 8)
        copy_8(row + first, step, negative ? UINT8_MAX : 0, to, to_step, count);
    else
        copy_16((const uint16_t *) (const void *) row + first, step, negative ? UINT16_MAX : 0, to,
                to_step, count);
}

/* ---- alpha ---- */

void samples_unpremultiply(VipsBandFormat format, void *pixels, int bands, size_t count)
{
    double white = samples_white(format);

    for (size_t at = 0; at < count * bands; at += bands) {
        double alpha = samples_get(format, pixels, at + bands - 1);
        for (size_t i = at; i < at + bands - 1; i++) {
            double colour = samples_get(format, pixels, i);
            samples_put(format, pixels, i, alpha > 0 ? fmin(white, colour * white / alpha) : 0);
        }
    }
}

/* ---- Lab ---- */

static double lab_to_linear(double f)
{
    return f > 6.0 / 29 ? f * f * f : (f - 16.0 / 116) * 108 / 841;
}

static double srgb_of_linear(double value)
{
    return value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055;
}

/* The matrix is that of IEC 61966-2-1, adapted from D65 to D50 by Bradford's method. */
void samples_srgb_of_lab(const double lab[3], uint16_t rgb[3])
{
    static const double matrix[3][3] = { { 3.1338561, -1.6168667, -0.4906146 },
                                         { -0.9787684, 1.9161415, 0.0334540 },
                                         { 0.0719453, -0.2289914, 1.4052427 } };
    double y = (lab[0] + 16) / 116;
    double xyz[] = { 0.9642 * lab_to_linear(y + lab[1] / 500), lab_to_linear(y),
                     0.8249 * lab_to_linear(y - lab[2] / 200) };

    for (int i = 0; i < 3; i++) {
        double linear = matrix[i][0] * xyz[0] + matrix[i][1] * xyz[1] + matrix[i][2] * xyz[2];
        rgb[i] = (uint16_t) (65535 * srgb_of_linear(CLAMP(linear, 0, 1)) + 0.5);
    }
}
