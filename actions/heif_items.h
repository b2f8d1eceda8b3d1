/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_items.h - the items of a HEIC or AVIF: pictures, tiles, metadata; what kind each is of, and
 * its bytes. */
#pragma once

#include "actions/heif_boxes.h"

typedef struct HeifItem {
    uint32_t number;
    char type[5];     /* "hvc1", "grid", "Exif", "mime" */
    uint64_t at, end; /* of what its entry says behind the type */
} HeifItem;

/* The box that lists them, *at the first of them; false: there is none. */
bool heif_find_items(Bytes *bytes, const Box *meta, Box *items, uint64_t *at);

/* The next item of it, *at behind it; false at the end. */
bool heif_next_item(Bytes *bytes, const Box *items, uint64_t *at, HeifItem *item);

/* Appends the bytes of an item, at most `most`; false, perhaps with a part of them, where they are
 * more, or not all in the file. */
bool heif_item_data(Bytes *bytes, const Box *meta, uint32_t item, uint64_t most, GByteArray *data);
