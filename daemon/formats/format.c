/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/format.h"

#include <string.h>

typedef struct Row {
    const char *word, *name, *refusal, *refusal_by_run;
    const char *library;           /* that decodes it, as its package is called; NULL: none */
    const char *const *extensions; /* the usual one first; NULL ends them */
} Row;

#define EXTENSIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define ROW(word, name, library, ...) ROW_OF(word, name, library, EXTENSIONS(__VA_ARGS__))

#define ROW_OF(word, name, library, extensions)                                                    \
    {                                                                                              \
        word, name, name ", which this folder does not accept: `accept += { " word " }` adds it",  \
            name ", which is not accepted: `defaults { accept += { " word                          \
                 " } }` in the configuration adds it",                                             \
            library, extensions                                                                    \
    }

/* What cameras call it, as LibRaw reads it; a .tif is a TIFF by its name. */
static const char *const raw_extensions[] = {
    "dng", "3fr", "ari", "arw", "bay", "cr2", "cr3", "crw", "dcr", "dcs", "drf", "erf",
    "fff", "gpr", "iiq", "k25", "kdc", "mef", "mos", "mrw", "nef", "nrw", "orf", "ori",
    "pef", "ptx", "raf", "raw", "rw2", "rwl", "rwz", "sr2", "srf", "srw", "x3f", NULL,
};

static const Row rows[FORMAT_COUNT] = {
    [FORMAT_NONE] = { "none", "no picture", "no picture", "no picture", NULL, EXTENSIONS(NULL) },
    [FORMAT_JPEG] = ROW("jpeg", "JPEG", "libjpeg", "jpg", "jpeg", "jpe", "jfif"),
    [FORMAT_PNG] = ROW("png", "PNG", "libpng", "png"),
    [FORMAT_WEBP] = ROW("webp", "WebP", "libwebp", "webp"),
    [FORMAT_GIF] = ROW("gif", "GIF", "libvips (nsgif)", "gif"),
    [FORMAT_TIFF] = ROW("tiff", "TIFF", "libtiff", "tif", "tiff"),
    [FORMAT_HEIF] = ROW("heif", "HEIC", "libheif", "heic", "heif", "hif"),
    [FORMAT_AVIF] = ROW("avif", "AVIF", "libheif", "avif", "heif"),
    [FORMAT_BMP] = ROW("bmp", "BMP", "hotfolder", "bmp", "dib"),
    [FORMAT_JXL] = ROW("jxl", "JPEG XL", "libjxl", "jxl"),
    [FORMAT_JP2] = ROW("jp2", "JPEG 2000", "OpenJPEG", "jp2", "j2k", "jpf", "j2c"),
    [FORMAT_SVG] = ROW("svg", "SVG", "librsvg", "svg"),
    [FORMAT_PDF] = ROW("pdf", "PDF", "poppler", "pdf"),
    [FORMAT_RAW] = ROW_OF("raw", "camera RAW", "LibRaw", raw_extensions),
    [FORMAT_PPM] = { "ppm", "PPM", "PPM, which hotfolder only writes: convert it to PNG first",
                     "PPM, which hotfolder only writes: convert it to PNG first", NULL,
                     EXTENSIONS("ppm", "pnm") },
};

const Choice format_choices[] = {
    { "jpeg", FORMAT_JPEG, "JPEG" },
    { "png", FORMAT_PNG, "PNG" },
    { "webp", FORMAT_WEBP, "WebP" },
    { "gif", FORMAT_GIF, "GIF, its first picture" },
    { "tiff", FORMAT_TIFF, "TIFF, its first page" },
    { "heif", FORMAT_HEIF, "HEIF and HEIC, from phones" },
    { "avif", FORMAT_AVIF, "AVIF" },
    { "bmp", FORMAT_BMP, "BMP, of Windows and OS/2" },
    { "jxl", FORMAT_JXL, "JPEG XL; accept this and the four below only from people you trust" },
    { "jp2", FORMAT_JP2, "JPEG 2000" },
    { "svg", FORMAT_SVG, "SVG" },
    { "pdf", FORMAT_PDF, "PDF, its first page at 300 dpi" },
    { "raw", FORMAT_RAW, "camera RAW: DNG, NEF, CR2, CR3, ARW, RAF, ORF, RW2 and others" },
    { NULL, 0, NULL },
};

const char *format_word(Format format)
{
    return rows[format].word;
}

const char *format_name(Format format)
{
    return rows[format].name;
}

const char *format_library(Format format)
{
    return rows[format].library;
}

const char *format_refusal(Format format)
{
    return rows[format].refusal;
}

const char *format_refusal_by_run(Format format)
{
    return rows[format].refusal_by_run;
}

const char *format_extension(Format format)
{
    return rows[format].extensions[0];
}

static bool has_extension(Format format, const char *extension)
{
    for (const char *const *known = rows[format].extensions; *known; known++)
        if (!g_ascii_strcasecmp(*known, extension))
            return true;
    return false;
}

Format format_from_extension(const char *extension)
{
    for (Format format = FORMAT_JPEG; format < FORMAT_COUNT; format++)
        if (has_extension(format, extension))
            return format;
    return FORMAT_NONE;
}

char *format_words(unsigned formats)
{
    GString *list = g_string_new(NULL);

    for (const Choice *choice = format_choices; choice->word; choice++)
        if (formats & FORMAT_BIT(choice->value))
            g_string_append_printf(list, "%s%s", list->len ? ", " : "", choice->word);
    return g_string_free(list, FALSE);
}

Format format_promised(const char *path, const char **extension)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    *extension = dot;
    return dot && dot != name ? format_from_extension(dot + 1) : FORMAT_NONE;
}

bool format_contradicts_name(Format format, const char *name)
{
    const char *extension = NULL;

    return format_promised(name, &extension) != FORMAT_NONE &&
           !has_extension(format, extension + 1);
}
