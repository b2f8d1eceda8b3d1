/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TIFF and BigTIFF: every directory, value, strip and tile must lie inside the file. The same
 * walk recognises camera RAW, whose first directory is only a thumbnail: decoded as a TIFF, the
 * thumbnail would be taken for the picture. */
#include <string.h>

#include "formats/probe_internal.h"
#include "formats/tiff.h"

enum {
    PAGES_MAX = 4096,
    SUB_DIRECTORIES_MAX = 64,
    STRIPS_AT_ONCE = 256, /* strips compared at once */
};

enum {
    TAG_NEW_SUBFILE = 254,
    TAG_COMPRESSION = 259,
    TAG_PHOTOMETRIC = 262,
    TAG_MAKE = 271,
    TAG_STRIP_OFFSETS = 273,
    TAG_STRIP_BYTES = 279,
    TAG_TILE_OFFSETS = 324,
    TAG_TILE_BYTES = 325,
    TAG_SUB_IFDS = 330,
    TAG_DNG_VERSION = 50706,
};

typedef struct Directory {
    TiffEntry new_subfile, compression, photometric, make, sub_directories, dng;
    TiffEntry offsets[2], counts[2]; /* strips, tiles */
    uint64_t next;
} Directory;

typedef struct Tiff {
    Bytes *bytes;
    TiffReader reader;
    const char *outside; /* what extends beyond the end of the file; NULL: nothing */
    bool broken;
    bool raw;
    uint64_t sub_directories[SUB_DIRECTORIES_MAX];
    unsigned sub_directory_count;
} Tiff;

/* The first is named. */
static void note_outside(Tiff *tiff, const char *what)
{
    if (!tiff->outside)
        tiff->outside = what;
}

/* Notes that bytes are missing, and why; the callers continue with 0. */
static void note_missing(Tiff *tiff, const char *what)
{
    if (probe_verdict_at_end(tiff->bytes) == COMPLETE_NO)
        note_outside(tiff, what);
    else
        tiff->broken = true;
}

static uint64_t value_of(Tiff *tiff, const TiffEntry *entry, uint64_t index)
{
    return tiff_value(&tiff->reader, entry, index);
}

static TiffEntry *entry_for_tag(Directory *directory, unsigned tag)
{
    switch (tag) {
    case TAG_NEW_SUBFILE:
        return &directory->new_subfile;
    case TAG_COMPRESSION:
        return &directory->compression;
    case TAG_PHOTOMETRIC:
        return &directory->photometric;
    case TAG_MAKE:
        return &directory->make;
    case TAG_STRIP_OFFSETS:
        return &directory->offsets[0];
    case TAG_STRIP_BYTES:
        return &directory->counts[0];
    case TAG_TILE_OFFSETS:
        return &directory->offsets[1];
    case TAG_TILE_BYTES:
        return &directory->counts[1];
    case TAG_SUB_IFDS:
        return &directory->sub_directories;
    case TAG_DNG_VERSION:
        return &directory->dng;
    default:
        return NULL;
    }
}

static void note_entry(Tiff *tiff, const TiffEntry *entry, Directory *directory)
{
    TiffEntry *target = entry_for_tag(directory, entry->tag);
    unsigned size = tiff_type_size(entry->type);

    if (size == 0 || entry->count == 0)
        return; /* a type of the future: readers skip it */
    if (entry->count > tiff->bytes->size ||
        !bytes_in_file(tiff->bytes, entry->at, entry->count * size))
        note_outside(tiff, "a value in its directory");
    else if (target)
        *target = *entry;
}

/* Notes why tiff_enter() has failed. */
static void note_no_directory(Tiff *tiff, uint64_t at)
{
    const TiffLayout *layout = &tiff->reader.layout;
    const unsigned char *p = bytes_at(tiff->bytes, at, layout->count);
    uint64_t entries = p ? tiff_number(layout, p, layout->count) : 0;

    if (!p)
        note_missing(tiff, "a directory of it");
    else if (entries == 0 || entries > TIFF_ENTRIES_MAX)
        tiff->broken = true;
    else
        note_outside(tiff, "a directory of it");
}

static bool read_directory(Tiff *tiff, uint64_t at, Directory *directory)
{
    TiffEntry entry;

    *directory = (Directory){ 0 };
    if (!tiff_enter(&tiff->reader, at)) {
        note_no_directory(tiff, at);
        return false;
    }
    while (tiff_entry(&tiff->reader, &entry))
        note_entry(tiff, &entry, directory);
    directory->next = tiff_next(&tiff->reader);
    return true;
}

/* Reads blocks of both tables in turn: strip by strip, each would refill the window. */
static void check_strips(Tiff *tiff, const TiffEntry *offsets, const TiffEntry *counts)
{
    uint64_t total = MIN(offsets->count, counts->count);
    uint64_t start[STRIPS_AT_ONCE];

    for (uint64_t i = 0; i < total && !tiff->outside && !tiff->broken; i += STRIPS_AT_ONCE) {
        uint64_t some = MIN((uint64_t) STRIPS_AT_ONCE, total - i);

        for (uint64_t k = 0; k < some; k++)
            start[k] = value_of(tiff, offsets, i + k);
        for (uint64_t k = 0; k < some; k++) {
            uint64_t length = value_of(tiff, counts, i + k);

            /* offset 0 with a length: the writer fills it in later */
            if (!bytes_in_file(tiff->bytes, start[k], length) || (length && start[k] == 0))
                note_outside(tiff, "a part of its pixels");
        }
    }
}

static bool is_raw_compression(uint64_t compression)
{
    return compression == 34713 /* Nikon */ || compression == 32767 /* Sony */ ||
           compression == 65535 /* Pentax */ || compression == 65000 /* Kodak */ ||
           compression == 32770 /* Samsung */;
}

/* The signs of a camera: a mosaic of its sensor, DNG's own tag, a maker's compression, or a first
 * directory that is a thumbnail with the picture below it. */
static bool looks_raw(Tiff *tiff, const Directory *directory, bool first)
{
    uint64_t photometric = value_of(tiff, &directory->photometric, 0);

    if (photometric == 32803 || photometric == 34892 || directory->dng.count)
        return true;
    if (is_raw_compression(value_of(tiff, &directory->compression, 0)))
        return true;
    return first && directory->make.count && directory->sub_directories.count &&
           (value_of(tiff, &directory->new_subfile, 0) & 1);
}

static void add_sub_directories(Tiff *tiff, const Directory *directory)
{
    for (uint64_t i = 0;
         i < directory->sub_directories.count && tiff->sub_directory_count < SUB_DIRECTORIES_MAX;
         i++)
        tiff->sub_directories[tiff->sub_directory_count++] =
            value_of(tiff, &directory->sub_directories, i);
}

static uint64_t check_directory(Tiff *tiff, uint64_t at, bool first)
{
    Directory directory;

    if (!read_directory(tiff, at, &directory))
        return 0;
    tiff->raw |= looks_raw(tiff, &directory, first);
    for (int i = 0; i < 2; i++)
        check_strips(tiff, &directory.offsets[i], &directory.counts[i]);
    add_sub_directories(tiff, &directory);
    if (tiff->bytes->error)
        note_missing(tiff, "a part of it");
    return directory.next;
}

static void check_directories(Tiff *tiff, uint64_t first)
{
    uint64_t at = check_directory(tiff, first, true);

    /* What lies below the first directory shows a RAW, even when a later part is missing. */
    for (unsigned i = 0; i < tiff->sub_directory_count && !tiff->bytes->exhausted; i++) {
        const char *outside = tiff->outside;

        tiff->outside = NULL;
        check_directory(tiff, tiff->sub_directories[i], false);
        tiff->outside = outside ? outside : tiff->outside;
    }
    tiff->sub_directory_count = SUB_DIRECTORIES_MAX; /* those of later pages are not needed */
    for (int pages = 1; at && !tiff->outside && !tiff->broken && !tiff->raw; pages++) {
        if (pages == PAGES_MAX) /* too many, or a loop */
            tiff->broken = true;
        at = check_directory(tiff, at, false);
    }
}

/* Canon's CR2 has its mark between the header and the first directory. */
static bool is_canon_raw(const unsigned char *head, uint64_t first)
{
    return first == TIFF_HEADER && memcmp(head + 8, "CR\2", 4) == 0;
}

/* Phase One's IIQ: the byte order again, and the word "Raw" with a letter of its kind, in that
 * order. Where a plain TIFF begins with its pixels, they may be the first four bytes: greys of 73
 * or 77. */
static bool is_phase_one_raw(const unsigned char *head)
{
    return (memcmp(head + 8, "IIII", 4) == 0 && memcmp(head + 13, "waR", 3) == 0) ||
           (memcmp(head + 8, "MMMM", 4) == 0 && memcmp(head + 12, "Raw", 3) == 0);
}

void probe_tiff(Bytes *bytes, Probe *probe)
{
    Tiff tiff = { .bytes = bytes };
    uint64_t first = tiff_begin(&tiff.reader, bytes);
    const unsigned char *head = bytes_at(bytes, 0, TIFF_HEADER);

    probe->missing = "its directory";
    probe->complete = COMPLETE_NO;
    if (!head)
        return;
    tiff.raw = is_canon_raw(head, first) || is_phase_one_raw(head);
    if (first == 0) /* libtiff writes it last */
        tiff.outside = probe->missing;
    else
        check_directories(&tiff, first);
    if (tiff.outside)
        probe->missing = tiff.outside;

    if (tiff.raw) {
        probe->format = FORMAT_RAW;
        probe->kind = "camera RAW";
    }
    if (!tiff.outside)
        probe->complete = tiff.broken || bytes->exhausted ? COMPLETE_UNKNOWN : COMPLETE_YES;
}
