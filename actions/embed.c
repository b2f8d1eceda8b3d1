/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/embed.h"

#include <errno.h>
#include <unistd.h>

#include "actions/blocks_avif.h"
#include "actions/blocks_gif.h"
#include "actions/blocks_jp2.h"
#include "actions/blocks_jpeg.h"
#include "actions/blocks_jxl.h"
#include "actions/blocks_png.h"
#include "actions/blocks_tiff.h"
#include "actions/blocks_webp.h"
#include "actions/copy_file.h"
#include "actions/exif_tree.h"
#include "actions/xmp_fill.h"
#include "actions/xmp_packet.h"

static GBytes *profile_of(VipsImage *pixels)
{
    const void *bytes = NULL;
    size_t size = 0;

    if (!vips_image_get_typeof(pixels, VIPS_META_ICC_NAME) ||
        vips_image_get_blob(pixels, VIPS_META_ICC_NAME, &bytes, &size) || !size)
        return NULL;
    return g_bytes_new(bytes, size);
}

/* EXIF as it fits into a segment of a JPEG. */
static void shrink_exif(MetadataBlocks *blocks)
{
    enum { MOST = 65527 };
    g_auto(ExifTree) tree = { 0 };

    if (!blocks->exif || g_bytes_get_size(blocks->exif) <= MOST ||
        !exif_tree_read(blocks->exif, &tree))
        return;
    g_clear_pointer(&blocks->exif, g_bytes_unref);
    blocks->exif = exif_tree_small_block(&tree);
}

/* Whether a format has a place for each block. */
typedef struct Places {
    bool exif, xmp, iptc;
    bool profile; /* which libvips does not write, so it is written here */
} Places;

static const Places places[FORMAT_COUNT] = {
    [FORMAT_JPEG] = { true, true, true, true },   [FORMAT_PNG] = { true, true, true, true },
    [FORMAT_WEBP] = { true, true, false, true },  [FORMAT_TIFF] = { true, true, true, false },
    [FORMAT_AVIF] = { true, true, false, false }, [FORMAT_HEIF] = { true, true, false, false },
    [FORMAT_JXL] = { true, true, false, false },  [FORMAT_JP2] = { true, true, true, true },
    [FORMAT_GIF] = { false, true, false, false },
};

/* What the format has a place for, in the blocks that it knows. */
static MetadataBlocks fitting(Format format, const MetadataBlocks *blocks)
{
    MetadataBlocks fit = metadata_blocks_copy(blocks);

    if (format == FORMAT_JPEG)
        shrink_exif(&fit);
    else /* JFIF is one of two places for it */
        fit.density = exif_tree_density_of(blocks);
    g_clear_pointer(&fit.xmp, g_bytes_unref);
    g_autoptr(GBytes) xmp = xmp_fill(blocks, !places[format].iptc, format != FORMAT_PNG);

    if (xmp && (format == FORMAT_JPEG || format == FORMAT_TIFF || format == FORMAT_GIF))
        fit.xmp = xmp_packet_wrapped(xmp);
    else
        fit.xmp = g_steal_pointer(&xmp);
    return fit;
}

/* Whether EXIF loses its maker notes, which shrink_exif() removes. */
static bool loses_notes(GBytes *before, GBytes *after)
{
    enum { MAKER_NOTES = 37500 };
    g_auto(ExifTree) tree = { 0 };

    return before && after && g_bytes_get_size(before) != g_bytes_get_size(after) &&
           exif_tree_read(before, &tree) && exif_entry_find(tree.parts[EXIF_PHOTO], MAKER_NOTES);
}

static void tell_lost_of_jpeg(const MetadataBlocks *blocks, MetadataDropped dropped, void *user)
{
    g_auto(MetadataBlocks) fit = fitting(FORMAT_JPEG, blocks);
    const JpegLost lost = blocks_jpeg_lost(&fit);
    if (loses_notes(blocks->exif, fit.exif))
        dropped(user, "maker notes, which are too large for a JPEG");
    if (lost.exif)
        dropped(user, "EXIF that is too large for a JPEG");
    if (lost.xmp)
        dropped(user, "XMP that is too large for a JPEG");
    if (lost.comment)
        dropped(user, "comment that is too large for a JPEG");
}

static void tell_without_place(Format format, const char *what, MetadataDropped dropped, void *user)
{
    g_autofree char *words =
        g_strdup_printf("%s, which a %s has no place for", what, format_name(format));

    dropped(user, words);
}

void embed_tell_lost(Format format, const MetadataBlocks *blocks, MetadataDropped dropped,
                     void *user)
{
    const Places *has = &places[format];

    if (format == FORMAT_JPEG)
        tell_lost_of_jpeg(blocks, dropped, user);
    if (blocks->exif && !has->exif)
        tell_without_place(format, "EXIF", dropped, user);
    if (blocks->xmp && !has->xmp)
        tell_without_place(format, "XMP", dropped, user);
    if (blocks->iptc && !has->iptc && !has->xmp) /* else XMP says it */
        tell_without_place(format, "IPTC", dropped, user);
}

void embed_begin(Embed *embed, Format format, const MetadataBlocks *blocks, VipsImage *pixels,
                 int fd)
{
    *embed = (Embed){ .format = format,
                      .blocks = fitting(format, blocks),
                      .profile = places[format].profile ? profile_of(pixels) : NULL,
                      .fd = fd,
                      .width = pixels->Xsize,
                      .height = vips_image_get_page_height(pixels),
                      .bands = pixels->Bands,
                      .bits = 8 * (unsigned) vips_format_sizeof_unsafe(pixels->BandFmt),
                      .held = g_byte_array_new() };
}

void embed_clear(Embed *embed)
{
    metadata_blocks_clear(&embed->blocks);
    g_clear_pointer(&embed->profile, g_bytes_unref);
    g_clear_pointer(&embed->held, g_byte_array_unref);
    g_clear_object(&embed->memory);
}

/* ---- as it passes ---- */

/* The head in place of the first *length bytes of what is held; NULL: more of it is needed. */
static GByteArray *jpeg_head(const Embed *embed, size_t *length)
{
    enum { SOI = 2, NEXT = 3, APP14 = 0xee };
    const MetadataBlocks *blocks = &embed->blocks;

    if (embed->held->len <= NEXT)
        return NULL;
    *length = SOI;
    /* where the encoder names the colours, JFIF would contradict it; EXIF stands for JFIF */
    bool jfif = embed->held->data[NEXT] != APP14 &&
                (blocks->density.unit != DENSITY_UNKNOWN || !blocks->exif);
    return blocks_jpeg_head(blocks, embed->profile, jfif);
}

static GByteArray *head(const Embed *embed, size_t *length)
{
    if (embed->format == FORMAT_JPEG)
        return jpeg_head(embed, length);
    if (embed->format == FORMAT_PNG)
        return blocks_png_head(embed->held->data, embed->held->len, &embed->blocks, embed->profile,
                               length);
    return NULL;
}

static bool pass_on(Embed *embed)
{
    size_t length = 0;
    g_autoptr(GByteArray) start = head(embed, &length);

    if (!start)
        return true;
    embed->passes = true;
    return write_bytes(embed->fd, start->data, start->len) &&
           write_bytes(embed->fd, embed->held->data + length, embed->held->len - length);
}

/* What a callback answers. libvips reads errno behind the emission of a signal, which waits for
 * locks and may change it. */
static gint64 answer(Embed *embed, bool written, gint64 size)
{
    if (written)
        return size;
    if (!embed->write_error)
        embed->write_error = errno;
    return -1;
}

static gint64 on_write(VipsTargetCustom *target G_GNUC_UNUSED, const void *bytes, gint64 size,
                       Embed *embed)
{
    if (embed->passes)
        return answer(embed, write_bytes(embed->fd, bytes, (size_t) size), size);
    g_byte_array_append(embed->held, bytes, (unsigned) size);
    return answer(embed, pass_on(embed), size);
}

/* ---- back and forth, as a TIFF is written ---- */

static gint64 on_tiff_write(VipsTargetCustom *target G_GNUC_UNUSED, const void *bytes, gint64 size,
                            Embed *embed)
{
    return answer(embed, write_bytes(embed->fd, bytes, (size_t) size), size);
}

static gint64 on_tiff_read(VipsTargetCustom *target G_GNUC_UNUSED, void *bytes, gint64 size,
                           const Embed *embed)
{
    return read(embed->fd, bytes, (size_t) size);
}

static gint64 on_tiff_seek(VipsTargetCustom *target G_GNUC_UNUSED, gint64 offset, int whence,
                           const Embed *embed)
{
    return lseek(embed->fd, offset, whence);
}

/* libvips makes the smaller pictures of a pyramid in temporary files where the target is a
 * descriptor, and in memory where it is one of these. */
static VipsTarget *tiff_target(Embed *embed)
{
    VipsTargetCustom *target = vips_target_custom_new();

    g_signal_connect(target, "write", G_CALLBACK(on_tiff_write), embed);
    g_signal_connect(target, "read", G_CALLBACK(on_tiff_read), embed);
    g_signal_connect(target, "seek", G_CALLBACK(on_tiff_seek), embed);
    return VIPS_TARGET(target);
}

VipsTarget *embed_target(Embed *embed)
{
    if (embed->format == FORMAT_TIFF)
        return tiff_target(embed);
    if (embed->format == FORMAT_JP2) { /* OpenJPEG goes back to write lengths */
        embed->memory = vips_target_new_to_memory();
        return embed->memory ? g_object_ref(embed->memory) : NULL;
    }
    embed->passes = embed->format == FORMAT_PPM; /* it says nothing of itself */
    VipsTargetCustom *target = vips_target_custom_new();
    g_signal_connect(target, "write", G_CALLBACK(on_write), embed);
    return VIPS_TARGET(target);
}

/* ---- at the end ---- */

static GByteArray *jp2(const Embed *embed)
{
    const Jp2Kind kind = { embed->width, embed->height, embed->bands < 3 ? 1 : 3, embed->bits,
                           embed->bands % 2 == 0 };
    VipsBlob *blob = NULL;
    size_t size = 0;

    g_object_get(embed->memory, "blob", &blob, NULL); /* the encoder has ended it */
    if (!blob)
        return NULL;
    const unsigned char *bytes = vips_blob_get(blob, &size);
    GByteArray *made = blocks_jp2_write(bytes, size, &kind, &embed->blocks, embed->profile);
    vips_area_unref(VIPS_AREA(blob));
    return made;
}

/* What was held with the metadata; NULL where it is not of its format. */
static GByteArray *embedded(const Embed *embed)
{
    const MetadataBlocks *blocks = &embed->blocks;

    switch ((int) embed->format) {
    case FORMAT_AVIF:
    case FORMAT_HEIF:
        return blocks_avif_write(embed->held, blocks);
    case FORMAT_WEBP:
        return blocks_webp_write(embed->held, blocks, embed->profile, embed->width, embed->height);
    case FORMAT_JXL:
        return blocks_jxl_write(embed->held, blocks);
    case FORMAT_JP2:
        return jp2(embed);
    case FORMAT_GIF:
        return blocks_gif_write(embed->held, blocks);
    default:
        return NULL;
    }
}

static bool write_held(Embed *embed, bool *whole)
{
    g_autoptr(GByteArray) made = embedded(embed);
    const GByteArray *out = made ? made : embed->held;

    *whole = made;
    return write_bytes(embed->fd, out->data, out->len);
}

bool embed_end(Embed *embed, bool *whole)
{
    *whole = true;
    if (embed->format == FORMAT_TIFF ? blocks_tiff_write(embed->fd, &embed->blocks)
                                     : embed->passes || write_held(embed, whole))
        return true;
    vips_error_system(errno, "embed", "%s", "cannot write");
    return false;
}
