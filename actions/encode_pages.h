/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode_pages.h - writes files of several pictures: a TIFF page by page, each as it comes, and GIF
 * and WebP from frames that are kept until the last one. One thread. */
#pragma once

#include "actions/encode.h"

typedef struct EncodePages EncodePages;

/* Whether a file of that format holds all of several pictures: of an animation, or else pages. */
bool encode_pages_holds(Format format, bool animated);

/* Bytes of a frame of that shape, and of what it becomes, until the file is complete. */
double encode_pages_kept(const Encoding *encoding, const Shape *shape);

/* What the whole file is to be. */
typedef struct EncodeEnd {
    int most;        /* how many pictures may come; steps may leave some out */
    int loop;        /* how often an animation is shown; 0: for ever */
    int64_t at_most; /* bytes; 0: any number. No other quality is tried. */
} EncodeEnd;

/* Begins to write to fd, as encode() does, but takes it over. */
EncodePages *encode_pages_new(const Encoding *encoding, const EncodeEnd *end, int fd);

/* Closes the file, which is complete only after encode_pages_end(). `data` is an EncodePages, or
 * NULL. */
void encode_pages_free(void *data);

Format encode_pages_format(const EncodePages *pages);

/* Adds the next picture: as encode(). `blocks` are of this page (but for `page`), of an animation
 * those of its first frame count; `delay_ms` is until the next frame. */
bool encode_pages_add(EncodePages *pages, VipsImage *pixels, const MetadataBlocks *blocks,
                      int delay_ms, Error **err);

bool encode_pages_end(EncodePages *pages, Error **err);
