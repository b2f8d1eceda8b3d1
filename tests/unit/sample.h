/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sample.h - small files of every format, written byte by byte.
 *
 * They have the structure that the formats ask for, not a picture: for the parts of the daemon that
 * look at the structure only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* All newly allocated. */
GByteArray *sample_jpeg(void); /* with a thumbnail that has an end marker of its own */
GByteArray *sample_progressive(void);

/* Two JPEGs of one size that differ and have the same XXH3-128: `second` says which. */
GByteArray *sample_twin(bool second);
GByteArray *sample_png(void);
GByteArray *sample_gif(void);
GByteArray *sample_webp(void);
GByteArray *sample_bmp(void);
GByteArray *sample_bmp_runs(void);          /* compressed by run lengths, its last row not full */
GByteArray *sample_heif(const char *brand); /* "heic", "avif", ... */
GByteArray *sample_compact_heif(const char *codec); /* the same in one box "mini" */

GByteArray *sample_jxl(void); /* in boxes, the last of them at 32 */
GByteArray *sample_jp2(void); /* the same */
GByteArray *sample_pdf(void);

typedef struct SampleTiff {
    bool big_endian;
    bool big;         /* BigTIFF */
    bool data_last;   /* else the directory is last */
    bool make;        /* Make = "X" */
    bool sub;         /* a directory below the first, with photometric `sub_photometric` */
    unsigned subfile; /* NewSubfileType of the first */
    unsigned photometric;
    unsigned sub_photometric;
    unsigned compression;
    bool dng;
} SampleTiff;
GByteArray *sample_tiff(const SampleTiff *what);

void sample_text(GByteArray *bytes, const char *text); /* appends */
void sample_zeros(GByteArray *bytes, size_t count);
void sample_noise(GByteArray *bytes, size_t count); /* the same each time */
