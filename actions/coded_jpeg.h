/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coded_jpeg.h - the coded picture of a JPEG, without what the file says of itself. Any thread. */
#pragma once

#include <glib.h>

#include "actions/coded_run.h"
#include "formats/bytes.h"

typedef struct CodedJpeg {
    GArray *runs;     /* of CodedRun, in order: all but SOI, APP and COM, up to EOI; owned */
    uint64_t size;    /* bytes of all runs */
    unsigned colours; /* 1 or 3 */
    bool progressive;
    bool needs_jfif;   /* without JFIF its colours would be others */
    bool refuses_jfif; /* with JFIF its colours would be others */
} CodedJpeg;

/* Finds it. False for a file without EOI, and for kinds that few programs read: of arithmetic
 * codes, without loss, hierarchical, of other colours than grey and three. */
bool coded_jpeg_find(Bytes *bytes, CodedJpeg *coded);

void coded_jpeg_clear(CodedJpeg *coded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CodedJpeg, coded_jpeg_clear)
