/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/jpeg.h"

#include <string.h>

#include "formats/probe_internal.h"

Completeness jpeg_find_scan(Bytes *bytes, uint64_t *at)
{
    for (*at += 2;;) {
        const unsigned char *marker = bytes_at(bytes, *at, 4);

        if (!marker)
            return probe_verdict_at_end(bytes);
        if (marker[0] != JPEG_MARKER || marker[1] == 0 || marker[1] == JPEG_EOI)
            return COMPLETE_UNKNOWN;
        if (marker[1] == JPEG_MARKER) {
            *at += 1;
        } else if (jpeg_has_no_length(marker[1])) {
            *at += 2;
        } else {
            bool scan = marker[1] == JPEG_SOS;
            unsigned length = be16(marker + 2);

            if (length < 2)
                return COMPLETE_UNKNOWN;
            *at += 2 + length;
            if (scan)
                return COMPLETE_YES;
        }
    }
}

Completeness jpeg_find_end(Bytes *bytes, uint64_t *at)
{
    bytes->read_size = BYTES_WINDOW;
    for (;;) {
        size_t count = 0;
        const unsigned char *run = bytes_from(bytes, *at, &count);
        const unsigned char *marker = run ? memchr(run, JPEG_MARKER, count) : NULL;

        if (!run)
            return probe_verdict_at_end(bytes);
        *at += marker ? (uint64_t) (marker - run) : count;
        if (!marker)
            continue;
        marker = bytes_at(bytes, *at, 2);
        if (!marker)
            return probe_verdict_at_end(bytes);
        if (marker[1] == JPEG_MARKER) {
            *at += 1;
        } else if (marker[1] == 0 || marker[1] == JPEG_EOI || jpeg_has_no_length(marker[1])) {
            *at += 2;
            if (marker[1] == JPEG_EOI)
                return COMPLETE_YES;
        } else { /* tables between the scans of a progressive picture */
            marker = bytes_at(bytes, *at, 4);
            if (!marker)
                return probe_verdict_at_end(bytes);
            if (be16(marker + 2) < 2)
                return COMPLETE_UNKNOWN;
            *at += 2 + be16(marker + 2);
        }
    }
}
