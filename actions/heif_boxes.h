/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_boxes.h - walks the boxes of a HEIC or AVIF, for what libheif does not tell. */
#pragma once

#include "formats/bytes.h"

enum { HEIF_FULL_BOX = 4 /* bytes of version and flags */ };

/* The next box inside `parent`, `*at` behind it; false at the end, and where boxes are damaged. */
bool heif_next(Bytes *bytes, const Box *parent, uint64_t *at, Box *box);

/* The first box of the type inside `parent`, behind `skip` bytes of its own. */
bool heif_find(Bytes *bytes, const Box *parent, uint64_t skip, const char *type, Box *box);

/* The box of the file that describes its pictures. */
bool heif_find_meta(Bytes *bytes, Box *meta);

/* The number of `size` (0 to 8) bytes at *at, which moves behind it; 0 where the file ends. */
uint64_t heif_number(Bytes *bytes, uint64_t *at, unsigned size);

/* The number of the main item; 0: none is said. */
uint32_t heif_main_item(Bytes *bytes, const Box *meta);

/* Calls `found` for each property of the item: its number among all, from 1. */
void heif_properties_of(Bytes *bytes, const Box *meta, uint32_t item,
                        void (*found)(void *user, unsigned index), void *user);

/* The property of that number. */
bool heif_property(Bytes *bytes, const Box *meta, unsigned index, Box *box);
