/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 18181-1, the headers at the start of the codestream: its size, and then what the picture
 * is. Bits are counted from the lowest of each byte on. */
#include "actions/jxl_check.h"

#include <string.h>

#include "actions/damage.h"
#include "formats/bytes.h"

/* All headers that come before the mark of an animation have fewer bytes. */
enum { HEADERS = 64 };

typedef struct Headers {
    unsigned char bytes[HEADERS];
    size_t length; /* bytes that are there */
    size_t at;     /* bits that have been read */
} Headers;

/* ---- where they lie ---- */

static void append(Headers *headers, Bytes *bytes, uint64_t at, uint64_t length)
{
    uint64_t left = at < bytes->size ? bytes->size - at : 0;
    size_t wanted = (size_t) MIN(MIN(length, left), HEADERS - headers->length);

    if (wanted && bytes_copy(bytes, at, headers->bytes + headers->length, wanted))
        headers->length += wanted;
}

/* A codestream may be in parts, each behind its number. */
static void find_in_boxes(Headers *headers, Bytes *bytes)
{
    enum { BOXES = 64, NUMBER = 4 };
    Box box;
    uint64_t at = 0;

    for (int i = 0; i < BOXES && headers->length < HEADERS && box_read(bytes, at, &box); i++) {
        uint64_t skipped = box.header + (strcmp(box.type, "jxlp") ? 0 : NUMBER);
        if ((!strcmp(box.type, "jxlc") || !strcmp(box.type, "jxlp")) && box.length > skipped)
            append(headers, bytes, at + skipped, box.length - skipped);
        at += box.length;
    }
}

static bool find(Headers *headers, int fd)
{
    enum { BUDGET = 1024 * 1024 };
    static const char start[] = "\xff\x0a";
    Bytes bytes;

    if (!bytes_begin(&bytes, fd, BUDGET))
        return false;
    append(headers, &bytes, 0, HEADERS);
    if (headers->length >= 2 && memcmp(headers->bytes, start, 2) != 0) {
        headers->length = 0;
        find_in_boxes(headers, &bytes);
    }
    headers->at = 2 * (size_t) 8;
    return headers->length >= 2 && memcmp(headers->bytes, start, 2) == 0;
}

/* ---- their bits ---- */

/* 0 behind the end. */
static unsigned take(Headers *headers, unsigned count)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < count; i++, headers->at++)
        if (headers->at / 8 < headers->length)
            bits |= (headers->bytes[headers->at / 8] >> headers->at % 8 & 1U) << i;
    return bits;
}

/* A number of one of four lengths, whose value does not matter here. */
static void skip_number(Headers *headers, const unsigned lengths[4])
{
    take(headers, lengths[take(headers, 2)]);
}

/* `lengths` NULL: it has five bits. */
static void skip_side(Headers *headers, const unsigned lengths[4])
{
    enum { EIGHTHS = 5 };

    if (lengths)
        skip_number(headers, lengths);
    else
        take(headers, EIGHTHS);
}

/* The height, and the width where it does not follow from that: in eighths of their pixels, or in
 * pixels. */
static void skip_sides(Headers *headers, const unsigned eighths[4], const unsigned pixels[4])
{
    const unsigned *lengths = take(headers, 1) ? eighths : pixels;

    skip_side(headers, lengths);
    if (!take(headers, 3))
        skip_side(headers, lengths);
}

static void skip_size(Headers *headers)
{
    static const unsigned pixels[] = { 9, 13, 18, 30 };

    skip_sides(headers, NULL, pixels);
}

static void skip_preview(Headers *headers)
{
    static const unsigned eighths[] = { 0, 0, 5, 9 }, pixels[] = { 6, 8, 10, 12 };

    skip_sides(headers, eighths, pixels);
}

/* Whether a mark says that the pictures are frames of an animation. */
static bool is_animated(int fd)
{
    enum { ORIENTATION = 3 };
    Headers headers = { 0 };

    if (!find(&headers, fd))
        return false;
    skip_size(&headers);
    if (take(&headers, 1) || !take(&headers, 1)) /* all is as usual, or has no more fields */
        return false;
    take(&headers, ORIENTATION);
    if (take(&headers, 1))
        skip_size(&headers); /* as it is to be shown */
    if (take(&headers, 1))
        skip_preview(&headers);
    return take(&headers, 1);
}

bool jxl_check(int fd)
{
    if (!is_animated(fd))
        return true;
    damage_refuse(g_strdup("it is an animated JPEG XL, of which the libvips of this machine reads "
                           "only the last frame"),
                  "export it as GIF or WebP, or the frame that you want as PNG");
    return false;
}
