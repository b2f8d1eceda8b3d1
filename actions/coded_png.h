/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coded_png.h - the coded picture of a PNG, without what the file says of itself. Any thread. */
#pragma once

#include <glib.h>

#include "actions/coded_run.h"
#include "formats/bytes.h"

typedef struct CodedPng {
    GByteArray
        *start;    /* signature, IHDR, PLTE and tRNS, and then the first 8 bytes of IDAT; owned */
    GArray *runs;  /* of CodedRun, in order: IDAT and IEND; owned */
    uint64_t size; /* bytes of all runs */
    int bands;     /* of its pixels: 1 or 3 colours, and transparency */
    bool deep;     /* they are of 16 bits */
    uint64_t unpacked; /* bytes of all rows */
} CodedPng;

/* Finds it. False for an animation, and for a file without IEND. */
bool coded_png_find(Bytes *bytes, CodedPng *coded);

/* Reads all of it: whether IDAT holds its rows and nothing more, which would come along. */
bool coded_png_is_exact(Bytes *bytes, const CodedPng *coded);

void coded_png_clear(CodedPng *coded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CodedPng, coded_png_clear)
