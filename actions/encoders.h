/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encoders.h - how each format is written: its limits, which options it has, and the function that
 * does it. Constant data; the functions run in one thread. */
#pragma once

#include "actions/encoding.h"
#include "actions/libvips.h"

/* Of pixels of 16: every reader of HEIC knows 10; of 10, libaom with libheif 1.15 ends the process.
 */
enum { ENCODERS_HEIC_BITS = 10, ENCODERS_AVIF_BITS = 12 };

/* How one format is written: its limits, and what the settings mean there. */
typedef struct Encoder {
    /* Bytes a pixel, as measured at 24 and 54 megapixels beside the worker's own and its rows, and
     * a little more: otherwise, and with full colours (AVIF) or lossless (the others); quick: with
     * the least effort, of AVIF without alpha and of WebP without loss, or with the least quality
     * of HEIC. */
    double memory, memory_more, memory_alpha, memory_quick;
    const char *saver; /* libvips' name of it; NULL: it is our own */
    int (*write)(VipsImage *in, VipsTarget *target, const Encoding *e);
    unsigned options;     /* EncodeOption */
    int max_side;         /* pixels of a side, the format's own limit */
    VipsBandFormat depth; /* the deepest that it has */
    bool grey, transparent, inks;
    bool has_orientation, has_profile;
    bool has_density; /* beside EXIF */
} Encoder;

/* NULL: the format is not written. */
const Encoder *encoder_of(Format format);

/* Qualities of one step make the same file: encoders have fewer steps than 100. */
int encoders_step(Format format, int quality);

/* As encode_is_possible(). */
bool encoders_have(const Encoding *e, Error **err);

/* Whether a TIFF of these pixels may become larger than its 32 bits can count. */
bool encoders_tiff_is_big(double bytes, const Encoding *e);
