/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff.h - the header and the numbers of TIFF and BigTIFF. Any thread may call it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TIFF_MAGIC_LITTLE    "II*\0"
#define TIFF_MAGIC_BIG       "MM\0*"
#define BIGTIFF_MAGIC_LITTLE "II+\0\x08\0\0\0"
#define BIGTIFF_MAGIC_BIG    "MM\0+\0\x08\0\0"

enum { TIFF_HEADER = 16 }; /* bytes that tiff_layout() and tiff_first_directory() read */

typedef struct TiffLayout {
    bool big_endian;
    unsigned word;  /* bytes of a count of values or an offset: 4, in BigTIFF 8 */
    unsigned count; /* bytes of a directory's number of entries: 2, in BigTIFF 8 */
    unsigned entry; /* bytes of an entry: 12, in BigTIFF 20 */
} TiffLayout;

/* Of the header of a file that begins with one of the magics. */
TiffLayout tiff_layout(const unsigned char *header);
uint64_t tiff_first_directory(const TiffLayout *layout, const unsigned char *header);

/* The unsigned number of `length` bytes at p. */
uint64_t tiff_number(const TiffLayout *layout, const unsigned char *p, unsigned length);

/* Bytes of one value of a type; 0 for an unknown type. */
unsigned tiff_type_size(uint64_t type);
