/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the end of each format by its own markers: JPEG, PNG, GIF, WebP, and the boxes of HEIC and
 * AVIF.
 *
 * Two rules hold for all. What extends beyond the end of the file is COMPLETE_NO: it may still
 * arrive. What is damaged inside is COMPLETE_UNKNOWN: waiting will not repair it, and the decoder
 * reports what is wrong. Data after the end marker is allowed, as cameras and phones write it. */
#include <string.h>

#include "formats/gif.h"
#include "formats/jpeg.h"
#include "formats/probe_internal.h"

/* Whether an end marker lies in the last bytes of the file, after `from`. In coded data, 0 or a
 * restart marker always follows 0xff: the bytes cannot be there by chance. */
static bool jpeg_ends(Bytes *bytes, uint64_t from)
{
    uint64_t start = bytes->size > BYTES_WINDOW ? bytes->size - BYTES_WINDOW : 0;
    const unsigned char *tail = NULL;
    size_t count = 0;

    if (bytes->size < from + 2)
        return false;
    tail = bytes_at(bytes, bytes->size - 2, 2);
    if (tail && tail[0] == JPEG_MARKER && tail[1] == JPEG_EOI)
        return true;
    bytes->read_size = BYTES_WINDOW;
    tail = bytes_from(bytes, MAX(start, from), &count);
    for (size_t i = 0; tail && i + 1 < count; i++)
        if (tail[i] == JPEG_MARKER && tail[i + 1] == JPEG_EOI)
            return true;
    return false;
}

void probe_jpeg(Bytes *bytes, Probe *probe)
{
    uint64_t at = 0;

    probe->missing = "its end marker (EOI)";
    probe->complete = jpeg_find_scan(bytes, &at);
    if (probe->complete == COMPLETE_YES && !jpeg_ends(bytes, at))
        probe->complete = jpeg_find_end(bytes, &at);
}

static bool png_is_chunk_type(const unsigned char *type)
{
    for (int i = 0; i < 4; i++)
        if (!g_ascii_isalpha(type[i]))
            return false;
    return true;
}

void probe_png(Bytes *bytes, Probe *probe)
{
    static const char end[12] = "\0\0\0\0IEND\xae\x42\x60\x82";
    const unsigned char *tail =
        bytes->size >= 57 ? bytes_at(bytes, bytes->size - sizeof(end), sizeof(end)) : NULL;

    probe->missing = "its end marker (IEND)";
    if (tail && memcmp(tail, end, sizeof(end)) == 0) {
        probe->complete = COMPLETE_YES;
        return;
    }
    for (uint64_t at = 8;;) {
        const unsigned char *chunk = bytes_at(bytes, at, 12); /* none is shorter, with its sum */

        probe->complete = probe_verdict_at_end(bytes);
        if (!chunk)
            return;
        probe->complete = COMPLETE_UNKNOWN;
        if (be32(chunk) > 0x7fffffff || !png_is_chunk_type(chunk + 4))
            return;
        probe->complete = COMPLETE_YES;
        if (memcmp(chunk + 4, "IEND", 4) == 0)
            return;
        at += 12 + (uint64_t) be32(chunk);
    }
}

void probe_gif(Bytes *bytes, Probe *probe)
{
    const unsigned char *block = bytes_at(bytes, 0, GIF_HEADER);
    uint64_t at = block ? GIF_HEADER + gif_table_size(block[10]) : 0;

    probe->missing = "its end marker (trailer)";
    bytes->read_size = BYTES_WINDOW;
    while (at) {
        block = bytes_at(bytes, at, 1);
        if (!block)
            break;
        if (*block == GIF_END) {
            probe->complete = COMPLETE_YES;
            return;
        }
        if (*block == 0) { /* a stray 0, which every reader ignores */
            at++;
        } else if (*block == GIF_EXTENSION) {
            at = gif_skip_chain(bytes, at + 2);
        } else if (*block == GIF_PICTURE) {
            block = bytes_at(bytes, at, 10);
            at = block ? gif_skip_chain(bytes, at + 11 + gif_table_size(block[9])) : 0;
        } else {
            probe->complete = COMPLETE_UNKNOWN;
            return;
        }
    }
    probe->complete = probe_verdict_at_end(bytes);
}

void probe_webp(Bytes *bytes, Probe *probe)
{
    const unsigned char *head = bytes_at(bytes, 0, 12);

    probe->missing = "the rest of its RIFF size";
    if (!head)
        probe->complete = probe_verdict_at_end(bytes);
    else if (le32(head + 4) < 12)
        probe->complete = COMPLETE_UNKNOWN;
    else
        probe->complete = bytes_in_file(bytes, 8, le32(head + 4)) ? COMPLETE_YES : COMPLETE_NO;
}

/* Whether the meta box contains the picture data itself (a small picture's may). */
static bool meta_has_data(Bytes *bytes, const Box *meta)
{
    Box box;
    uint64_t end = meta->at + meta->length;

    for (uint64_t at = meta->at + meta->header + 4; at < end && box_read(bytes, at, &box);) {
        if (strcmp(box.type, "idat") == 0)
            return true;
        if (box.open || box.length > end - at)
            break;
        at += box.length;
    }
    return false;
}

typedef struct Brand {
    const char name[5];
    Format format;
    const char *kind;
} Brand;

/* The more specific ones first: a file may have several brands. */
static const Brand brands[] = {
    { "crx ", FORMAT_RAW, "camera RAW" }, { "avif", FORMAT_AVIF, "AVIF" },
    { "avis", FORMAT_AVIF, "AVIF" },      { "heic", FORMAT_HEIF, "HEIC" },
    { "heix", FORMAT_HEIF, "HEIC" },      { "heim", FORMAT_HEIF, "HEIC" },
    { "heis", FORMAT_HEIF, "HEIC" },      { "hevc", FORMAT_HEIF, "HEIC" },
    { "hevx", FORMAT_HEIF, "HEIC" },      { "mif1", FORMAT_HEIF, "HEIC" },
    { "msf1", FORMAT_HEIF, "HEIC" },      { "mif3", FORMAT_HEIF, "HEIF" },
    { "M4A ", FORMAT_NONE, "audio" },
};

static const Brand *find_brand(Bytes *bytes, const Box *ftyp)
{
    uint64_t end = MIN(MIN(ftyp->length, bytes->size), (uint64_t) BYTES_MAX_READ) & ~UINT64_C(3);
    const unsigned char *box = end >= 12 ? bytes_at(bytes, 0, (size_t) end) : NULL;

    /* 12 to 15 are a version, and in a compact file (ISO/IEC 23008-12, "mini") the codec's brand */
    size_t step = box && memcmp(box + 8, "mif3", 4) == 0 ? 4 : 8;

    for (size_t i = 0; box && i < G_N_ELEMENTS(brands); i++)
        for (size_t at = 8; at < end; at += at == 8 ? step : 4)
            if (memcmp(box + at, brands[i].name, 4) == 0)
                return &brands[i];
    return NULL;
}

/* What the boxes so far have. */
typedef struct Parts {
    bool meta, data;
} Parts;

static void note_box(Parts *parts, Bytes *bytes, const Box *box)
{
    bool compact = strcmp(box->type, "mini") == 0; /* both in one */
    bool meta = strcmp(box->type, "meta") == 0;

    parts->meta |= meta || compact || strcmp(box->type, "moov") == 0;
    parts->data |= compact || strcmp(box->type, "mdat") == 0 || (meta && meta_has_data(bytes, box));
}

/* What follows at `at` is no box. */
static Completeness behind_boxes(Bytes *bytes, const Parts *parts, uint64_t at,
                                 const char **missing)
{
    if (bytes->exhausted)
        return COMPLETE_UNKNOWN;
    if (parts->meta && parts->data) /* a maker's trailer */
        return COMPLETE_YES;
    *missing = "the rest of its boxes";
    return bytes_in_file(bytes, at, 16) ? COMPLETE_UNKNOWN : COMPLETE_NO;
}

static Completeness boxes_complete(Bytes *bytes, const char **missing)
{
    Parts parts = { 0 };
    Box box;

    for (uint64_t at = 0; at < bytes->size; at += box.length) {
        if (!box_read(bytes, at, &box))
            return behind_boxes(bytes, &parts, at, missing);
        if (!bytes_in_file(bytes, at, box.length)) {
            *missing = "the rest of its last box";
            return COMPLETE_NO;
        }
        if (box.open && strcmp(box.type, "mdat") == 0)
            return COMPLETE_UNKNOWN;
        note_box(&parts, bytes, &box);
    }
    *missing = parts.meta ? "its picture data (mdat)" : "its description (meta)";
    return parts.meta && parts.data ? COMPLETE_YES : COMPLETE_NO;
}

void probe_isobmff(Bytes *bytes, Probe *probe)
{
    Box box;
    const Brand *brand = box_read(bytes, 0, &box) ? find_brand(bytes, &box) : NULL;

    if (brand) { /* else isom, mp42, qt, 3gp, ...: one of the many kinds of video */
        probe->format = brand->format;
        probe->kind = brand->kind;
    }
    if (probe->format != FORMAT_NONE || !brand)
        probe->complete = boxes_complete(bytes, &probe->missing);
}
