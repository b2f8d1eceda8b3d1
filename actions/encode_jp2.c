/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OpenJPEG estimates what it loses by what is usual for many pixels with details. Of few pixels,
 * and of pictures that are nearly of one colour, it leaves out what it may not: a white picture
 * becomes grey, 31 of 255 too dark, with each quality. */
#include "actions/encode_jp2.h"

#include <math.h>

#include "actions/pixels.h"

/* How large the noise may be, in decibels below white. */
int encode_jp2_step(int quality)
{
    const double least = 20, each = 0.35;

    return (int) floor(least + each * quality);
}

/* Without loss these have at most 4 kB. */
static bool has_few_pixels(const VipsImage *in)
{
    enum { FEW = 1024 };

    return (double) in->Xsize * in->Ysize < FEW;
}

/* Columns of vips_stats(), whose row 0 is of all bands. */
enum { SQUARES = 3, DEVIATION = 5 };

/* Whether the values of no band are far from their mean. */
static bool is_nearly_flat(VipsImage *held)
{
    const double near = 4.0 / 255;
    g_autoptr(VipsImage) stats = NULL;

    if (vips_stats(held, &stats, NULL))
        return false;
    for (int band = 1; band <= held->Bands; band++)
        if (*VIPS_MATRIX(stats, DEVIATION, band) > near * pixels_white(held))
            return false;
    return true;
}

/* libvips does not trust OpenJPEG, since it decodes what strangers send; here it decodes ours. */
static VipsImage *decoded(void *bytes, size_t size)
{
    VipsImage *image = NULL;

    vips_operation_block_set("VipsForeignLoadJp2k", FALSE);
    int failed = vips_jp2kload_buffer(bytes, size, &image, NULL);
    vips_operation_block_set("VipsForeignLoadJp2k", TRUE);
    return failed ? NULL : image;
}

/* Whether the noise is clearly larger than what was asked for. */
static bool is_spoiled(VipsImage *held, void *bytes, size_t size, double asked)
{
    const double tolerance = 1.5, rounding = 0.5;
    g_autoptr(VipsImage) made = decoded(bytes, size);
    g_autoptr(VipsImage) noise = NULL;
    g_autoptr(VipsImage) stats = NULL;

    if (!made || made->Bands != held->Bands || vips_subtract(held, made, &noise, NULL) ||
        vips_stats(noise, &stats, NULL))
        return true;
    double values = (double) held->Xsize * held->Ysize * held->Bands;
    double found = sqrt(*VIPS_MATRIX(stats, SQUARES, 0) / values);
    return found > tolerance * pixels_white(held) / pow(10, asked / 20) + rounding;
}

static int write_exactly(VipsImage *in, VipsTarget *target)
{
    return vips_jp2ksave_target(in, target, "lossless", TRUE, NULL);
}

/* Without loss where its colours would be wrong: that takes few bytes here. */
static int write_nearly_flat(VipsImage *held, VipsTarget *target, double asked)
{
    g_autofree void *bytes = NULL;
    size_t size = 0;

    if (vips_jp2ksave_buffer(held, &bytes, &size, "Q", (int) asked, NULL))
        return -1;
    if (is_spoiled(held, bytes, size, asked)) {
        vips_error_clear();
        return write_exactly(held, target);
    }
    return vips_target_write(target, bytes, size) ? -1 : vips_target_end(target);
}

int encode_jp2(VipsImage *in, VipsTarget *target, int quality, bool lossless)
{
    const double asked = encode_jp2_step(quality);
    g_autoptr(VipsImage) held = NULL;

    if (lossless || has_few_pixels(in))
        return write_exactly(in, target);
    held = pixels_in_memory(in);
    if (!held)
        return -1;
    return is_nearly_flat(held) ? write_nearly_flat(held, target, asked)
                                : vips_jp2ksave_target(held, target, "Q", (int) asked, NULL);
}
