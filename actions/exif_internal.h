/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exif_internal.h - an EXIF block in memory, for exif.c and exif_put.c alone. Positions count from
 * its start. */
#pragma once

#include "actions/exif.h"
#include "formats/tiff.h"

enum {
    EXIF_HEADER = 8,
    EXIF_ENTRY = 12,
    EXIF_ENTRIES_MAX = 4096,
    EXIF_LINK_PHOTO = 0x8769, /* entries that name directories */
    EXIF_LINK_INTEROP = 0xa005,
    EXIF_LINK_GPS = 0x8825,
};

struct Exif {
    GByteArray *bytes;
    TiffLayout layout;
};

bool exif_is_inside(const Exif *exif, uint64_t at, uint64_t length);
uint32_t exif_number_at(const Exif *exif, uint64_t at, unsigned length);
void exif_put_number(const Exif *exif, unsigned char *p, unsigned length, uint32_t number);

/* Makes bytes zeros, if they are inside. */
void exif_blank(const Exif *exif, uint64_t at, uint64_t length);

/* How many entries the directory at `at` has; 0 where it is damaged. */
unsigned exif_entries_of(const Exif *exif, uint64_t at);

/* Where the entry of `tag` lies in the directory at `at`, or 0. */
uint64_t exif_find_entry(const Exif *exif, uint64_t at, uint16_t tag);

/* Where a directory begins, or 0. */
uint64_t exif_directory_at(const Exif *exif, ExifDirectory directory);

uint64_t exif_entry_of(const Exif *exif, ExifTag tag);

/* Where the value of the entry at `entry` lies, and its bytes; false where it is not inside. */
bool exif_value_of(const Exif *exif, uint64_t entry, uint64_t *at, uint64_t *length);
