/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw_previews.h - the JPEG files that lie in a camera's RAW: where, and how large. Pictures that
 * are parts of the RAW itself, as lossless JPEG, are none. Any thread. */
#pragma once

#include "formats/bytes.h"

typedef struct RawPreview {
    uint64_t at, length;
    int width, height; /* as stored */
    bool progressive;
} RawPreview;

/* Those that the directories of a TIFF name, and those of its relatives of Olympus, Panasonic, Fuji
 * and Canon: of RawPreview, the smallest first, each once. Newly allocated. */
GArray *raw_previews_find(Bytes *bytes);
