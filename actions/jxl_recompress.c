/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/jxl_recompress.h"

#include <jxl/decode.h>
#include <jxl/encode.h>
#include <string.h>

#include "actions/blocks_jxl.h"
#include "formats/jpeg.h"

/* ---- EXIF and XMP, which libjxl expects in boxes of their own ---- */

static GBytes *part_of(GBytes *jpeg, const JpegSegment *one, const char *mark, size_t size)
{
    const char *bytes = g_bytes_get_data(jpeg, NULL);

    if (one->length <= size || memcmp(bytes + one->at, mark, size) != 0)
        return NULL;
    return g_bytes_new_from_bytes(jpeg, one->at + size, one->length - size);
}

/* As they stand in the file: what libjxl puts back from the boxes has to be the same. */
static void find_blocks(GBytes *jpeg, MetadataBlocks *blocks)
{
    static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/xap/1.0/";
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    size_t size = 0;
    const void *data = g_bytes_get_data(jpeg, &size);
    uint64_t at = 2;

    bytes_begin_memory(bytes, data, size);
    for (JpegSegment one;
         jpeg_next(bytes, &at, &one) && bytes_in_file(bytes, one.at, one.length);) {
        if (one.marker != JPEG_APP0 + 1)
            continue;
        if (!blocks->exif)
            blocks->exif = part_of(jpeg, &one, exif, sizeof(exif));
        if (!blocks->xmp)
            blocks->xmp = part_of(jpeg, &one, xmp, sizeof(xmp));
    }
}

/* ---- to JPEG XL ---- */

static void encoder_end(JxlEncoder *encoder)
{
    JxlEncoderDestroy(encoder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JxlEncoder, encoder_end)

static bool add_jpeg(JxlEncoder *encoder, GBytes *jpeg, int effort)
{
    size_t size = 0;
    const uint8_t *bytes = g_bytes_get_data(jpeg, &size);
    JxlEncoderFrameSettings *settings = JxlEncoderFrameSettingsCreate(encoder, NULL);

    if (!settings || JxlEncoderUseContainer(encoder, JXL_TRUE) != JXL_ENC_SUCCESS ||
        JxlEncoderStoreJPEGMetadata(encoder, JXL_TRUE) != JXL_ENC_SUCCESS ||
        JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, effort) !=
            JXL_ENC_SUCCESS ||
        JxlEncoderAddJPEGFrame(settings, bytes, size) != JXL_ENC_SUCCESS)
        return false;
    JxlEncoderCloseInput(encoder);
    return true;
}

static GByteArray *output_of(JxlEncoder *encoder)
{
    enum { PIECE = 1024 * 1024 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    JxlEncoderStatus status = JXL_ENC_NEED_MORE_OUTPUT;

    for (guint used = 0; status == JXL_ENC_NEED_MORE_OUTPUT; g_byte_array_set_size(out, used)) {
        g_byte_array_set_size(out, used + PIECE);
        uint8_t *next = out->data + used;
        size_t room = PIECE;
        status = JxlEncoderProcessOutput(encoder, &next, &room);
        used = (guint) (next - out->data);
    }
    return status == JXL_ENC_SUCCESS ? g_steal_pointer(&out) : NULL;
}

static GByteArray *encoded(GBytes *jpeg, int effort)
{
    g_autoptr(JxlEncoder) encoder = JxlEncoderCreate(NULL);
    g_auto(MetadataBlocks) blocks = { 0 };

    if (!encoder || !add_jpeg(encoder, jpeg, effort))
        return NULL;
    g_autoptr(GByteArray) plain = output_of(encoder);
    if (!plain)
        return NULL;
    find_blocks(jpeg, &blocks);
    return blocks_jxl_write(plain, &blocks);
}

/* ---- and back ---- */

static void decoder_end(JxlDecoder *decoder)
{
    JxlDecoderDestroy(decoder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JxlDecoder, decoder_end)

/* Makes the JPEG again, of which `size` bytes fit into `to`; *left are those that were not used. */
static bool decode(const GByteArray *file, uint8_t *to, size_t size, size_t *left)
{
    g_autoptr(JxlDecoder) decoder = JxlDecoderCreate(NULL);

    if (!decoder ||
        JxlDecoderSubscribeEvents(decoder, JXL_DEC_JPEG_RECONSTRUCTION | JXL_DEC_FULL_IMAGE) !=
            JXL_DEC_SUCCESS ||
        JxlDecoderSetInput(decoder, file->data, file->len) != JXL_DEC_SUCCESS)
        return false;
    JxlDecoderCloseInput(decoder);
    if (JxlDecoderProcessInput(decoder) != JXL_DEC_JPEG_RECONSTRUCTION ||
        JxlDecoderSetJPEGBuffer(decoder, to, size) != JXL_DEC_SUCCESS ||
        JxlDecoderProcessInput(decoder) != JXL_DEC_FULL_IMAGE)
        return false;
    *left = JxlDecoderReleaseJPEGBuffer(decoder);
    return true;
}

static bool gives_back(const GByteArray *file, GBytes *jpeg)
{
    size_t size = 0, left = 0;
    const void *bytes = g_bytes_get_data(jpeg, &size);
    g_autofree uint8_t *again = g_try_malloc(size + 1);

    return again && decode(file, again, size + 1, &left) && left == 1 &&
           !memcmp(again, bytes, size);
}

GByteArray *jxl_recompress(GBytes *jpeg, int effort, const char **why)
{
    g_autoptr(GByteArray) file = encoded(jpeg, effort);

    *why = NULL;
    if (!file)
        *why = "libjxl does not hold a JPEG of its kind";
    else if (!gives_back(file, jpeg))
        *why = "libjxl would not give back the same JPEG";
    return *why ? NULL : g_steal_pointer(&file);
}
