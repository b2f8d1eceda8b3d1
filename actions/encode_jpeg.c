/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encode_jpeg.h"

#include "actions/pixels.h"
#include "actions/rows.h"

/* each needs what the one before it defines */
/* clang-format off */
#include <stdio.h>
#include <jpeglib.h>
/* clang-format on */
#include <setjmp.h>

enum {
    BUFFER = 64 * 1024,
    QUALITY = 85,
    ROWS_MOST = 2 * DCTSIZE,
};

typedef struct Encoder {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr output;
    jmp_buf failure;
    VipsTarget *target;
    JOCTET buffer[BUFFER];
} Encoder;

/* ---- errors ---- */

static void on_error(j_common_ptr jpeg)
{
    Encoder *encoder = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, message);
    vips_error("VipsJpeg", "%s", message);
    longjmp(encoder->failure, 1); /* NOLINT(cert-err52-cpp): libjpeg has no other way */
}

static void on_message(j_common_ptr jpeg G_GNUC_UNUSED, int level G_GNUC_UNUSED)
{
}

/* ---- output ---- */

static void begin_output(j_compress_ptr jpeg)
{
    Encoder *encoder = jpeg->client_data;

    encoder->output.next_output_byte = encoder->buffer;
    encoder->output.free_in_buffer = BUFFER;
}

/* libvips has set the error. */
static void write_out(j_compress_ptr jpeg, size_t count)
{
    Encoder *encoder = jpeg->client_data;

    if (count && vips_target_write(encoder->target, encoder->buffer, count))
        longjmp(encoder->failure, 1); /* NOLINT(cert-err52-cpp): libjpeg has no other way */
    begin_output(jpeg);
}

static boolean empty_output(j_compress_ptr jpeg)
{
    write_out(jpeg, BUFFER);
    return TRUE;
}

static void end_output(j_compress_ptr jpeg)
{
    const Encoder *encoder = jpeg->client_data;

    write_out(jpeg, BUFFER - encoder->output.free_in_buffer);
}

/* ---- settings ---- */

#ifdef JPEG_C_PARAM_SUPPORTED

unsigned encode_jpeg_options(void)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned options = 0;

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    if (jpeg_c_bool_param_supported(&jpeg, JBOOLEAN_TRELLIS_QUANT))
        options |= OPTION_TRELLIS;
    if (jpeg_c_bool_param_supported(&jpeg, JBOOLEAN_OPTIMIZE_SCANS))
        options |= OPTION_SCANS;
    jpeg_destroy_compress(&jpeg);
    return options;
}

/* Without a word in the profile, mozjpeg is as libjpeg: it would take ten times as long. */
static void set_defaults(j_compress_ptr jpeg, const Encoding *e)
{
    unsigned options = encode_jpeg_options();

    if (jpeg_c_int_param_supported(jpeg, JINT_COMPRESS_PROFILE))
        jpeg_c_set_int_param(jpeg, JINT_COMPRESS_PROFILE, JCP_FASTEST);
    jpeg_set_defaults(jpeg);
    if (options & OPTION_TRELLIS)
        jpeg_c_set_bool_param(jpeg, JBOOLEAN_TRELLIS_QUANT, e->trellis);
    if (options & OPTION_SCANS)
        jpeg_c_set_bool_param(jpeg, JBOOLEAN_OPTIMIZE_SCANS, e->scans);
}

#else

unsigned encode_jpeg_options(void)
{
    return 0;
}

static void set_defaults(j_compress_ptr jpeg, const Encoding *e G_GNUC_UNUSED)
{
    jpeg_set_defaults(jpeg);
}

#endif

static int quality_of(const Encoding *e)
{
    return e->quality ? e->quality : QUALITY;
}

void encode_jpeg_sampling(const Encoding *e, int *across, int *down)
{
    *across = *down = 2;
    if (e->subsampling == SUBSAMPLING_444 ||
        (e->subsampling == SUBSAMPLING_AUTO && quality_of(e) >= ENCODING_FULL_FROM))
        *across = *down = 1;
    else if (e->subsampling == SUBSAMPLING_422)
        *down = 1;
}

/* Ink that is shared bleeds into the next pixels: only who asks for it gets that. */
static bool shares_inks(const Encoding *e)
{
    return e->subsampling == SUBSAMPLING_422 || e->subsampling == SUBSAMPLING_420;
}

double encode_jpeg_ink_samples(const Encoding *e)
{
    enum { WHOLE = 2, SHARED = 2 }; /* of YCCK: lightness and black, and the two colours */
    int across = 1, down = 1;

    if (!shares_inks(e))
        return PIXELS_INKS;
    encode_jpeg_sampling(e, &across, &down);
    return WHOLE + (double) SHARED / (across * down);
}

static void set_sampling(j_compress_ptr jpeg, const Encoding *e, int bands)
{
    enum { BLACK = 3 };
    int across = 1, down = 1;

    if (bands == 1 || (bands == PIXELS_INKS && !shares_inks(e)))
        return;
    if (bands == PIXELS_INKS)
        jpeg_set_colorspace(jpeg, JCS_YCCK);
    encode_jpeg_sampling(e, &across, &down);
    for (int i = 0; i < bands; i += BLACK) {
        jpeg->comp_info[i].h_samp_factor = across;
        jpeg->comp_info[i].v_samp_factor = down;
    }
}

/* What is written: rows of pixels, or else planes. */
typedef struct Picture {
    VipsImage *pixels; /* or NULL */
    const Planes *planes;
    int width, height, bands;
} Picture;

static void set_up(Encoder *encoder, const Picture *picture, const Encoding *e)
{
    j_compress_ptr jpeg = &encoder->jpeg;

    jpeg->image_width = (JDIMENSION) picture->width;
    jpeg->image_height = (JDIMENSION) picture->height;
    jpeg->input_components = picture->bands;
    jpeg->in_color_space = picture->bands == 1             ? JCS_GRAYSCALE
                           : picture->bands == PIXELS_INKS ? JCS_CMYK
                           : picture->planes               ? JCS_YCbCr
                                                           : JCS_RGB;
    set_defaults(jpeg, e);
    if (e->eighths)
        jpeg_set_linear_quality(jpeg, 2 * (100 - e->quality) - e->eighths / 4, TRUE);
    else
        jpeg_set_quality(jpeg, quality_of(e), TRUE);
    set_sampling(jpeg, e, picture->bands);
    jpeg->raw_data_in = picture->planes != NULL;
    jpeg->write_JFIF_header = FALSE; /* embed.c does */
    jpeg->optimize_coding = e->progressive || e->optimised || e->trellis;
    if (e->progressive || e->scans)
        jpeg_simple_progression(jpeg);
}

/* ---- writing ---- */

static int on_rows(VipsRegion *region, VipsRect *area, void *user)
{
    Encoder *encoder = user;

    if (setjmp(encoder->failure)) /* NOLINT(cert-err52-cpp): libjpeg has no other way */
        return -1;
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        JSAMPROW row = VIPS_REGION_ADDR(region, 0, y);
        jpeg_write_scanlines(&encoder->jpeg, &row, 1);
    }
    return 0;
}

/* The last row stands for those behind it. */
static void write_blocks(j_compress_ptr jpeg, const Planes *planes)
{
    JSAMPROW rows[PLANES_MOST][ROWS_MOST];
    JSAMPARRAY parts[PLANES_MOST];
    int most = jpeg->max_v_samp_factor;

    for (int i = 0; i < planes->count; i++) {
        const Plane *plane = &planes->plane[i];
        int factor = jpeg->comp_info[i].v_samp_factor;
        int top = (int) jpeg->next_scanline / most * factor;
        for (int y = 0; y < factor * DCTSIZE; y++)
            rows[i][y] = plane->samples + (size_t) MIN(top + y, plane->height - 1) * plane->stride;
        parts[i] = rows[i];
    }
    jpeg_write_raw_data(jpeg, parts, (JDIMENSION) (most * DCTSIZE));
}

static bool write_planes(Encoder *encoder, const Planes *planes)
{
    j_compress_ptr jpeg = &encoder->jpeg;

    if (setjmp(encoder->failure)) /* NOLINT(cert-err52-cpp): libjpeg has no other way */
        return false;
    while (jpeg->next_scanline < jpeg->image_height)
        write_blocks(jpeg, planes);
    return true;
}

static bool write_rows(Encoder *encoder, const Picture *picture)
{
    return picture->planes ? write_planes(encoder, picture->planes)
                           : !rows_each(picture->pixels, on_rows, encoder);
}

static bool begin(Encoder *encoder, const Picture *picture, const Encoding *e)
{
    if (setjmp(encoder->failure)) /* NOLINT(cert-err52-cpp): libjpeg has no other way */
        return false;
    jpeg_create_compress(&encoder->jpeg);
    encoder->jpeg.dest = &encoder->output;
    set_up(encoder, picture, e);
    jpeg_start_compress(&encoder->jpeg, TRUE);
    return true;
}

/* libvips does not always say that the last rows were not made: then libjpeg misses them. */
static bool end(Encoder *encoder)
{
    if (setjmp(encoder->failure)) /* NOLINT(cert-err52-cpp): libjpeg has no other way */
        return false;
    jpeg_finish_compress(&encoder->jpeg);
    return !vips_target_end(encoder->target);
}

static int write_picture(const Picture *picture, VipsTarget *target, const Encoding *e)
{
    g_autofree Encoder *encoder = g_new0(Encoder, 1);

    encoder->target = target;
    encoder->jpeg.err = jpeg_std_error(&encoder->errors);
    encoder->jpeg.client_data = encoder;
    encoder->errors.error_exit = on_error;
    encoder->errors.emit_message = on_message;
    encoder->output = (struct jpeg_destination_mgr){ .init_destination = begin_output,
                                                     .empty_output_buffer = empty_output,
                                                     .term_destination = end_output };
    bool good = begin(encoder, picture, e) && write_rows(encoder, picture) && end(encoder);
    jpeg_destroy_compress(&encoder->jpeg);
    return good ? 0 : -1;
}

/* Photoshop writes CMYK inverted, and so does every program since, with Adobe's marker. */
static VipsImage *as_stored(VipsImage *pixels)
{
    VipsImage *out = NULL;

    if (pixels->Bands != PIXELS_INKS)
        return g_object_ref(pixels);
    return vips_invert(pixels, &out, NULL) ? NULL : out;
}

int encode_jpeg(VipsImage *pixels, VipsTarget *target, const Encoding *e)
{
    g_autoptr(VipsImage) stored = as_stored(pixels);
    const Picture picture = { stored, NULL, pixels->Xsize, pixels->Ysize, pixels->Bands };

    return stored ? write_picture(&picture, target, e) : -1;
}

int encode_jpeg_planes(const Planes *planes, VipsTarget *target, const Encoding *e)
{
    const Picture picture = { NULL, planes, planes->width, planes->height, planes->count };

    return write_picture(&picture, target, e);
}
