/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a picture whose metadata is read and written into every format: the readers end,
 * what they give is what their contract promises, and a JPEG that was written reads the same. The
 * first byte chooses the format. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/blocks_avif.h"
#include "actions/blocks_jpeg.h"
#include "actions/blocks_png.h"
#include "actions/blocks_tiff.h"
#include "actions/blocks_webp.h"
#include "actions/exif.h"
#include "actions/metadata_blocks.h"
#include "actions/xmp_fill.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static int file_of(const void *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    demand(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t) size);
    return fd;
}

static void read_blocks(int fd, Format format, MetadataBlocks *blocks)
{
    g_autoptr(Error) error = NULL;

    demand(metadata_blocks_read(fd, format, 0, blocks, &error));
    if (blocks->exif)
        demand(
            blocks_is_exif(g_bytes_get_data(blocks->exif, NULL), g_bytes_get_size(blocks->exif)));
    demand(!blocks->iptc || *(const char *) g_bytes_get_data(blocks->iptc, NULL) == 0x1c);
}

static bool same(GBytes *a, GBytes *b)
{
    return a && b ? g_bytes_equal(a, b) : a == b;
}

/* EXIF and IPTC of any size that fits are the same when they are read again. */
static void check_jpeg(const MetadataBlocks *blocks)
{
    enum { FITS = 60000 };
    g_autoptr(GByteArray) head = blocks_jpeg_head(blocks, NULL, true);
    g_auto(MetadataBlocks) again = { 0 };
    int fd = file_of(head->data, head->len);

    read_blocks(fd, FORMAT_JPEG, &again);
    close(fd);
    demand(same(blocks->iptc, again.iptc));
    demand(!blocks->exif || g_bytes_get_size(blocks->exif) > FITS ||
           same(blocks->exif, again.exif));
}

/* Into the smallest TIFF there is, which stays a TIFF. */
static void check_tiff(const MetadataBlocks *blocks)
{
    static const char tiff[] = { 'I', 'I', '*', 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    g_auto(MetadataBlocks) again = { 0 };
    int fd = file_of(tiff, sizeof(tiff));

    demand(blocks_tiff_write(fd, blocks));
    read_blocks(fd, FORMAT_TIFF, &again);
    close(fd);
    demand(same(blocks->xmp, again.xmp) || g_bytes_get_size(blocks->xmp) == 0);
}

/* What is changed is still EXIF, and no longer than it was. */
static void check_exif(GBytes *bytes)
{
    static const ExifTag orientation = { EXIF_IN_MAIN, 0x0112 }, width = { EXIF_IN_PHOTO, 0xa002 };
    g_autoptr(Exif) exif = exif_new(bytes);

    demand(exif);
    exif_set_number(exif, orientation, 1);
    exif_set_number(exif, width, 70000);
    exif_remove_pictures(exif);
    g_autoptr(GBytes) changed = exif_bytes(exif);
    demand(g_bytes_get_size(changed) <= g_bytes_get_size(bytes));
}

static void check_xmp(const MetadataBlocks *blocks)
{
    g_autoptr(GBytes) xmp = xmp_fill(blocks, true, true);

    demand(xmp || !blocks->xmp);
}

/* What an encoder would have to have written is anything here: it is refused, or has the blocks. */
static void check_held(const MetadataBlocks *blocks, const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    size_t length = 0;

    g_byte_array_append(file, data, (unsigned) size);
    g_autoptr(GByteArray) png = blocks_png_head(data, size, blocks, NULL, &length);
    g_autoptr(GByteArray) webp = blocks_webp_write(file, blocks, NULL, 1, 1);
    g_autoptr(GByteArray) avif = blocks_avif_write(file, blocks);
    demand(!png || length <= size);
    demand(!webp || memcmp(webp->data, "RIFF", 4) == 0);
    demand(!avif || avif->len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Format formats[] = { FORMAT_JPEG, FORMAT_PNG, FORMAT_WEBP,
                                      FORMAT_TIFF, FORMAT_GIF, FORMAT_HEIF };
    g_auto(MetadataBlocks) blocks = { 0 };

    if (!size)
        return 0;
    int fd = file_of(data + 1, size - 1);
    read_blocks(fd, formats[data[0] % G_N_ELEMENTS(formats)], &blocks);
    close(fd);
    check_jpeg(&blocks);
    check_tiff(&blocks);
    check_xmp(&blocks);
    check_held(&blocks, data + 1, size - 1);
    if (blocks.exif)
        check_exif(blocks.exif);
    return 0;
}
