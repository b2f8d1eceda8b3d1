/* format.h - the formats of pictures that there is a word for, read or not. */
#pragma once

#include "config/param.h"

typedef enum Format {
    FORMAT_NONE, /* not a picture that we know */
    FORMAT_JPEG,
    FORMAT_PNG,
    FORMAT_WEBP,
    FORMAT_GIF,
    FORMAT_TIFF,
    FORMAT_HEIF, /* HEIC and its kin, but AVIF */
    FORMAT_AVIF,
    FORMAT_JXL,
    FORMAT_JP2,
    FORMAT_SVG,
    FORMAT_PDF,
    FORMAT_RAW, /* camera RAW, CR2, CR3, NEF, ARW, DNG, RAF, ORF, RW2, ...: never taken for a TIFF
                 */
    FORMAT_COUNT
} Format;

#define FORMAT_BIT(format) (1U << (format))

/* What libvips trusts its loaders with. The others, which its maintainers do not trust, are read
 * only where somebody asks for them. */
#define FORMATS_TRUSTED                                                                            \
    (FORMAT_BIT(FORMAT_JPEG) | FORMAT_BIT(FORMAT_PNG) | FORMAT_BIT(FORMAT_WEBP) |                  \
     FORMAT_BIT(FORMAT_GIF) | FORMAT_BIT(FORMAT_TIFF) | FORMAT_BIT(FORMAT_HEIF) |                  \
     FORMAT_BIT(FORMAT_AVIF))
/* What actions/encode.c writes. */
#define FORMATS_WRITTEN                                                                            \
    (FORMAT_BIT(FORMAT_JPEG) | FORMAT_BIT(FORMAT_PNG) | FORMAT_BIT(FORMAT_WEBP) |                  \
     FORMAT_BIT(FORMAT_TIFF) | FORMAT_BIT(FORMAT_AVIF))
#define FORMATS_USUAL "{ jpeg, png, webp, gif, tiff, heif, avif }"

/* The words of a setting that lists formats; a value is a Format. */
extern const Choice format_choices[];

const char *format_word(Format format); /* "jpeg" */
const char *format_name(Format format); /* "JPEG" */

/* "JPEG XL, which this folder does not accept: add it to ...", static; "raw, not yet supported". */
const char *format_refusal(Format format);

/* The format that an extension ("jpg", "TIFF") stands for, or FORMAT_NONE. */
Format format_of(const char *extension);
const char *format_extension(Format format); /* "jpg" */

/* "jpeg, png": the words of a list of formats, newly allocated. */
char *format_list(unsigned formats);

/* Whether the name of a file of this format ends in another one's extension. */
bool format_belied(Format format, const char *name);
