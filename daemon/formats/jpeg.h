/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jpeg.h - the markers of a JPEG file, 0xff and one of these bytes, and its segments. Any thread.
 */
#pragma once

#include "formats/bytes.h"
#include "formats/probe_result.h"

#define JPEG_MAGIC "\xff\xd8\xff" /* SOI, and the first byte of the next marker */

typedef enum JpegMarker {
    JPEG_TEM = 0x01,
    JPEG_RST0 = 0xd0, /* to RST7 */
    JPEG_RST7 = 0xd7,
    JPEG_SOI = 0xd8,
    JPEG_EOI = 0xd9,
    JPEG_SOS = 0xda,
    JPEG_APP0 = 0xe0, /* to APP15: metadata */
    JPEG_APP15 = 0xef,
    JPEG_COM = 0xfe,
    JPEG_MARKER = 0xff, /* begins each marker; may be repeated before one */
} JpegMarker;

/* Whether no length follows the marker. After EOI nothing follows. */
static inline bool jpeg_has_no_length(unsigned marker)
{
    return marker == JPEG_TEM || (marker >= JPEG_RST0 && marker <= JPEG_RST7) || marker == JPEG_SOI;
}

/* Skips the segments of the JPEG that begins at *at, to its first scan: COMPLETE_YES with *at
 * behind the header of the scan. Embedded pictures with end markers of their own (thumbnail,
 * preview) lie inside the segments. */
Completeness jpeg_find_scan(Bytes *bytes, uint64_t *at);

/* Reads all scans from *at, inside one: COMPLETE_YES with *at behind the end marker. */
Completeness jpeg_find_end(Bytes *bytes, uint64_t *at);

enum { JPEG_FIRST = 2 /* where the first marker behind SOI lies */ };

typedef struct JpegSegment {
    unsigned marker;
    uint64_t at; /* of its data, behind its length; the file may end before them */
    size_t length;
} JpegSegment;

/* The segment at *at, which moves behind it; false at the first scan, and where the file ends or is
 * damaged. */
static inline bool jpeg_next(Bytes *bytes, uint64_t *at, JpegSegment *segment)
{
    const unsigned char *p = NULL;

    while ((p = bytes_at(bytes, *at, 4)) && p[0] == JPEG_MARKER) {
        unsigned length = be16(p + 2);
        if (p[1] == JPEG_MARKER) {
            *at += 1;
        } else if (jpeg_has_no_length(p[1])) {
            *at += 2;
        } else {
            *segment = (JpegSegment){ p[1], *at + 4, length - 2U };
            *at += 2U + length;
            return p[1] && p[1] != JPEG_SOS && p[1] != JPEG_EOI && length >= 2;
        }
    }
    return false;
}
