/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/original.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/blocks_jpeg.h"
#include "actions/blocks_png.h"
#include "actions/blocks_tiff.h"
#include "actions/blocks_webp.h"
#include "actions/coded_jpeg.h"
#include "actions/coded_png.h"
#include "actions/coded_webp.h"
#include "actions/copy_file.h"
#include "actions/embed.h"

/* What an output is made of: bytes, and then parts of the original's file. */
typedef struct Parts {
    GByteArray *head;
    GArray *runs; /* of CodedRun; NULL: none */
    uint64_t size;
} Parts;

static void parts_clear(Parts *parts)
{
    g_clear_pointer(&parts->head, g_byte_array_unref);
    g_clear_pointer(&parts->runs, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

static Parts parts_of(GByteArray *head, GArray *runs, uint64_t size)
{
    return (Parts){ head, runs ? g_array_ref(runs) : NULL, head->len + size };
}

/* The head as the encoder's output has it, unless the colours would be others. */
static bool find_jpeg(Bytes *bytes, VipsImage *pixels, const Embed *embed,
                      uint64_t most G_GNUC_UNUSED, Parts *parts)
{
    bool wanted = embed->blocks.density.unit != DENSITY_UNKNOWN || !embed->blocks.exif;
    g_auto(CodedJpeg) coded = { 0 };

    if (!coded_jpeg_find(bytes, &coded) || coded.colours != (unsigned) pixels->Bands)
        return false;
    *parts = parts_of(blocks_jpeg_head(&embed->blocks, embed->profile,
                                       coded.needs_jfif || (wanted && !coded.refuses_jfif)),
                      coded.runs, coded.size);
    return true;
}

static bool find_png(Bytes *bytes, VipsImage *pixels, const Embed *embed, uint64_t most,
                     Parts *parts)
{
    g_auto(CodedPng) coded = { 0 };
    size_t length = 0;

    if (!coded_png_find(bytes, &coded) || coded.bands != pixels->Bands ||
        coded.deep != (pixels->BandFmt == VIPS_FORMAT_USHORT) || coded.size > most ||
        !coded_png_is_exact(bytes, &coded))
        return false;
    GByteArray *head = blocks_png_head(coded.start->data, coded.start->len, &embed->blocks,
                                       embed->profile, &length);
    if (head)
        *parts = parts_of(head, coded.runs, coded.size);
    return head;
}

static bool find_webp(Bytes *bytes, VipsImage *pixels, const Embed *embed, uint64_t most,
                      Parts *parts)
{
    enum { COLOURS = 3 };
    g_auto(CodedWebp) coded = { 0 };

    if (!coded_webp_find(bytes, &coded) || COLOURS + coded.transparent != pixels->Bands ||
        coded.size > most)
        return false;
    g_autoptr(GByteArray) plain = coded_webp_file(bytes, &coded);
    GByteArray *file = plain ? blocks_webp_write(plain, &embed->blocks, embed->profile,
                                                 embed->width, embed->height)
                             : NULL;
    if (file)
        *parts = parts_of(file, NULL, 0);
    return file;
}

/* Finds the parts; those of more than `most` bytes need not be found. False where they cannot be
 * kept. */
static bool find(Format format, Bytes *bytes, VipsImage *pixels, const Embed *embed, uint64_t most,
                 Parts *parts)
{
    switch ((int) format) {
    case FORMAT_JPEG:
        return find_jpeg(bytes, pixels, embed, most, parts);
    case FORMAT_PNG:
        return find_png(bytes, pixels, embed, most, parts);
    case FORMAT_WEBP:
        return find_webp(bytes, pixels, embed, most, parts);
    default:
        return false;
    }
}

static bool write_run(Bytes *bytes, CodedRun run, VipsTarget *target)
{
    size_t count = 0;

    for (uint64_t done = 0; done < run.size; done += count) {
        const unsigned char *part = bytes_from(bytes, run.at + done, &count);
        if (!part)
            return false;
        count = (size_t) MIN(count, run.size - done);
        if (vips_target_write(target, part, count))
            return false;
    }
    return true;
}

static bool write_over(int fd, Bytes *bytes, const Parts *parts)
{
    g_autoptr(VipsTarget) target = NULL;

    if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0 ||
        !(target = vips_target_new_to_descriptor(fd)) ||
        vips_target_write(target, parts->head->data, parts->head->len))
        return false;
    for (unsigned i = 0; parts->runs && i < parts->runs->len; i++)
        if (!write_run(bytes, g_array_index(parts->runs, CodedRun, i), target))
            return false;
    return vips_target_end(target) == 0;
}

static bool cannot_write(Error **err)
{
    vips_error_system(errno, "original", "%s", "cannot write");
    return libvips_error(err, "keep the original's picture");
}

bool original_keep(int from, Format format, VipsImage *pixels, const MetadataBlocks *blocks, int fd,
                   bool *kept, Error **err)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    g_auto(Parts) parts = { 0 };
    g_auto(Embed) embed = { 0 };
    struct stat made;

    *kept = false;
    if (fstat(fd, &made) || !bytes_begin(bytes, from, UINT64_MAX))
        return true;
    bytes->read_size = BYTES_WINDOW;
    embed_begin(&embed, format, blocks, pixels, fd);
    if (!find(format, bytes, pixels, &embed, (uint64_t) made.st_size, &parts))
        return true;
    *kept = parts.size < (uint64_t) made.st_size;
    return !*kept || write_over(fd, bytes, &parts) || cannot_write(err);
}

static bool copy(Bytes *bytes, Format format, VipsImage *header, const MetadataBlocks *blocks,
                 int fd, bool *whole, Error **err)
{
    g_auto(Parts) parts = { 0 };
    g_auto(Embed) embed = { 0 };

    embed_begin(&embed, format, blocks, header, fd);
    *whole = find(format, bytes, header, &embed, UINT64_MAX, &parts);
    return !*whole || write_over(fd, bytes, &parts) || cannot_write(err);
}

/* The file, with other tags in a directory behind it. */
static bool copy_tiff(Bytes *bytes, int from, const MetadataBlocks *blocks, int fd, bool *whole,
                      Error **err)
{
    if (!blocks_tiff_can_change(bytes))
        return true;
    if (!copy_file(from, fd, err))
        return false;
    bool done = blocks_tiff_change(fd, blocks, whole) &&
                (*whole || (!ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET)));
    return done || cannot_write(err);
}

bool original_copy(int from, Format format, VipsImage *header, const MetadataBlocks *blocks, int fd,
                   bool *whole, Error **err)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);

    *whole = false;
    if (!bytes_begin(bytes, from, UINT64_MAX))
        return true;
    bytes->read_size = BYTES_WINDOW;
    if (format == FORMAT_TIFF)
        return copy_tiff(bytes, from, blocks, fd, whole, err);
    return copy(bytes, format, header, blocks, fd, whole, err);
}

bool original_copy_jpeg(GBytes *jpeg, VipsImage *header, const MetadataBlocks *blocks, int fd,
                        bool *whole, Error **err)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    size_t size = 0;
    const void *data = g_bytes_get_data(jpeg, &size);

    bytes_begin_memory(bytes, data, size);
    return copy(bytes, FORMAT_JPEG, header, blocks, fd, whole, err);
}
