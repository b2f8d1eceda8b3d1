/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/webp_check.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>
#include <webp/decode.h>

#include "actions/damage.h"
#include "formats/chunks.h"

enum {
    FRAME_HEADER = 16, /* of ANMF */
    CANVAS = 10,       /* of VP8X */
    BUDGET = 1024 * 1024,
    LEFT_OUT = 16,         /* bytes; encoders of VP8 pad with up to 5 */
    LEFT_OUT_LOSSLESS = 6, /* with 3, whole ones decode, too */
    LEAST = 64,            /* data that is shorter has no end to look at */
    MOST = 512 * 1024 * 1024,
};

typedef struct Parts {
    Chunk picture, alpha; /* at 0: there is none */
} Parts;

/* ---- the chunks of the first picture ---- */

/* The chunks from `at`, of an animation those inside of its first frame. */
static void find_parts(Bytes *bytes, uint64_t at, Parts *parts)
{
    Chunk chunk;

    while (!parts->picture.at && webp_next(bytes, &at, &chunk) &&
           bytes_in_file(bytes, chunk.at, chunk.length)) {
        if (strcmp(chunk.type, "ANMF") == 0)
            at = chunk.at + FRAME_HEADER;
        else if (strcmp(chunk.type, "ALPH") == 0)
            parts->alpha = chunk;
        else if (strcmp(chunk.type, "VP8 ") == 0 || strcmp(chunk.type, "VP8L") == 0)
            parts->picture = chunk;
    }
}

/* ---- a file of them, with less at the end of one ---- */

static void append_le32(GByteArray *file, uint32_t value)
{
    const uint32_t bytes = GUINT32_TO_LE(value);

    g_byte_array_append(file, (const guint8 *) &bytes, sizeof(bytes));
}

static void append_head(GByteArray *file, const char *type, uint32_t length)
{
    g_byte_array_append(file, (const guint8 *) type, 4);
    append_le32(file, length);
}

static bool append_chunk(GByteArray *file, int fd, const Chunk *chunk, uint32_t left_out)
{
    uint32_t length = (uint32_t) chunk->length - left_out;
    guint at = file->len + WEBP_HEAD;

    append_head(file, chunk->type, length);
    g_byte_array_set_size(file, at + length);
    if (pread(fd, file->data + at, length, (off_t) chunk->at) != (ssize_t) length)
        return false;
    if (length & 1)
        g_byte_array_append(file, (const guint8 *) "", 1);
    return true;
}

/* The size of the canvas is that of the picture. */
static void append_canvas(GByteArray *file, int width, int height)
{
    enum { HAS_ALPHA = 0x10 };
    const int sides[] = { width - 1, height - 1 };
    guint8 canvas[CANVAS] = { HAS_ALPHA };

    for (int i = 0; i < 6; i++) /* 3 bytes each */
        canvas[4 + i] = (guint8) (sides[i / 3] >> 8 * (i % 3) & 255);
    append_head(file, "VP8X", CANVAS);
    g_byte_array_append(file, canvas, CANVAS);
}

static void end_file(GByteArray *file)
{
    const uint32_t size = GUINT32_TO_LE(file->len - WEBP_HEAD);

    memcpy(file->data + 4, &size, sizeof(size));
}

static GByteArray *begin_file(void)
{
    GByteArray *file = g_byte_array_new();

    append_head(file, "RIFF", 0);
    g_byte_array_append(file, (const guint8 *) "WEBP", 4);
    return file;
}

/* ---- decoding ---- */

/* As small and as plain as can be: only whether there is enough data matters. */
static bool decodes(const GByteArray *file)
{
    WebPDecoderConfig config;

    if (!WebPInitDecoderConfig(&config))
        return false;
    config.options.bypass_filtering = 1;
    config.options.no_fancy_upsampling = 1;
    config.options.use_scaling = 1;
    config.options.scaled_width = config.options.scaled_height = 1;
    config.output.colorspace = MODE_RGBA;
    bool decoded = WebPDecode(file->data, file->len, &config) == VP8_STATUS_OK;
    WebPFreeDecBuffer(&config.output);
    return decoded;
}

static bool picture_ends_early(int fd, const Parts *parts)
{
    g_autoptr(GByteArray) file = begin_file();

    bool lossless = parts->picture.type[3] == 'L';

    if (parts->picture.length < LEAST ||
        !append_chunk(file, fd, &parts->picture, lossless ? LEFT_OUT_LOSSLESS : LEFT_OUT))
        return false;
    end_file(file);
    return decodes(file);
}

static bool read_size(int fd, const Parts *parts, int *width, int *height)
{
    g_autoptr(GByteArray) file = begin_file();

    if (!append_chunk(file, fd, &parts->picture, 0))
        return false;
    end_file(file);
    return WebPGetInfo(file->data, file->len, width, height);
}

static bool alpha_ends_early(int fd, const Parts *parts)
{
    g_autoptr(GByteArray) file = begin_file();
    int width = 0, height = 0;

    if (parts->alpha.length < LEAST || !read_size(fd, parts, &width, &height))
        return false;
    append_canvas(file, width, height);
    if (!append_chunk(file, fd, &parts->alpha, LEFT_OUT_LOSSLESS) ||
        !append_chunk(file, fd, &parts->picture, 0))
        return false;
    end_file(file);
    return decodes(file);
}

static bool read_parts(int fd, Parts *parts)
{
    Bytes bytes;

    *parts = (Parts){ .picture.at = 0 };
    if (!bytes_begin(&bytes, fd, BUDGET))
        return false;
    find_parts(&bytes, WEBP_HEADER, parts);
    return parts->picture.at && parts->picture.length <= MOST && parts->alpha.length <= MOST;
}

/* libwebp gives rows as their data arrives. */
double webp_share(int fd)
{
    g_autoptr(GByteArray) file = begin_file();
    int rows = 0, height = 0;
    Parts parts;

    if (!read_parts(fd, &parts) || !append_chunk(file, fd, &parts.picture, 0))
        return 0;
    end_file(file);
    WebPIDecoder *decoder = WebPINewRGB(MODE_RGB, NULL, 0, 0);
    if (!decoder)
        return 0;
    WebPIAppend(decoder, file->data, file->len);
    bool any = WebPIDecGetRGB(decoder, &rows, NULL, &height, NULL);
    WebPIDelete(decoder);
    return any && height > 0 ? (double) rows / height : 0;
}

static bool check_parts(int fd, const Parts *parts)
{
    bool damaged =
        picture_ends_early(fd, parts) ||
        (parts->alpha.at && parts->picture.type[3] == ' ' && alpha_ends_early(fd, parts));

    if (damaged)
        damage_report("WebP", DAMAGE_FIT, 0, 0);
    return !damaged;
}

bool webp_check(int fd)
{
    Parts parts;

    return !read_parts(fd, &parts) || check_parts(fd, &parts);
}

static bool check_frame(Bytes *bytes, const Chunk *frame)
{
    Parts parts = { .picture.at = 0 };

    find_parts(bytes, frame->at + FRAME_HEADER, &parts);
    return !parts.picture.at || parts.picture.length > MOST || parts.alpha.length > MOST ||
           check_parts(bytes->fd, &parts);
}

bool webp_check_frames(int fd, int *frame)
{
    Bytes bytes;
    Chunk chunk;

    *frame = 0;
    if (!bytes_begin(&bytes, fd, UINT64_MAX))
        return true;
    for (uint64_t at = WEBP_HEADER; webp_next(&bytes, &at, &chunk);) {
        if (strcmp(chunk.type, "ANMF") != 0)
            continue;
        ++*frame;
        if (!check_frame(&bytes, &chunk))
            return false;
    }
    return true;
}
