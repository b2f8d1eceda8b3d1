#include "actions/loader.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD = 32,         /* bytes that decide */
    ENTRY = 12,        /* bytes of a TIFF directory's entry */
    ENTRIES_MAX = 512, /* of a first directory that we look at; real ones have under 100 */
};

struct Loader {
    const char *extension;
    bool (*claims)(const unsigned char *head);
    VipsImage *(*open)(VipsSource *source, double shrink);
};

#define COMMON "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED

/* --- the bytes --- */

static bool is_jpeg(const unsigned char *head)
{
    return !memcmp(head, "\xff\xd8\xff", 3);
}

static bool is_png(const unsigned char *head)
{
    return !memcmp(head, "\x89PNG\r\n\x1a\n", 8);
}

static bool is_webp(const unsigned char *head)
{
    return !memcmp(head, "RIFF", 4) && !memcmp(head + 8, "WEBP", 4);
}

static bool is_gif(const unsigned char *head)
{
    return !memcmp(head, "GIF87a", 6) || !memcmp(head, "GIF89a", 6);
}

static bool is_tiff(const unsigned char *head)
{
    return !memcmp(head, "II*\0", 4) || !memcmp(head, "MM\0*", 4) || !memcmp(head, "II+\0", 4) ||
           !memcmp(head, "MM\0+", 4);
}

static bool has_brand(const unsigned char *head, const char *const *brands)
{
    if (memcmp(head + 4, "ftyp", 4) != 0)
        return false;
    for (; *brands; brands++)
        if (!memcmp(head + 8, *brands, 4))
            return true;
    return false;
}

static bool is_avif(const unsigned char *head)
{
    static const char *const brands[] = { "avif", "avis", NULL };

    return has_brand(head, brands);
}

static bool is_heif(const unsigned char *head)
{
    static const char *const brands[] = { "heic", "heix", "hevc", "hevx", "heim",
                                          "heis", "mif1", "msf1", NULL };

    return has_brand(head, brands);
}

/* --- the loaders --- */

/* libjpeg shrinks by averaging blocks, which is a touch too sharp: at least a factor of two is left
 * for the real filter, as vips_thumbnail() does it. */
static int jpeg_shrink(double shrink)
{
    return shrink >= 16 ? 8 : shrink >= 8 ? 4 : shrink >= 4 ? 2 : 1;
}

static VipsImage *open_jpeg(VipsSource *source, double shrink)
{
    VipsImage *image = NULL;

    return vips_jpegload_source(source, &image, COMMON, "shrink", jpeg_shrink(shrink), NULL)
               ? NULL
               : image;
}

static VipsImage *open_png(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    return vips_pngload_source(source, &image, COMMON, NULL) ? NULL : image;
}

static VipsImage *open_webp(VipsSource *source, double shrink)
{
    VipsImage *image = NULL;

    return vips_webpload_source(source, &image, COMMON, "scale", 1 / MAX(1, shrink), NULL) ? NULL
                                                                                           : image;
}

static VipsImage *open_gif(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    return vips_gifload_source(source, &image, COMMON, NULL) ? NULL : image;
}

static VipsImage *open_tiff(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    return vips_tiffload_source(source, &image, COMMON, NULL) ? NULL : image;
}

static VipsImage *open_heif(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    return vips_heifload_source(source, &image, COMMON, NULL) ? NULL : image;
}

static const Loader loaders[] = {
    { "jpg", is_jpeg, open_jpeg }, { "png", is_png, open_png },   { "webp", is_webp, open_webp },
    { "png", is_gif, open_gif },   { "tif", is_tiff, open_tiff }, { "avif", is_avif, open_heif },
    { "jpg", is_heif, open_heif },
};

/* --- camera RAW that looks like a TIFF --- */

typedef struct Tiff {
    int fd;
    bool big_endian;
} Tiff;

static uint32_t number(const Tiff *tiff, const unsigned char *bytes, int count)
{
    uint32_t value = 0;

    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[tiff->big_endian ? i : count - 1 - i];
    return value;
}

/* What the first directory says; a value that it does not give is 0. */
typedef struct Directory {
    uint32_t subfile, compression, photometric;
    bool has_subdirectories, dng;
} Directory;

static void read_entry(const Tiff *tiff, const unsigned char *entry, Directory *directory)
{
    enum { SHORT = 3 };
    uint32_t tag = number(tiff, entry, 2);
    uint32_t value = number(tiff, entry + 8, number(tiff, entry + 2, 2) == SHORT ? 2 : 4);

    switch (tag) {
    case 254: /* NewSubfileType */
        directory->subfile = value;
        break;
    case 259:
        directory->compression = value;
        break;
    case 262:
        directory->photometric = value;
        break;
    case 330: /* SubIFDs */
        directory->has_subdirectories = true;
        break;
    case 50706: /* DNGVersion */
        directory->dng = true;
        break;
    default:
        break;
    }
}

static bool read_directory(const Tiff *tiff, uint32_t offset, Directory *directory)
{
    unsigned char count[2];
    unsigned char entries[ENTRIES_MAX * ENTRY];

    if (pread(tiff->fd, count, sizeof(count), offset) != sizeof(count))
        return false;

    size_t size = MIN(number(tiff, count, 2), ENTRIES_MAX) * (size_t) ENTRY;
    if (pread(tiff->fd, entries, size, (off_t) offset + 2) != (ssize_t) size)
        return false;
    for (size_t at = 0; at < size; at += ENTRY)
        read_entry(tiff, entries + at, directory);
    return true;
}

/* DNG has its tag. NEF, ARW, PEF and their like call the first directory a reduced version and
 * keep the picture in a sub-directory, or show a mosaic or a maker's own compression. */
static bool is_raw(int fd, const unsigned char *head)
{
    enum {
        REDUCED = 1,
        MOSAIC = 32803,
        LINEAR_RAW = 34892,
        SONY = 32767,
        NIKON = 34713,
        PENTAX = 65535,
    };
    const Tiff tiff = { fd, head[0] == 'M' };
    Directory directory = { 0 };

    if (!memcmp(head + 8, "CR", 2)) /* Canon's mark, where no directory may lie */
        return true;
    if (number(&tiff, head + 2, 2) != 42 ||
        !read_directory(&tiff, number(&tiff, head + 4, 4), &directory))
        return false; /* a BigTIFF, or one that its loader will complain about */
    return directory.dng || (directory.has_subdirectories && (directory.subfile & REDUCED)) ||
           directory.photometric == MOSAIC || directory.photometric == LINEAR_RAW ||
           directory.compression == SONY || directory.compression == NIKON ||
           directory.compression == PENTAX;
}

/* --- in and out --- */

static const Loader *loader_claiming(const unsigned char *head)
{
    for (size_t i = 0; i < G_N_ELEMENTS(loaders); i++)
        if (loaders[i].claims(head))
            return &loaders[i];
    return NULL;
}

const Loader *loader_find(int fd, Error **err)
{
    unsigned char head[HEAD] = { 0 };
    const Loader *loader = NULL;

    if (pread(fd, head, sizeof(head), 0) < 0) {
        error_errno(err, errno, "cannot read the picture");
        return NULL;
    }
    loader = loader_claiming(head);
    if (!loader)
        error_set(err, ERROR_IMAGE, "give a JPEG, PNG, WebP, GIF, TIFF, HEIC or AVIF picture",
                  "this is not a picture that hotfolder reads");
    else if (loader->open == open_tiff && is_raw(fd, head)) {
        loader = NULL;
        error_set(err, ERROR_IMAGE, "develop it first, or drop the camera's JPEG",
                  "this is a camera RAW file, not yet supported");
    }
    return loader;
}

VipsImage *loader_open(const Loader *loader, VipsSource *source, double shrink)
{
    return loader->open(source, shrink);
}

const char *loader_extension(const Loader *loader)
{
    return loader->extension;
}
