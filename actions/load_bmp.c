/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/load_bmp.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "actions/few_colours.h"
#include "formats/bmp.h"

enum { PALETTE = 256, BGR = 3, ROWS_AT_ONCE = 16 };

typedef struct Channel {
    uint32_t mask;
    unsigned shift;
    uint32_t most; /* its largest value; 0: there is no such channel */
} Channel;

/* Of one picture; threads share it. */
typedef struct Picture {
    VipsSource *source;
    int fd; /* the source's, for which libvips has no function */
    Bmp bmp;
    unsigned char palette[PALETTE][BGR];
    Channel channels[BMP_CHANNELS];
    GMutex lock;
    BmpCursor *rows; /* where each begins, with run lengths; `at` is 0 for one that is skipped */
} Picture;

/* Of one thread that reads rows. */
typedef struct Reader {
    const Picture *picture;
    Bytes bytes;
    unsigned char *row; /* as stored; with run lengths a byte for each index */
} Reader;

static void picture_free(void *data)
{
    Picture *picture = data;

    g_clear_object(&picture->source);
    g_mutex_clear(&picture->lock);
    g_free(picture->rows);
    g_free(picture);
}

/* ---- what goes wrong ---- */

/* The file ended, or a read failed. */
static bool cut_at(const Bmp *bmp, int error, int row)
{
    if (error)
        vips_error_system(error, "bmp", "cannot read the file");
    else
        vips_error("bmp", "the file ends in the middle of row %d of %d", row + 1, bmp->height);
    return false;
}

/* ---- the header ---- */

static bool read_header(Picture *picture, Bytes *bytes)
{
    g_autoptr(Error) error = NULL;

    if (bmp_read(bytes, &picture->bmp, &error))
        return true;
    if (bytes->error)
        vips_error_system(bytes->error, "bmp", "cannot read the file");
    else
        vips_error("bmp", "%s", error->what);
    return false;
}

/* Where rows are not compressed, one that is missing is known before any is read. */
static bool check_end(const Bmp *bmp, const Bytes *bytes)
{
    if (bmp->runs || bytes_in_file(bytes, 0, bmp_end(bmp)))
        return true;
    uint64_t there = bytes->size > bmp->pixels_at ? bytes->size - bmp->pixels_at : 0;
    return cut_at(bmp, 0, (int) (there / bmp->stride));
}

static bool read_palette(Picture *picture, Bytes *bytes)
{
    const Bmp *bmp = &picture->bmp;

    for (unsigned i = 0; i < bmp->colours; i++) {
        const unsigned char *colour =
            bytes_at(bytes, bmp->palette_at + (uint64_t) i * bmp->colour_size, BGR);
        if (!colour)
            return cut_at(bmp, bytes->error, 0);
        memcpy(picture->palette[i], colour, BGR);
    }
    return true;
}

static void set_channels(Picture *picture)
{
    for (unsigned i = 0; i < BMP_CHANNELS; i++) {
        Channel *channel = &picture->channels[i];

        channel->mask = picture->bmp.masks[i];
        channel->shift = channel->mask ? (unsigned) __builtin_ctz(channel->mask) : 0;
        channel->most = channel->mask >> channel->shift;
    }
}

static bool read_profile(const Bmp *bmp, int fd, const Bytes *bytes, VipsImage *image)
{
    if (bmp->profile_size == 0)
        return true;
    if (!bytes_in_file(bytes, bmp->profile_at, bmp->profile_size)) {
        vips_error("bmp", "the file ends in its colour profile");
        return false;
    }
    g_autofree void *profile = vips_malloc(NULL, bmp->profile_size);
    if (!profile)
        return false;
    ssize_t got = pread(fd, profile, bmp->profile_size, (off_t) bmp->profile_at);
    if (got != (ssize_t) bmp->profile_size) {
        vips_error_system(got < 0 ? errno : EIO, "bmp", "cannot read its colour profile");
        return false;
    }
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profile, bmp->profile_size);
    return true;
}

/* ---- run lengths ---- */

/* Notes where each row begins. */
static bool find_rows(const Bmp *bmp, Bytes *bytes, BmpCursor *rows)
{
    BmpCursor cursor = bmp_first(bmp);
    BmpPiece piece = { 0 };
    BmpCode code = BMP_MOVE;

    rows[0] = cursor;
    while (code != BMP_END && code != BMP_CUT) {
        int row = cursor.row;
        code = bmp_next(bmp, bytes, &cursor, &piece);
        if (cursor.row != row && cursor.row < bmp->height)
            rows[cursor.row] = cursor;
    }
    return code == BMP_END || bmp_is_full(bmp, &cursor) || cut_at(bmp, bytes->error, cursor.row);
}

static BmpCursor *rows_new(const Bmp *bmp, Bytes *bytes)
{
    g_autofree BmpCursor *rows = g_try_new0(BmpCursor, bmp->height);

    if (!rows)
        vips_error_system(ENOMEM, "bmp", "cannot find its rows");
    return rows && find_rows(bmp, bytes, rows) ? g_steal_pointer(&rows) : NULL;
}

/* The lock keeps the threads from doing it twice. */
static bool rows_found(Picture *picture, Bytes *bytes)
{
    g_mutex_lock(&picture->lock);
    if (!picture->rows)
        picture->rows = rows_new(&picture->bmp, bytes);
    bool found = picture->rows;
    g_mutex_unlock(&picture->lock);
    return found;
}

/* The value number `i` at p. */
static unsigned index_at(const unsigned char *p, unsigned bits, unsigned i)
{
    unsigned first = i * bits;

    return (unsigned) (p[first / 8] >> (8 - bits - first % 8)) & ((1U << bits) - 1);
}

/* Puts a run or values into the row, from pixel x on. */
static bool draw(Reader *reader, BmpCode code, const BmpPiece *piece, int x)
{
    enum { PAIR = 2 /* a run of RLE4 has two indexes in turn */ };
    unsigned bits = reader->picture->bmp.bits;
    unsigned size = bits == 24 ? BGR : 1;
    unsigned values = code == BMP_RUN ? (bits == 4 ? PAIR : 1) : piece->count;
    const unsigned char *from =
        values ? bytes_at(&reader->bytes, piece->values, ((size_t) values * bits + 7) / 8) : NULL;
    unsigned char *to = reader->row + (size_t) x * size;

    for (unsigned i = 0; from && i < piece->count; i++, to += size) {
        if (size == BGR)
            memcpy(to, from + (size_t) BGR * (i % values), BGR);
        else
            *to = (unsigned char) index_at(from, bits, i % values);
    }
    return from || !values;
}

static bool read_runs(Reader *reader, int row)
{
    const Bmp *bmp = &reader->picture->bmp;
    BmpCursor cursor = reader->picture->rows[row];
    BmpPiece piece = { 0 };

    memset(reader->row, 0, (size_t) bmp->width * (bmp->bits == 24 ? BGR : 1));
    while (cursor.at && cursor.row == row) {
        int x = cursor.x;
        BmpCode code = bmp_next(bmp, &reader->bytes, &cursor, &piece);
        if (code == BMP_END || (code == BMP_CUT && bmp_is_full(bmp, &cursor)))
            break;
        if (code == BMP_CUT || (code != BMP_MOVE && !draw(reader, code, &piece, x)))
            return cut_at(bmp, reader->bytes.error, row);
    }
    return true;
}

/* ---- rows ---- */

static bool read_plain(Reader *reader, int row)
{
    const Bmp *bmp = &reader->picture->bmp;
    uint64_t from = bmp->pixels_at + bmp->stride * (uint64_t) row, done = 0;

    while (done < bmp->row) {
        ssize_t got =
            pread(reader->bytes.fd, reader->row + done, bmp->row - done, (off_t) (from + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return cut_at(bmp, got < 0 ? errno : 0, row);
        done += (uint64_t) got;
    }
    return true;
}

static void put_bgr(unsigned char *to, const unsigned char *colour)
{
    to[0] = colour[2];
    to[1] = colour[1];
    to[2] = colour[0];
}

static void convert_indexes(const Picture *picture, const unsigned char *row, const VipsRect *area,
                            unsigned char *to)
{
    unsigned bits = picture->bmp.runs ? 8 : picture->bmp.bits;
    unsigned in_byte = 8 / bits;

    for (unsigned i = 0, x = (unsigned) area->left; i < (unsigned) area->width; i++, x++) {
        unsigned index = bits == 8 ? row[x] : index_at(row + x / in_byte, bits, x % in_byte);
        put_bgr(to + (size_t) BGR * i, picture->palette[index]);
    }
}

static unsigned char scaled(const Channel *channel, uint32_t pixel)
{
    uint64_t value = (pixel & channel->mask) >> channel->shift;

    if (channel->most == UINT8_MAX)
        return (unsigned char) value;
    return channel->most ? (unsigned char) ((value * UINT8_MAX + channel->most / 2) / channel->most)
                         : 0;
}

static void convert_masked(const Picture *picture, const unsigned char *row, const VipsRect *area,
                           unsigned char *to)
{
    unsigned size = picture->bmp.bits / 8, bands = picture->channels[BMP_ALPHA].most ? 4 : 3;
    const unsigned char *p = row + (size_t) size * (unsigned) area->left;

    for (int i = 0; i < area->width; i++, p += size, to += bands) {
        uint32_t pixel = size == 2 ? le16(p) : le32(p);
        for (unsigned band = 0; band < bands; band++)
            to[band] = scaled(&picture->channels[band], pixel);
    }
}

static void convert(const Picture *picture, const unsigned char *row, const VipsRect *area,
                    unsigned char *to)
{
    if (picture->bmp.bits <= 8)
        convert_indexes(picture, row, area, to);
    else if (picture->bmp.bits == 24)
        for (int i = 0; i < area->width; i++)
            put_bgr(to + (size_t) BGR * (unsigned) i,
                    row + (size_t) BGR * (unsigned) (area->left + i));
    else
        convert_masked(picture, row, area, to);
}

/* ---- as an image of libvips ---- */

static void *reader_new(VipsImage *out G_GNUC_UNUSED, void *a, void *b G_GNUC_UNUSED)
{
    Picture *picture = a;
    const Bmp *bmp = &picture->bmp;
    Reader *reader = g_new0(Reader, 1);
    size_t row = bmp->runs ? (size_t) bmp->width * BGR : bmp->row;

    reader->picture = picture;
    reader->row = vips_malloc(NULL, row);
    if (reader->row && bytes_begin(&reader->bytes, picture->fd, UINT64_MAX) &&
        (!bmp->runs || rows_found(picture, &reader->bytes)))
        return reader;
    g_free(reader->row);
    g_free(reader);
    return NULL;
}

static int reader_free(void *seq, void *a G_GNUC_UNUSED, void *b G_GNUC_UNUSED)
{
    Reader *reader = seq;

    g_free(reader->row);
    g_free(reader);
    return 0;
}

static int generate(VipsRegion *out, void *seq, void *a, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Reader *reader = seq;
    const Picture *picture = a;
    const Bmp *bmp = &picture->bmp;
    const VipsRect *area = &out->valid;

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        int row = bmp->top_down ? y : bmp->height - 1 - y;
        if (!(bmp->runs ? read_runs(reader, row) : read_plain(reader, row)))
            return -1;
        convert(picture, reader->row, area, VIPS_REGION_ADDR(out, area->left, y));
    }
    return 0;
}

static bool read_file(Picture *picture, VipsImage *image)
{
    Bytes bytes;
    const Bmp *bmp = &picture->bmp;

    if (!bytes_begin(&bytes, picture->fd, UINT64_MAX)) {
        vips_error_system(errno, "bmp", "cannot read the file");
        return false;
    }
    if (!read_header(picture, &bytes) || !check_end(bmp, &bytes) || !read_palette(picture, &bytes))
        return false;
    set_channels(picture);
    bool alpha = picture->channels[BMP_ALPHA].most != 0;
    vips_image_init_fields(image, bmp->width, bmp->height, alpha ? 4 : 3, VIPS_FORMAT_UCHAR,
                           VIPS_CODING_NONE, VIPS_INTERPRETATION_sRGB,
                           bmp->across > 0 ? bmp->across : 1, bmp->down > 0 ? bmp->down : 1);
    if (bmp->bits <= 8)
        few_colours_mark(image);
    return read_profile(bmp, picture->fd, &bytes, image);
}

VipsImage *load_bmp(VipsSource *source)
{
    Picture *picture = g_new0(Picture, 1);
    g_autoptr(VipsImage) image = vips_image_new();
    VipsImage *rows = NULL;

    picture->source = g_object_ref(source);
    picture->fd = VIPS_CONNECTION(source)->descriptor;
    g_mutex_init(&picture->lock);
    g_object_set_data_full(G_OBJECT(image), "bmp", picture, picture_free);
    if (!read_file(picture, image) ||
        vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, NULL) ||
        vips_image_generate(image, reader_new, generate, reader_free, picture, NULL) ||
        !(rows = libvips_in_order(image, ROWS_AT_ONCE)))
        return NULL;
    return rows;
}
