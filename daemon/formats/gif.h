/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gif.h - what the parts of a GIF file are made of. */
#pragma once

#include "formats/bytes.h"

enum { GIF_HEADER = 13, GIF_EXTENSION = 0x21, GIF_PICTURE = 0x2c, GIF_END = 0x3b };

/* Bytes of the table of colours that the flags of the header or of a picture announce. */
static inline uint64_t gif_table_size(unsigned flags)
{
    return flags & 0x80 ? UINT64_C(3) << ((flags & 7) + 1) : 0;
}

/* The position behind a chain of blocks; 0 where it does not end inside the file. */
static inline uint64_t gif_skip_chain(Bytes *bytes, uint64_t at)
{
    const unsigned char *length = NULL;

    while ((length = bytes_at(bytes, at, 1))) {
        at += 1 + (uint64_t) *length;
        if (*length == 0)
            return at;
    }
    return 0;
}
