/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff.h - the header, the numbers and the directories of TIFF and BigTIFF, and which directory is
 * the picture's. Any thread may call it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "formats/bytes.h"

#define TIFF_MAGIC_LITTLE    "II*\0"
#define TIFF_MAGIC_BIG       "MM\0*"
#define BIGTIFF_MAGIC_LITTLE "II+\0\x08\0\0\0"
#define BIGTIFF_MAGIC_BIG    "MM\0+\0\x08\0\0"

enum {
    TIFF_HEADER = 16,        /* bytes that tiff_layout() and tiff_first_directory() read */
    TIFF_ENTRIES_MAX = 4096, /* in a directory; no program writes more */
};

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

/* Types of values. */
enum { TYPE_BYTE = 1, TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_RATIONAL = 5, TYPE_UNDEFINED = 7 };

/* Bytes of one value of a type; 0 for an unknown type. */
unsigned tiff_type_size(uint64_t type);

/* Reads a file directory by directory, and each of them entry by entry. */
typedef struct TiffReader {
    Bytes *bytes;
    TiffLayout layout;
    uint64_t at;   /* where the next entry lies */
    uint64_t left; /* entries from there on */
} TiffReader;

typedef struct TiffEntry {
    unsigned tag, type;
    uint64_t count; /* of values; as the file says it */
    uint64_t at;    /* where the values lie; the file may end before them */
} TiffEntry;

/* Begins to read a file (borrowed) that begins with one of the magics. Returns where its first
 * directory lies; 0: it has none. */
uint64_t tiff_begin(TiffReader *reader, Bytes *bytes);

/* Goes to the first entry of the directory at `at`. False where the directory is not whole, or has
 * no entries or more than TIFF_ENTRIES_MAX. */
bool tiff_enter(TiffReader *reader, uint64_t at);

/* Reads an entry, and goes to the next; false behind the last. */
bool tiff_entry(TiffReader *reader, TiffEntry *entry);

/* One of the values of an entry of unsigned integers; 0 where there is none. */
uint64_t tiff_value(const TiffReader *reader, const TiffEntry *entry, uint64_t index);

/* Where the directory behind the current one lies; 0: it is the last. */
uint64_t tiff_next(const TiffReader *reader);

typedef struct TiffPages {
    unsigned directories; /* one after the other; each counts once, even where they form a circle */
    unsigned pictures;    /* of these: neither reduced copies nor masks */
    unsigned chosen; /* the first of the pictures is so many directories behind the first one */
    uint64_t at;     /* where that directory lies; 0: there is none */
} TiffPages;

/* All pages, as far as the budget of `bytes` allows it, at most 65536. Where none is a picture, the
 * first is chosen. */
TiffPages tiff_pages(Bytes *bytes);

/* Where the directory of the chosen page lies, without a look at the pages behind it; 0: there is
 * none. */
uint64_t tiff_picture(Bytes *bytes);

/* Where the directories of all pictures lie, in their order: of uint64_t, newly allocated; where
 * none is a picture, the first. *whole is false where a directory could not be read, and pictures
 * may be missing. */
GArray *tiff_pictures(Bytes *bytes, bool *whole);
