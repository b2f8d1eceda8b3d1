/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 15444-1, annex I. libvips 8.14 names neither the alpha nor the colour profile, so only
 * the data is taken over. EXIF, XMP and IPTC are in uuid boxes, as ExifTool and Exiv2 know them. */
#include "actions/blocks_jp2.h"

#include <math.h>
#include <string.h>

#include "actions/put_boxes.h"
#include "formats/bytes.h"

enum { UUID = 16 };

static const char of_exif[] = "JpgTiffExif->JP2";
static const char of_xmp[] = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
static const char of_iptc[] = "\x33\xc7\xa4\xd2\xb8\x1d\x47\x23\xa0\xba\xf1\xa3\xe0\x97\xad\x38";

static void put(GByteArray *to, const void *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
}

/* ---- jp2h ---- */

static void put_ihdr(GByteArray *to, const Jp2Kind *kind)
{
    enum { WAVELETS = 7 };
    unsigned box = put_box_begin(to, "ihdr");

    put_number(to, (uint64_t) kind->height, 4);
    put_number(to, (uint64_t) kind->width, 4);
    put_number(to, kind->colours + kind->alpha, 2);
    put_number(to, kind->bits - 1, 1);
    put_number(to, WAVELETS, 1);
    put_number(to, 0, 2); /* the space is known; no rights */
    put_box_end(to, box);
}

static void put_colr(GByteArray *to, const Jp2Kind *kind, GBytes *profile)
{
    enum { NAMED = 1, BY_PROFILE = 2, SRGB = 16, GREY = 17 };
    unsigned box = put_box_begin(to, "colr");

    put_number(to, profile ? BY_PROFILE : NAMED, 1);
    put_number(to, 0, 2); /* precedence and exactness */
    if (profile)
        put_bytes(to, profile);
    else
        put_number(to, kind->colours == 1 ? GREY : SRGB, 4);
    put_box_end(to, box);
}

static void put_cdef(GByteArray *to, const Jp2Kind *kind)
{
    enum { COLOUR, OPACITY };

    if (!kind->alpha)
        return;
    unsigned box = put_box_begin(to, "cdef");
    put_number(to, kind->colours + 1, 2);
    for (unsigned i = 0; i <= kind->colours; i++) {
        put_number(to, i, 2);
        put_number(to, i < kind->colours ? COLOUR : OPACITY, 2);
        put_number(to, i < kind->colours ? i + 1 : 0, 2); /* 0: of the whole picture */
    }
    put_box_end(to, box);
}

/* A fraction of 16 bits each. */
static void put_fraction(GByteArray *to, double value)
{
    unsigned below = 1;

    while (value * below * 10 <= UINT16_MAX && below < 1000)
        below *= 10;
    put_number(to, (uint64_t) CLAMP(rint(value * below), 1, UINT16_MAX), 2);
    put_number(to, below, 2);
}

/* Zero up to 1664 dpi: some programs do not read it. */
static int exponent_of(double value)
{
    int exponent = 0;

    while (value / pow(10, exponent) > UINT16_MAX && exponent < INT8_MAX)
        exponent++;
    return exponent;
}

/* Pixels a metre, as captured: what programs read as the density. Each is a fraction times a power
 * of ten. */
static void put_res(GByteArray *to, Density density)
{
    const double inch = 0.0254, cm = 0.01;
    const double unit = density.unit == DENSITY_INCH ? inch : cm;
    const double x = density.x / unit, y = density.y / unit;

    if (density.unit != DENSITY_INCH && density.unit != DENSITY_CM)
        return;
    unsigned all = put_box_begin(to, "res ");
    unsigned box = put_box_begin(to, "resc");
    put_fraction(to, y / pow(10, exponent_of(y)));
    put_fraction(to, x / pow(10, exponent_of(x)));
    put_number(to, (uint64_t) exponent_of(y), 1);
    put_number(to, (uint64_t) exponent_of(x), 1);
    put_box_end(to, box);
    put_box_end(to, all);
}

static void put_header(GByteArray *to, const Jp2Kind *kind, const MetadataBlocks *blocks,
                       GBytes *profile)
{
    unsigned box = put_box_begin(to, "jp2h");

    put_ihdr(to, kind);
    put_colr(to, kind, profile);
    put_cdef(to, kind);
    put_res(to, blocks->density);
    put_box_end(to, box);
}

/* ---- the file ---- */

static void put_uuid(GByteArray *to, const char *uuid, GBytes *block)
{
    if (!block)
        return;
    unsigned box = put_box_begin(to, "uuid");
    put(to, uuid, UUID);
    put_bytes(to, block);
    put_box_end(to, box);
}

/* The data of the file; its size is 0 where there is none. */
static const unsigned char *find_data(const unsigned char *file, size_t length, size_t *size)
{
    enum { HEAD = 8 };

    *size = 0;
    for (size_t at = 0, whole = 0; at + HEAD <= length; at += whole) {
        const unsigned char *box = file + at;
        whole = be32(box) ? be32(box) : length - at;
        if (whole < HEAD || whole > length - at)
            return NULL;
        if (!memcmp(box + 4, "jp2c", 4)) {
            *size = whole - HEAD;
            return box + HEAD;
        }
    }
    return NULL;
}

GByteArray *blocks_jp2_write(const unsigned char *file, size_t length, const Jp2Kind *kind,
                             const MetadataBlocks *blocks, GBytes *profile)
{
    static const char start[] = "\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14"
                                "ftypjp2 \0\0\0\0jp2 ";
    g_autoptr(GByteArray) to = g_byte_array_new();
    size_t size = 0;
    const unsigned char *data = find_data(file, length, &size);

    if (!data)
        return NULL;
    put(to, start, sizeof(start) - 1);
    put_header(to, kind, blocks, profile);
    put_uuid(to, of_exif, blocks->exif);
    put_uuid(to, of_xmp, blocks->xmp);
    put_uuid(to, of_iptc, blocks->iptc);
    unsigned box = put_box_begin(to, "jp2c");
    put(to, data, size);
    put_box_end(to, box);
    return g_steal_pointer(&to);
}
