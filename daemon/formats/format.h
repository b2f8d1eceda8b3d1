/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format.h - the formats of pictures that have a word in settings, and their names. Any thread. */
#pragma once

#include "config/param.h"

typedef enum Format {
    FORMAT_NONE, /* not a picture format that we know */
    FORMAT_JPEG,
    FORMAT_PNG,
    FORMAT_WEBP,
    FORMAT_GIF,
    FORMAT_TIFF,
    FORMAT_HEIF, /* HEIC and its relatives, except AVIF */
    FORMAT_AVIF,
    FORMAT_BMP,
    FORMAT_JXL,
    FORMAT_JP2,
    FORMAT_SVG,
    FORMAT_PDF,
    FORMAT_RAW, /* camera RAW, CR2, CR3, NEF, ARW, DNG, RAF, ORF, RW2, ...: never read as a TIFF */
    FORMAT_PPM, /* written only */
    FORMAT_COUNT
} Format;

#define FORMAT_BIT(format) (1U << (format))

/* The formats whose loaders libvips' maintainers trust, and BMP, which we read ourselves. The
 * others are read only if the configuration accepts them. */
#define FORMATS_TRUSTED                                                                            \
    (FORMAT_BIT(FORMAT_JPEG) | FORMAT_BIT(FORMAT_PNG) | FORMAT_BIT(FORMAT_WEBP) |                  \
     FORMAT_BIT(FORMAT_GIF) | FORMAT_BIT(FORMAT_TIFF) | FORMAT_BIT(FORMAT_HEIF) |                  \
     FORMAT_BIT(FORMAT_AVIF) | FORMAT_BIT(FORMAT_BMP))
/* The formats that actions/encoders.c writes. */
#define FORMATS_WRITTEN                                                                            \
    (FORMAT_BIT(FORMAT_JPEG) | FORMAT_BIT(FORMAT_PNG) | FORMAT_BIT(FORMAT_WEBP) |                  \
     FORMAT_BIT(FORMAT_TIFF) | FORMAT_BIT(FORMAT_AVIF) | FORMAT_BIT(FORMAT_HEIF) |                 \
     FORMAT_BIT(FORMAT_GIF) | FORMAT_BIT(FORMAT_JXL) | FORMAT_BIT(FORMAT_JP2) |                    \
     FORMAT_BIT(FORMAT_PPM))
/* The formats whose files `save` copies: of what runs in viewers, as scripts of SVG, it does not.
 */
#define FORMATS_COPIED  (FORMATS_WRITTEN | FORMAT_BIT(FORMAT_BMP) | FORMAT_BIT(FORMAT_RAW))
#define FORMATS_DEFAULT "{ jpeg, png, webp, gif, tiff, heif, avif, bmp }"

/* The words of a setting that lists formats; each value is a Format. */
extern const Choice format_choices[];

const char *format_word(Format format); /* "jpeg" */
const char *format_name(Format format); /* "JPEG" */

/* The library that decodes it, as people know it: "libjxl". NULL: none does. */
const char *format_library(Format format);

/* Why a folder does not accept it, static: "JPEG XL, which this folder does not accept: ...". */
const char *format_refusal(Format format);

/* The same where there is no folder, as in `hotfolder run`. */
const char *format_refusal_by_run(Format format);

/* The format that an extension ("jpg", "TIFF") stands for, or FORMAT_NONE. */
Format format_from_extension(const char *extension);
const char *format_extension(Format format); /* "jpg" */

/* "jpeg, png": the words of a list of formats, newly allocated. */
char *format_words(unsigned formats);

/* The format that the name of a file promises, or FORMAT_NONE. `extension`: where in `path` it
 * stands, as ".jpg"; NULL where there is none. */
Format format_promised(const char *path, const char **extension);

/* Whether the name of a file of this format ends in the extension of another format. */
bool format_contradicts_name(Format format, const char *name);
