/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/load_jpeg.h"

/* each needs what the one before it defines */
/* clang-format off */
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
/* clang-format on */
#include <errno.h>
#include <setjmp.h>
#include <string.h>
#include <unistd.h>

#include "actions/damage.h"

enum {
    BUFFER = 64 * 1024,
    ROWS_AT_ONCE = 8,
    /* As in libvips: a file made for it can cost hours with warnings. */
    WARNINGS_MAX = 100,
    /* Zeros that stand for no data: a hole of the disk, or of an upload. */
    HOLE = 32,
};

/* Those for which jpeglib.h has no name. */
enum {
    MARKER_DHT = 0xc4,
    MARKER_DAC = 0xcc,
    MARKER_SOS = 0xda,
    MARKER_DQT = 0xdb,
    MARKER_DRI = 0xdd,
};

typedef struct Decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr input;
    jmp_buf failure;
    VipsSource *source; /* keeps the descriptor open */
    int fd;
    off_t at;     /* of the next byte to read */
    off_t limit;  /* where the trailer begins that stands in place of an end mark */
    off_t hole;   /* the end of zeros that were found behind the headers; 0: none */
    bool in_data; /* the headers are read */
    bool again;   /* the trailer was found only now: read all scans once more, without it */
    bool ended;   /* the file ended before the end mark: we added one */
    int shrink, width, height, bands;
    JSAMPLE *row; /* one that is not handed on, or is wider than the picture */
    JOCTET buffer[BUFFER];
} Decoder;

static Decoder *decoder_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

/* ---- errors and warnings ---- */

G_GNUC_NORETURN static void give_up(Decoder *decoder)
{
    longjmp(decoder->failure, 1); /* NOLINT(cert-err52-cpp): libjpeg has no other way */
}

static void on_error(j_common_ptr jpeg)
{
    char message[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, message);
    vips_error("VipsJpeg", "%s", message);
    damage_note_source();
    give_up(decoder_of(jpeg));
}

/* Fails. Of several scans each has all rows, and all are read before the first row is given. */
G_GNUC_NORETURN static void refuse(Decoder *decoder, DamageKind kind)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    bool many = jpeg_has_multiple_scans(jpeg);
    double rows = many ? jpeg->input_iMCU_row : jpeg->output_scanline;
    double all = many ? jpeg->total_iMCU_rows : jpeg->output_height;

    damage_report("JPEG", kind, many ? jpeg->input_scan_number : 0, rows / MAX(1, all));
    vips_error("VipsJpeg", "a part of its data is missing or damaged");
    give_up(decoder);
}

static bool is_restart(int marker)
{
    return marker >= JPEG_RST0 && marker <= JPEG_RST0 + 7;
}

/* Whether the marker can follow a scan in a picture of several. */
static bool follows_scan(int marker)
{
    switch (marker) {
    case MARKER_DHT:
    case MARKER_DAC:
    case MARKER_SOS:
    case MARKER_DQT:
    case MARKER_DRI:
    case JPEG_EOI:
    case JPEG_COM:
        return true;
    default:
        return is_restart(marker) || (marker >= JPEG_APP0 && marker <= JPEG_APP0 + 15);
    }
}

/* Whether the bytes before the next byte fill up the data: they are all the same. */
static bool fill_up(const Decoder *decoder, int count)
{
    enum { LOOK = 4096 };
    unsigned char bytes[LOOK];
    off_t from = decoder->at - (off_t) decoder->input.bytes_in_buffer - count;
    ssize_t got = pread(decoder->fd, bytes, (size_t) MIN(count, LOOK), from);

    return got > 0 && (got == 1 || memcmp(bytes, bytes + 1, (size_t) got - 1) == 0);
}

/* Bytes between a scan and the next marker, which no scan has used: a part of it, or a trailer in
 * place of the end mark, in which the marker stands by chance. */
static DamageKind damage_of_spare(Decoder *decoder, int bytes, int marker)
{
    if (decoder->jpeg.input_scan_number == 0 || decoder->ended || bytes <= DAMAGE_SPARE_MAX ||
        fill_up(decoder, bytes))
        return DAMAGE_NONE;
    if (follows_scan(marker))
        return DAMAGE_DATA;
    decoder->limit = decoder->at - (off_t) decoder->input.bytes_in_buffer - bytes;
    decoder->again = true;
    give_up(decoder);
}

/* What a warning says of the pixels; DAMAGE_NONE where they are those of the picture. */
static DamageKind damage_of(Decoder *decoder, const struct jpeg_error_mgr *errors)
{
    switch (errors->msg_code) {
    case JWRN_HIT_MARKER:
        return DAMAGE_END;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        return DAMAGE_DATA;
    case JWRN_EXTRANEOUS_DATA:
        return damage_of_spare(decoder, errors->msg_parm.i[0], errors->msg_parm.i[1]);
    default:
        return DAMAGE_NONE;
    }
}

static void on_message(j_common_ptr common, int level)
{
    Decoder *decoder = decoder_of(common);
    struct jpeg_error_mgr *errors = common->err;

    if (level >= 0) /* not a warning */
        return;
    DamageKind kind = damage_of(decoder, errors);
    if (kind != DAMAGE_NONE)
        refuse(decoder, kind);
    if (++errors->num_warnings >= WARNINGS_MAX)
        errors->error_exit(common);
}

/* ---- input ---- */

static void begin_input(j_decompress_ptr jpeg G_GNUC_UNUSED)
{
}

/* Finds the first hole in the bytes that libjpeg gets next, unless it has been found. */
static void find_hole(Decoder *decoder)
{
    static const JOCTET zeros[HOLE];
    const JOCTET *bytes = decoder->input.next_input_byte;
    size_t count = decoder->input.bytes_in_buffer;

    for (size_t i = 0; !decoder->hole && i + HOLE <= count; i += HOLE / 2)
        if (bytes[i] == 0 && memcmp(bytes + i, zeros, HOLE) == 0)
            decoder->hole = decoder->at - (off_t) (count - i - HOLE);
}

static boolean fill_input(j_decompress_ptr jpeg)
{
    static const JOCTET end[] = { 0xff, JPEG_EOI };
    Decoder *decoder = decoder_of((j_common_ptr) jpeg);
    off_t left = decoder->limit ? decoder->limit - decoder->at : BUFFER;
    ssize_t got = pread(decoder->fd, decoder->buffer, (size_t) CLAMP(left, 0, BUFFER), decoder->at);

    if (got < 0) {
        vips_error_system(errno, "VipsJpeg", "cannot read the file");
        give_up(decoder);
    }
    decoder->at += got;
    decoder->ended = got == 0;
    decoder->input.next_input_byte = got ? decoder->buffer : end;
    decoder->input.bytes_in_buffer = got ? (size_t) got : sizeof(end);
    if (decoder->in_data && got)
        find_hole(decoder);
    return TRUE;
}

static void skip_input(j_decompress_ptr jpeg, long count)
{
    Decoder *decoder = decoder_of((j_common_ptr) jpeg);
    struct jpeg_source_mgr *input = &decoder->input;

    if (count <= 0)
        return;
    if ((size_t) count > input->bytes_in_buffer) {
        decoder->at += count - (long) input->bytes_in_buffer;
        input->bytes_in_buffer = 0;
        return;
    }
    input->next_input_byte += count;
    input->bytes_in_buffer -= (size_t) count;
}

static void end_input(j_decompress_ptr jpeg G_GNUC_UNUSED)
{
}

static int next_byte(Decoder *decoder)
{
    if (decoder->input.bytes_in_buffer == 0)
        fill_input(&decoder->jpeg);
    decoder->input.bytes_in_buffer--;
    return *decoder->input.next_input_byte++;
}

/* ---- decoding ---- */

/* The bytes from here to a marker that ends the data, of which restart markers are a part. */
typedef struct Rest {
    size_t length;
    bool uniform; /* all bytes are the same */
    int marker;
} Rest;

static Rest read_rest(Decoder *decoder)
{
    Rest rest = { .uniform = true };
    int first = -1;

    for (;;) {
        int byte = next_byte(decoder), marker = 0;
        while (byte == 0xff && (marker = next_byte(decoder)) == 0xff)
            rest.length++;
        if (byte == 0xff && marker != 0 && !is_restart(marker)) {
            rest.marker = marker;
            return rest;
        }
        first = first < 0 ? byte : first;
        rest.uniform = rest.uniform && byte == first;
        rest.length++;
    }
}

/* Data before the end mark that no row has used: what was decoded is not what was encoded. Anything
 * else there is a trailer. */
static bool has_unused_data(Decoder *decoder)
{
    if (decoder->jpeg.unread_marker != 0)
        return false;
    Rest rest = read_rest(decoder);
    return rest.marker == JPEG_EOI && !decoder->ended && !rest.uniform &&
           rest.length > DAMAGE_SPARE_MAX;
}

/* Whether the last scans of a file without an end mark are missing. */
static bool lacks_scans(const Decoder *decoder)
{
    const struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    if (!decoder->ended || !jpeg->coef_bits)
        return false;
    for (int component = 0; component < jpeg->num_components; component++)
        for (int i = 0; i < DCTSIZE2; i++)
            if (jpeg->coef_bits[component][i] != 0)
                return true;
    return false;
}

/* Whether zeros can be the codes of blocks without detail: the first code of a table has only
 * zeros, and in arithmetic coding anything may. */
static bool zeros_are_plain(const struct jpeg_decompress_struct *jpeg)
{
    const JHUFF_TBL *table = jpeg->ac_huff_tbl_ptrs[jpeg->comp_info[0].ac_tbl_no];
    enum { END_OF_BLOCK = 0 };

    return jpeg->arith_code || !table || table->huffval[0] == END_OF_BLOCK;
}

/* Whether a hole lies in what the rows have used. */
static bool has_hole(const Decoder *decoder)
{
    enum { READ_AHEAD = 16 };
    off_t used = decoder->at - (off_t) decoder->input.bytes_in_buffer - READ_AHEAD;

    return decoder->hole && decoder->hole < used;
}

/* A writer may replace the content of a file while it is read. libjpeg rounds sizes up when it
 * shrinks. */
static void check_header(Decoder *decoder)
{
    const struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    if (jpeg->output_components == decoder->bands && (int) jpeg->output_width >= decoder->width &&
        (int) jpeg->output_height >= decoder->height)
        return;
    vips_error("VipsJpeg", "the file has changed since its header was read");
    give_up(decoder);
}

static void begin(Decoder *decoder)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    jpeg_read_header(jpeg, TRUE);
    jpeg->scale_num = 1;
    jpeg->scale_denom = (unsigned) decoder->shrink;
    decoder->in_data = !jpeg_has_multiple_scans(jpeg) && !zeros_are_plain(jpeg);
    if (decoder->in_data)
        find_hole(decoder);
    jpeg_start_decompress(jpeg); /* reads all scans, if there are several */
    check_header(decoder);
    if (lacks_scans(decoder))
        refuse(decoder, DAMAGE_END);
    decoder->row =
        vips_malloc(NULL, (size_t) jpeg->output_width * (size_t) jpeg->output_components);
    if (!decoder->row)
        give_up(decoder);
}

static void begin_again(Decoder *decoder)
{
    jpeg_abort_decompress(&decoder->jpeg);
    decoder->again = false;
    decoder->at = 0;
    decoder->input.bytes_in_buffer = 0;
}

static void read_row(Decoder *decoder, JSAMPLE *to)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    size_t length = (size_t) decoder->width * (size_t) jpeg->output_components;
    bool fits = (int) jpeg->output_width == decoder->width;
    JSAMPROW row = fits && to ? to : decoder->row;

    jpeg_read_scanlines(jpeg, &row, 1);
    if (to && !fits)
        memcpy(to, decoder->row, length);
    if (to && jpeg->out_color_space == JCS_CMYK) /* stored inverted */
        for (size_t i = 0; i < length; i++)
            to[i] = 255 - to[i];
}

/* libjpeg rounds the size up when it shrinks, and we down, as libvips does. */
static void end(Decoder *decoder)
{
    while (decoder->jpeg.output_scanline < decoder->jpeg.output_height)
        read_row(decoder, NULL);
    if (has_hole(decoder))
        refuse(decoder, DAMAGE_HOLE);
    if (!jpeg_has_multiple_scans(&decoder->jpeg) && has_unused_data(decoder))
        refuse(decoder, DAMAGE_FIT);
}

static void read_rows(Decoder *decoder, VipsRegion *out)
{
    const VipsRect *area = &out->valid;

    if (!decoder->row)
        begin(decoder);
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        read_row(decoder, VIPS_REGION_ADDR(out, 0, y));
    if (VIPS_RECT_BOTTOM(area) == decoder->height)
        end(decoder);
}

/* ---- as an image of libvips ---- */

/* vips_sequential() asks for whole rows, in order, and for each once. */
static int generate(VipsRegion *out, void *seq G_GNUC_UNUSED, void *a, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Decoder *decoder = a;

    g_assert(out->valid.left == 0 && out->valid.width == decoder->width);
    if (setjmp(decoder->failure)) { /* NOLINT(cert-err52-cpp) */
        if (!decoder->again)
            return -1;
        begin_again(decoder);
    }
    read_rows(decoder, out);
    return 0;
}

static void decoder_free(void *data)
{
    Decoder *decoder = data;

    jpeg_destroy_decompress(&decoder->jpeg);
    g_free(decoder->row);
    g_object_unref(decoder->source);
    g_free(decoder);
}

static Decoder *decoder_new(VipsSource *source, int shrink)
{
    Decoder *decoder = g_new0(Decoder, 1);

    decoder->source = g_object_ref(source);
    decoder->fd = VIPS_CONNECTION(source)->descriptor;
    decoder->shrink = shrink;
    decoder->jpeg.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = on_error;
    decoder->errors.emit_message = on_message;
    decoder->input = (struct jpeg_source_mgr){ .init_source = begin_input,
                                               .fill_input_buffer = fill_input,
                                               .skip_input_data = skip_input,
                                               .resync_to_restart = jpeg_resync_to_restart,
                                               .term_source = end_input };
    decoder->jpeg.client_data = decoder;
    return decoder;
}

/* False with libvips' error set. */
static bool decoder_begin(Decoder *decoder)
{
    if (setjmp(decoder->failure)) /* NOLINT(cert-err52-cpp) */
        return false;
    jpeg_create_decompress(&decoder->jpeg);
    decoder->jpeg.client_data = decoder;
    decoder->jpeg.src = &decoder->input;
    return true;
}

VipsImage *load_jpeg(VipsSource *source, int shrink)
{
    g_autoptr(VipsImage) header = NULL;
    g_autoptr(VipsImage) image = vips_image_new();
    Decoder *decoder = decoder_new(source, shrink);
    VipsImage *rows = NULL;

    g_object_set_data_full(G_OBJECT(image), "jpeg", decoder, decoder_free);
    if (!decoder_begin(decoder) ||
        vips_jpegload_source(source, &header, "access", VIPS_ACCESS_SEQUENTIAL, "shrink", shrink,
                             NULL) ||
        vips_image_pipelinev(image, VIPS_DEMAND_STYLE_FATSTRIP, header, NULL))
        return NULL;
    decoder->width = image->Xsize;
    decoder->height = image->Ysize;
    decoder->bands = image->Bands;
    if (vips_image_generate(image, NULL, generate, NULL, decoder, NULL) ||
        vips_sequential(image, &rows, "tile_height", ROWS_AT_ONCE, NULL))
        return NULL;
    return rows;
}
