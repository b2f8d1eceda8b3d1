/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/jpeg_decoder.h"

#include <errno.h>
#include <jerror.h>
#include <string.h>
#include <unistd.h>

#include "actions/damage.h"
#include "actions/file_window.h"

enum {
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

static JpegDecoder *decoder_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

/* ---- errors and warnings ---- */

void jpeg_decoder_give_up(JpegDecoder *decoder)
{
    longjmp(decoder->failure, 1); /* NOLINT(cert-err52-cpp): libjpeg has no other way */
}

/* Of several scans each has all rows, and all are read before the first row is given. */
static void report(JpegDecoder *decoder, DamageKind kind)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    int scan = jpeg_has_multiple_scans(jpeg) ? jpeg->input_scan_number : 0;

    damage_report("JPEG", kind, scan,
                  (double) jpeg->input_iMCU_row / MAX(1, jpeg->total_iMCU_rows));
}

/* The end of a file that is cut within a marker's segment is read as a part of it. */
static void on_error(j_common_ptr jpeg)
{
    JpegDecoder *decoder = decoder_of(jpeg);
    char message[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, message);
    vips_error("VipsJpeg", "%s", message);
    damage_note_source();
    if (decoder->ended && jpeg->err->msg_code != JERR_OUT_OF_MEMORY)
        report(decoder, DAMAGE_END);
    jpeg_decoder_give_up(decoder);
}

G_GNUC_NORETURN static void refuse(JpegDecoder *decoder, DamageKind kind)
{
    report(decoder, kind);
    vips_error("VipsJpeg", "a part of its data is missing or damaged");
    jpeg_decoder_give_up(decoder);
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
static bool fill_up(const JpegDecoder *decoder, int count)
{
    enum { LOOK = 4096 };
    unsigned char bytes[LOOK];
    off_t from = decoder->at - (off_t) decoder->input.bytes_in_buffer - count;
    ssize_t got = pread(decoder->fd, bytes, (size_t) MIN(count, LOOK), from);

    return got > 0 && (got == 1 || memcmp(bytes, bytes + 1, (size_t) got - 1) == 0);
}

/* Bytes between a scan and the next marker, which no scan has used: a part of it, or a trailer in
 * place of the end mark, in which the marker stands by chance. */
static DamageKind damage_of_spare(JpegDecoder *decoder, int bytes, int marker)
{
    if (decoder->jpeg.input_scan_number == 0 || decoder->ended || bytes <= DAMAGE_SPARE_MAX ||
        fill_up(decoder, bytes))
        return DAMAGE_NONE;
    if (follows_scan(marker))
        return DAMAGE_DATA;
    decoder->limit = decoder->at - (off_t) decoder->input.bytes_in_buffer - bytes;
    decoder->again = true;
    jpeg_decoder_give_up(decoder);
}

/* What a warning says of the pixels; DAMAGE_NONE where they are those of the picture. */
static DamageKind damage_of(JpegDecoder *decoder, const struct jpeg_error_mgr *errors)
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
    JpegDecoder *decoder = decoder_of(common);
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
static void find_hole(JpegDecoder *decoder)
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
    JpegDecoder *decoder = decoder_of((j_common_ptr) jpeg);
    off_t left = decoder->limit ? decoder->limit - decoder->at : JPEG_DECODER_BUFFER;
    ssize_t got = pread(decoder->fd, decoder->buffer, (size_t) CLAMP(left, 0, JPEG_DECODER_BUFFER),
                        decoder->at);

    if (got < 0) {
        vips_error_system(errno, "VipsJpeg", "cannot read the file");
        jpeg_decoder_give_up(decoder);
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
    JpegDecoder *decoder = decoder_of((j_common_ptr) jpeg);
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

int jpeg_decoder_next_byte(JpegDecoder *decoder)
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

static Rest read_rest(JpegDecoder *decoder)
{
    Rest rest = { .uniform = true };
    int first = -1;

    for (;;) {
        int byte = jpeg_decoder_next_byte(decoder), marker = 0;
        while (byte == 0xff && (marker = jpeg_decoder_next_byte(decoder)) == 0xff)
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
static bool has_unused_data(JpegDecoder *decoder)
{
    if (decoder->jpeg.unread_marker != 0)
        return false;
    Rest rest = read_rest(decoder);
    return rest.marker == JPEG_EOI && !decoder->ended && !rest.uniform &&
           rest.length > DAMAGE_SPARE_MAX;
}

/* Whether a part of the component has not come: in a progressive file it comes bit by bit, else in
 * one scan, whose start gives the component its table. */
static bool lacks_scan_of(const struct jpeg_decompress_struct *jpeg, int component)
{
    if (!jpeg->coef_bits)
        return !jpeg->comp_info[component].quant_table;
    for (int i = 0; i < DCTSIZE2; i++)
        if (jpeg->coef_bits[component][i] != 0)
            return true;
    return false;
}

/* Whether the last scans of a file without an end mark are missing. */
static bool lacks_scans(const JpegDecoder *decoder)
{
    const struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    for (int component = 0; decoder->ended && component < jpeg->num_components; component++)
        if (lacks_scan_of(jpeg, component))
            return true;
    return false;
}

/* Whether zeros can be the codes of blocks without detail: the first code of a table has only
 * zeros, and in arithmetic coding anything may. */
static bool zeros_are_plain(const struct jpeg_decompress_struct *jpeg)
{
    int number = jpeg->comp_info[0].ac_tbl_no; /* as the file says */
    const JHUFF_TBL *table = number < NUM_HUFF_TBLS ? jpeg->ac_huff_tbl_ptrs[number] : NULL;
    enum { END_OF_BLOCK = 0 };

    return jpeg->arith_code || !table || table->huffval[0] == END_OF_BLOCK;
}

/* Whether a hole lies in what the rows have used. */
static bool has_hole(const JpegDecoder *decoder)
{
    enum { READ_AHEAD = 16 };
    off_t used = decoder->at - (off_t) decoder->input.bytes_in_buffer - READ_AHEAD;

    return decoder->hole && decoder->hole < used;
}

/* ---- as a lane uses it ---- */

void jpeg_decoder_read_header(JpegDecoder *decoder)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    jpeg_read_header(jpeg, TRUE);
    jpeg->scale_num = (unsigned) decoder->eighths;
    jpeg->scale_denom = DCTSIZE;
    decoder->in_data = !jpeg_has_multiple_scans(jpeg) && !zeros_are_plain(jpeg);
    if (decoder->in_data)
        find_hole(decoder);
}

void jpeg_decoder_start(JpegDecoder *decoder)
{
    jpeg_start_decompress(&decoder->jpeg); /* reads all scans, if there are several */
    if (lacks_scans(decoder))
        refuse(decoder, DAMAGE_END);
}

void jpeg_decoder_end(JpegDecoder *decoder)
{
    if (has_hole(decoder))
        refuse(decoder, DAMAGE_HOLE);
    if (!jpeg_has_multiple_scans(&decoder->jpeg) && has_unused_data(decoder))
        refuse(decoder, DAMAGE_FIT);
}

void jpeg_decoder_refuse_change(JpegDecoder *decoder)
{
    vips_error("VipsJpeg", "the file has changed since its header was read");
    jpeg_decoder_give_up(decoder);
}

static void begin_again(JpegDecoder *decoder)
{
    jpeg_abort_decompress(&decoder->jpeg);
    decoder->again = false;
    decoder->at = decoder->begin;
    decoder->input.bytes_in_buffer = 0;
}

bool jpeg_decoder_run(JpegDecoder *decoder, JpegDecoderWork work, void *user)
{
    if (setjmp(decoder->failure)) { /* NOLINT(cert-err52-cpp) */
        if (!decoder->again)
            return false;
        begin_again(decoder);
    }
    work(decoder, user);
    return true;
}

static void create(JpegDecoder *decoder, void *user G_GNUC_UNUSED)
{
    jpeg_create_decompress(&decoder->jpeg);
    decoder->jpeg.client_data = decoder;
    decoder->jpeg.src = &decoder->input;
}

JpegDecoder *jpeg_decoder_new(VipsSource *source, int eighths)
{
    g_autoptr(JpegDecoder) decoder = g_new0(JpegDecoder, 1);
    const FileWindow window = file_window_of(source);

    decoder->source = g_object_ref(source);
    decoder->fd = window.fd;
    decoder->begin = decoder->at = (off_t) window.at;
    decoder->limit = window.length ? (off_t) (window.at + window.length) : 0;
    decoder->eighths = eighths;
    decoder->jpeg.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = on_error;
    decoder->errors.emit_message = on_message;
    decoder->input = (struct jpeg_source_mgr){ .init_source = begin_input,
                                               .fill_input_buffer = fill_input,
                                               .skip_input_data = skip_input,
                                               .resync_to_restart = jpeg_resync_to_restart,
                                               .term_source = end_input };
    decoder->jpeg.client_data = decoder;
    return jpeg_decoder_run(decoder, create, NULL) ? g_steal_pointer(&decoder) : NULL;
}

void jpeg_decoder_free(JpegDecoder *decoder)
{
    if (!decoder)
        return;
    jpeg_destroy_decompress(&decoder->jpeg);
    g_object_unref(decoder->source);
    g_free(decoder);
}
