/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coded_webp.h - the coded picture of a WebP, without what the file says of itself. Any thread. */
#pragma once

#include <glib.h>

#include "formats/bytes.h"

typedef struct CodedWebp {
    uint64_t size;    /* of its chunks */
    bool transparent; /* some of it, as the file says */
    GArray *runs;     /* of CodedRun: its chunks, in order; owned */
} CodedWebp;

/* Finds it. False for an animation, and for a file that is damaged. */
bool coded_webp_find(Bytes *bytes, CodedWebp *coded);

/* A WebP of these chunks alone; NULL where the file cannot be read. Newly referenced. */
GByteArray *coded_webp_file(Bytes *bytes, const CodedWebp *coded);

void coded_webp_clear(CodedWebp *coded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CodedWebp, coded_webp_clear)
