/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encoders.h"

#include "actions/encode_jp2.h"
#include "actions/encode_jpeg.h"
#include "actions/encode_png.h"
#include "actions/encode_ppm.h"
#include "actions/load_tiff.h"

static int value_or_default(int value, int fallback)
{
    return value ? value : fallback;
}

/* ---- PNG ---- */

static int palette_bits(const Encoding *e)
{
    int bits = 1;

    while (e->colours && 1 << bits < e->colours)
        bits++;
    return e->colours ? bits : 8;
}

static int write_png(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    if (e->palette == PALETTE_YES)
        return vips_pngsave_target(in, target, "palette", TRUE, "bitdepth", palette_bits(e),
                                   "dither", e->smooth ? 0.0 : 1.0, "compression",
                                   value_or_default(e->effort, 6), "interlace", e->progressive,
                                   "strip", TRUE, NULL);
    return encode_png(in, target, e->effort, e->progressive, e->palette == PALETTE_AUTO);
}

/* ---- WebP ---- */

/* Our 1 to 9 is its 0 to 6. */
static int webp_effort(int effort)
{
    return value_or_default(effort, 6) * 6 / 9;
}

static int write_webp(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_webpsave_target(in, target, "Q",
                                value_or_default(e->quality, e->near_lossless ? 60 : 80),
                                "lossless", e->lossless, "near_lossless", e->near_lossless,
                                "alpha_q", value_or_default(e->alpha_quality, 100), "effort",
                                webp_effort(e->effort), "strip", TRUE, NULL);
}

/* ---- TIFF ---- */

bool encoders_tiff_is_big(double bytes, const Encoding *e)
{
    const double most = 4e9, smaller_ones = 4.0 / 3, badly_packed = 1.5;

    return bytes * (e->pyramid ? smaller_ones : 1) *
               (e->compression == COMPRESSION_NONE ? 1 : badly_packed) >
           most;
}

/* Whether its values are black and white, and the compression can have 1 bit of each. */
static bool tiff_is_bilevel(VipsImage *in, const Encoding *e)
{
    bool exact = e->compression != COMPRESSION_JPEG && e->compression != COMPRESSION_WEBP;

    return e->compression == COMPRESSION_CCITT ||
           (exact && !e->pyramid && in->Bands == 1 && in->BandFmt == VIPS_FORMAT_UCHAR &&
            vips_image_get_typeof(in, LOAD_TIFF_BILEVEL));
}

static int write_tiff(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    enum { TILE = 256 };
    static const VipsForeignTiffCompression compressions[] = {
        [COMPRESSION_AUTO] = VIPS_FOREIGN_TIFF_COMPRESSION_LZW,
        [COMPRESSION_NONE] = VIPS_FOREIGN_TIFF_COMPRESSION_NONE,
        [COMPRESSION_LZW] = VIPS_FOREIGN_TIFF_COMPRESSION_LZW,
        [COMPRESSION_DEFLATE] = VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE,
        [COMPRESSION_ZSTD] = VIPS_FOREIGN_TIFF_COMPRESSION_ZSTD,
        [COMPRESSION_JPEG] = VIPS_FOREIGN_TIFF_COMPRESSION_JPEG,
        [COMPRESSION_WEBP] = VIPS_FOREIGN_TIFF_COMPRESSION_WEBP,
        [COMPRESSION_CCITT] = VIPS_FOREIGN_TIFF_COMPRESSION_CCITTFAX4,
    };
    bool two_values = tiff_is_bilevel(in, e);

    return vips_tiffsave_target(
        in, target, "compression", compressions[e->compression], "Q",
        value_or_default(e->quality, 85), "lossless", e->lossless, "predictor",
        two_values ? VIPS_FOREIGN_TIFF_PREDICTOR_NONE : VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL,
        "bitdepth", two_values ? 1 : 0, "miniswhite", e->compression == COMPRESSION_CCITT, "tile",
        e->tiles || e->pyramid, "tile_width", TILE, "tile_height", TILE, "pyramid", e->pyramid,
        "bigtiff", encoders_tiff_is_big((double) VIPS_IMAGE_SIZEOF_IMAGE(in), e), NULL);
}

/* ---- AVIF ---- */

static int write_avif(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_heifsave_target(in, target, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q",
                                value_or_default(e->quality, 60), "bitdepth",
                                in->BandFmt == VIPS_FORMAT_UCHAR ? 8 : ENCODERS_AVIF_BITS,
                                "lossless", e->lossless, "subsample_mode",
                                e->lossless || e->subsampling == SUBSAMPLING_444
                                    ? VIPS_FOREIGN_SUBSAMPLE_OFF
                                    : VIPS_FOREIGN_SUBSAMPLE_AUTO,
                                "effort", value_or_default(e->effort, 4), "strip",
                                !vips_image_get_typeof(in, VIPS_META_ICC_NAME), NULL);
}

/* ---- HEIC, JPEG XL, JPEG 2000, GIF, PPM ---- */

static int write_heic(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_heifsave_target(in, target, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_HEVC, "Q",
                                value_or_default(e->quality, 60), "bitdepth",
                                in->BandFmt == VIPS_FORMAT_UCHAR ? 8 : ENCODERS_HEIC_BITS, "strip",
                                !vips_image_get_typeof(in, VIPS_META_ICC_NAME), NULL);
}

/* Of less libvips makes a distance that libjxl takes for none given. */
enum { JXL_WORST = 5 };

/* libvips does not trust libjxl, since it decodes what strangers send; here it encodes. */
static int write_jxl(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    enum { LEAST = 3, MOST = 7 /* 9 takes six times the memory */ };
    int effort = CLAMP(value_or_default(e->effort, 5), LEAST, MOST);
    int quality = MAX(value_or_default(e->quality, 85), JXL_WORST);

    /* as libvips makes it of a quality of 30 or more */
    double distance = 0.1 + 0.09 * (100 - quality - e->eighths / 8.0);

    vips_operation_block_set("VipsForeignSaveJxl", FALSE);
    int failed = e->eighths
                     ? vips_jxlsave_target(in, target, "distance", distance, "effort", effort, NULL)
                     : vips_jxlsave_target(in, target, "Q", quality, "lossless", e->lossless,
                                           "effort", effort, NULL);
    vips_operation_block_set("VipsForeignSaveJxl", TRUE);
    return failed;
}

static int write_jp2(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return encode_jp2(in, target, value_or_default(e->quality, 80), e->lossless);
}

static int write_gif(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_gifsave_target(in, target, "bitdepth", palette_bits(e), "dither",
                               e->smooth ? 0.0 : 1.0, "effort", value_or_default(e->effort, 7),
                               "interlace", e->progressive, NULL);
}

static int write_ppm(VipsImage *in, VipsTarget *target, const Encoding *e G_GNUC_UNUSED)
{
    return encode_ppm(in, target);
}

/* ---- all ---- */

/* AVIF's memory is of all data (RLIMIT_DATA), its threads' stacks too, at 1.5 to 12 megapixels: 23
 * bytes with effort = 1 and 2, 37 with 4, 40 with 9; with full colours, as without loss, 37 to 61.
 * With alpha WebP takes 22 bytes: it compresses that without loss. All without loss takes 18 of a
 * photo and 28 of noise with effort = 1, else up to 37. JPEG XL takes 40 bytes, of noise
 * 75, without loss 85 to 100; GIF 16. HEIC keeps what it has written: of noise 20 bytes with a
 * quality of 80, 34 with 90 and more, two more with alpha, and a quarter more of 16 bits. */
static const Encoder encoders[] = {
    [FORMAT_JPEG] = { .max_side = 65500,
                      .depth = VIPS_FORMAT_UCHAR,
                      .grey = true,
                      .inks = true,
                      .has_orientation = true,
                      .has_profile = true,
                      .has_density = true,
                      .options = OPTION_DENSITY | OPTION_QUALITY | OPTION_PROGRESSIVE |
                                 OPTION_SUBSAMPLING | OPTION_TRELLIS | OPTION_SCANS,
                      .write = encode_jpeg },
    [FORMAT_PNG] = { .max_side = G_MAXINT,
                     .depth = VIPS_FORMAT_USHORT,
                     .grey = true,
                     .transparent = true,
                     .has_profile = true,
                     .has_density = true,
                     .options = OPTION_DENSITY | OPTION_EFFORT | OPTION_PROGRESSIVE |
                                OPTION_PALETTE | OPTION_COLOURS | OPTION_DITHER,
                     .saver = "pngsave_target",
                     .write = write_png },
    [FORMAT_WEBP] = { .max_side = 16383,
                      .depth = VIPS_FORMAT_UCHAR,
                      .transparent = true,
                      .has_profile = true,
                      .memory = 7,
                      .memory_more = 38,
                      .memory_alpha = 27,
                      .memory_quick = 28,
                      .options = OPTION_DENSITY | OPTION_QUALITY | OPTION_EFFORT | OPTION_LOSSLESS |
                                 OPTION_NEAR_LOSSLESS | OPTION_ALPHA_QUALITY,
                      .saver = "webpsave_target",
                      .write = write_webp },
    [FORMAT_GIF] = { .max_side = 65535,
                     .depth = VIPS_FORMAT_UCHAR,
                     .transparent = true,
                     .memory = 18,
                     .memory_more = 18,
                     .memory_alpha = 18,
                     .options = OPTION_EFFORT | OPTION_PROGRESSIVE | OPTION_COLOURS | OPTION_DITHER,
                     .saver = "gifsave_target",
                     .write = write_gif },
    [FORMAT_TIFF] = { .max_side = G_MAXINT,
                      .depth = VIPS_FORMAT_FLOAT,
                      .grey = true,
                      .inks = true,
                      .transparent = true,
                      .has_orientation = true,
                      .has_profile = true,
                      .has_density = true,
                      .memory = 1,
                      .memory_more = 1,
                      .memory_alpha = 1,
                      .options = OPTION_DENSITY | OPTION_QUALITY | OPTION_LOSSLESS |
                                 OPTION_COMPRESSION | OPTION_TILES | OPTION_PYRAMID,
                      .saver = "tiffsave_target",
                      .write = write_tiff },
    [FORMAT_HEIF] = { .max_side = 16384,
                      .depth = VIPS_FORMAT_USHORT,
                      .transparent = true,
                      .has_profile = true,
                      .memory = 36,
                      .memory_alpha = 38,
                      .memory_quick = 22,
                      .options = OPTION_DENSITY | OPTION_QUALITY,
                      .saver = "heifsave_target",
                      .write = write_heic },
    [FORMAT_AVIF] = { .max_side = 16384,
                      .depth = VIPS_FORMAT_USHORT,
                      .transparent = true,
                      .has_profile = true,
                      .memory = 42,
                      .memory_more = 64,
                      .memory_alpha = 42,
                      .memory_quick = 28,
                      .options = OPTION_DENSITY | OPTION_QUALITY | OPTION_EFFORT | OPTION_LOSSLESS,
                      .saver = "heifsave_target",
                      .write = write_avif },
    [FORMAT_JXL] = { .max_side = G_MAXINT,
                     .depth = VIPS_FORMAT_USHORT,
                     .grey = true,
                     .transparent = true,
                     .has_profile = true,
                     .memory = 75,
                     .memory_more = 100,
                     .memory_alpha = 85,
                     .options = OPTION_DENSITY | OPTION_QUALITY | OPTION_EFFORT | OPTION_LOSSLESS,
                     .saver = "jxlsave_target",
                     .write = write_jxl },
    [FORMAT_JP2] = { .max_side = G_MAXINT,
                     .depth = VIPS_FORMAT_USHORT,
                     .grey = true,
                     .transparent = true,
                     .has_profile = true,
                     .has_density = true,
                     .memory = 7,
                     .memory_more = 3,
                     .memory_alpha = 9,
                     .options = OPTION_DENSITY | OPTION_QUALITY | OPTION_LOSSLESS,
                     .saver = "jp2ksave_target",
                     .write = write_jp2 },
    [FORMAT_PPM] = { .max_side = G_MAXINT, .depth = VIPS_FORMAT_USHORT, .write = write_ppm },
};

const Encoder *encoder_of(Format format)
{
    return format < G_N_ELEMENTS(encoders) && encoders[format].write ? &encoders[format] : NULL;
}

/* libheif gives libaom one of 64 quantizers. */
static int avif_step(int quality)
{
    enum { QUALITIES = 100, QUANTIZERS = 63 };

    return QUANTIZERS - ((QUALITIES - quality) * QUANTIZERS + QUALITIES / 2) / QUALITIES;
}

int encoders_step(Format format, int quality)
{
    switch ((int) format) {
    case FORMAT_AVIF:
        return avif_step(quality);
    case FORMAT_JXL:
        return MAX(quality, JXL_WORST);
    case FORMAT_JP2:
        return encode_jp2_step(quality);
    default:
        return quality;
    }
}

/* ---- what this machine has ---- */

/* As tiff.h numbers them, whose words are those of our Compression. */
enum { TIFF_ZSTD = 50000, TIFF_WEBP = 50001 };

static bool lacks(Error **err, const char *what, const char *library)
{
    g_autofree char *fix =
        g_strdup_printf("install a %s that does, or choose another one", library);

    return error_set(err, ERROR_CONFIG, fix, "this machine's %s does not write %s", library, what);
}

static bool tiff_is_possible(Compression compression, Error **err)
{
    if (compression == COMPRESSION_ZSTD && !load_tiff_knows(TIFF_ZSTD))
        return lacks(err, "compression = zstd", "libtiff");
    if (compression == COMPRESSION_WEBP && !load_tiff_knows(TIFF_WEBP))
        return lacks(err, "compression = webp", "libtiff");
    return true;
}

static bool jpeg_is_possible(const Encoding *e, Error **err)
{
    unsigned has = encode_jpeg_options();
    const char *option = e->trellis && !(has & OPTION_TRELLIS) ? "trellis"
                         : e->scans && !(has & OPTION_SCANS)   ? "scans"
                                                               : NULL;

    return !option || error_set(err, ERROR_CONFIG, "remove it: only mozjpeg has it",
                                "this machine's libjpeg does not have %s", option);
}

/* libheif may have been built without an encoder, which is found at run time. */
static bool heic_is_written(void)
{
    enum { SIDE = 64 };
    g_autoptr(VipsImage) black = NULL;
    void *bytes = NULL;
    size_t size = 0;
    bool good = !vips_black(&black, SIDE, SIDE, "bands", 3, NULL) &&
                !vips_heifsave_buffer(black, &bytes, &size, "compression",
                                      VIPS_FOREIGN_HEIF_COMPRESSION_HEVC, NULL) &&
                size;

    g_free(bytes);
    vips_error_clear();
    return good;
}

static bool heic_is_possible(Error **err)
{
    static int known; /* 1: it is, -1: not */

    if (!known)
        known = heic_is_written() ? 1 : -1;
    return known > 0 || lacks(err, "HEIC", "libheif");
}

bool encoders_have(const Encoding *e, Error **err)
{
    const char *saver = encoder_of(e->format)->saver;

    if (saver && !libvips_make_ready("VipsForeignSave", saver))
        return lacks(err, format_name(e->format), "libvips");
    if (e->format == FORMAT_TIFF)
        return tiff_is_possible(e->compression, err);
    if (e->format == FORMAT_HEIF)
        return heic_is_possible(err);
    return e->format != FORMAT_JPEG || jpeg_is_possible(e, err);
}
