/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encode.h"

#include <unistd.h>

#include "actions/colour.h"
#include "actions/embed.h"
#include "actions/encode_png.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "formats/probe.h"

/* How one format is written: its limits, and what the settings mean there. */
typedef struct Encoder {
    int max_side;         /* pixels of a side, the format's own limit */
    VipsBandFormat depth; /* the deepest that it has */
    bool grey, transparent;
    bool has_orientation;
    /* Bytes a pixel, as measured at 24 and 54 megapixels beside the worker's own and its rows, and
     * a little more: otherwise, and progressive (JPEG, PNG) or lossless (WebP, AVIF). AVIF's is of
     * all data (RLIMIT_DATA), its threads' stacks too, at 1.5 to 12 megapixels: 23 bytes with
     * effort = 1, 37 with 4, 40 with 9; without loss 45 to 55. With alpha WebP takes 22 bytes: it
     * compresses that without loss. */
    double memory, memory_more, memory_alpha;
    int (*write)(VipsImage *in, VipsTarget *target, const Encoding *e);
} Encoder;

static int value_or_default(int value, int fallback)
{
    return value ? value : fallback;
}

static int write_jpeg(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_jpegsave_target(in, target, "Q", value_or_default(e->quality, 85), "interlace",
                                e->progressive, "optimize_coding", e->progressive || e->optimised,
                                "strip", TRUE, NULL);
}

static int write_png(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return encode_png(in, target, e->effort, e->progressive);
}

static int write_webp(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_webpsave_target(in, target, "Q", value_or_default(e->quality, 80), "lossless",
                                e->lossless, "effort", value_or_default(e->effort * 6 / 9, 4),
                                "strip", TRUE, NULL);
}

static int write_tiff(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    static const VipsForeignTiffCompression compressions[] = {
        [COMPRESSION_NONE] = VIPS_FOREIGN_TIFF_COMPRESSION_NONE,
        [COMPRESSION_LZW] = VIPS_FOREIGN_TIFF_COMPRESSION_LZW,
        [COMPRESSION_DEFLATE] = VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE,
        [COMPRESSION_JPEG] = VIPS_FOREIGN_TIFF_COMPRESSION_JPEG,
    };

    return vips_tiffsave_target(in, target, "compression", compressions[e->compression], "Q",
                                value_or_default(e->quality, 85), "predictor",
                                VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, NULL);
}

/* Of 10 bits, libaom with libheif 1.15 ends the whole process. */
static int avif_bits(const VipsImage *in)
{
    return in->BandFmt == VIPS_FORMAT_UCHAR ? 8 : 12;
}

static int write_avif(VipsImage *in, VipsTarget *target, const Encoding *e)
{
    return vips_heifsave_target(
        in, target, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q",
        value_or_default(e->quality, 60), "bitdepth", avif_bits(in), "lossless", e->lossless,
        "subsample_mode", e->lossless ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_AUTO,
        "effort", value_or_default(e->effort, 4), "strip",
        !vips_image_get_typeof(in, VIPS_META_ICC_NAME), NULL);
}

static const Encoder encoders[] = {
    [FORMAT_JPEG] = { 65500, VIPS_FORMAT_UCHAR, true, false, true, 0, 4, 0, write_jpeg },
    [FORMAT_PNG] = { G_MAXINT, VIPS_FORMAT_USHORT, true, true, false, 0, 4, 0, write_png },
    [FORMAT_WEBP] = { 16383, VIPS_FORMAT_UCHAR, false, true, false, 7, 38, 24, write_webp },
    [FORMAT_TIFF] = { G_MAXINT, VIPS_FORMAT_FLOAT, true, true, true, 1, 1, 1, write_tiff },
    [FORMAT_AVIF] = { 16384, VIPS_FORMAT_USHORT, false, true, false, 42, 60, 42, write_avif },
};

Format encode_format(const char *extension)
{
    Format format = format_from_extension(extension);

    return format < G_N_ELEMENTS(encoders) && encoders[format].write ? format : FORMAT_NONE;
}

bool encode_has_orientation(Format format)
{
    return encoders[format].has_orientation;
}

/* Measured: 6 ns a pixel of the result, where reading and scaling take 21 ns a pixel of the source.
 * libjpeg keeps 3 to 6 bytes a pixel for it, which up to this size are of the worker's reserve. */
bool encode_optimises(int64_t pixels, int64_t source)
{
    enum { MOST = 3000000, SMALLER = 6 };

    return pixels <= MOST && pixels * SMALLER <= source;
}

double encode_memory(const Encoding *e, const Shape *shape)
{
    const Encoder *encoder = &encoders[e->format];
    bool more = e->format == FORMAT_WEBP || e->format == FORMAT_AVIF ? e->lossless : e->progressive;

    double least = shape->alpha ? encoder->memory_alpha : encoder->memory;
    double numbers = shape->few_colours && e->format == FORMAT_PNG ? 1 : 0;

    return ((more ? encoder->memory_more : least) *
                (encoder->depth == VIPS_FORMAT_UCHAR
                     ? 1
                     : (double) vips_format_sizeof_unsafe(shape->format)) +
            numbers) *
           shape->width * shape->height;
}

/* Whether a metadata field is about the photo, not about its pixels. */
static bool is_about_photo(const char *field)
{
    static const char *const prefixes[] = { "exif-",       "xmp-",   "iptc-", "photoshop-",
                                            "jpeg-",       "png-",   "gif-c", "heif-",
                                            "orientation", "image-", NULL };

    for (const char *const *prefix = prefixes; *prefix; prefix++)
        if (g_str_has_prefix(field, *prefix))
            return true;
    return false;
}

/* Leaves only what the pixels need. */
static void clean_fields(VipsImage *image)
{
    g_auto(GStrv) fields = vips_image_get_fields(image);

    for (char **field = fields; *field; field++)
        if (is_about_photo(*field))
            vips_image_remove(image, *field);
}

static bool is_jpeg_in_tiff(const Encoding *e)
{
    return e->format == FORMAT_TIFF && e->compression == COMPRESSION_JPEG;
}

/* Without alpha where the format has none; a grey picture on a background without colour stays
 * grey. */
static VipsImage *flat(VipsImage *pixels, const Encoder *encoder, const Encoding *e)
{
    bool coloured = e->background.r != e->background.g || e->background.g != e->background.b;
    double fill[3];
    g_autoptr(VipsImage) rgb = NULL;

    if ((encoder->transparent && !is_jpeg_in_tiff(e)) || !vips_image_hasalpha(pixels))
        return g_object_ref(pixels);
    rgb = colour_for_overlays(pixels, coloured);
    return rgb && overlay_colour(rgb, &e->background, fill) ? pixels_flattened(rgb, fill) : NULL;
}

/* In the depth that the picture has, or the deepest of the format: rounded. TIFF's floats are 1
 * where ours are 65535, AVIF's numbers are the upper bits of 16. */
static VipsImage *in_depth(VipsImage *pixels, const Encoder *encoder, const Encoding *e)
{
    VipsBandFormat most = is_jpeg_in_tiff(e) ? VIPS_FORMAT_UCHAR : encoder->depth;
    g_autoptr(VipsImage) out = pixels_in_format(pixels, MIN(pixels->BandFmt, most));
    VipsImage *scaled = NULL;

    if (out && out->BandFmt == VIPS_FORMAT_FLOAT)
        return vips_linear1(out, &scaled, 1 / pixels_white(out), 0, NULL) ? NULL : scaled;
    if (out && out->BandFmt == VIPS_FORMAT_USHORT && e->format == FORMAT_AVIF)
        return pixels_of_bits(out, avif_bits(out));
    return g_steal_pointer(&out);
}

/* `pixels` in a form that `encoder` can write, without metadata. */
static VipsImage *prepared(VipsImage *pixels, const Encoder *encoder, const Encoding *e)
{
    g_autoptr(VipsImage) solid = flat(pixels, encoder, e);
    g_autoptr(VipsImage) colours = solid && !encoder->grey ? colour_rgb(solid) : NULL;
    g_autoptr(VipsImage) deep = solid && (encoder->grey || colours)
                                    ? in_depth(colours ? colours : solid, encoder, e)
                                    : NULL;
    VipsImage *out = NULL;

    if (!deep || vips_copy(deep, &out, NULL))
        return NULL;
    clean_fields(out);
    return out;
}

/* Whether the file in fd is one of this format and of this size, as far as its frame says. */
static bool is_valid_output(Format format, const VipsImage *made, int fd)
{
    Probe probe = { 0 };
    g_autoptr(VipsSource) source = NULL;
    g_autoptr(VipsImage) image = NULL;

    if (!probe_file(fd, &probe) || probe.format != format || probe.complete == COMPLETE_NO)
        return false;
    if (format != FORMAT_AVIF)
        return true;
    return lseek(fd, 0, SEEK_SET) == 0 && (source = vips_source_new_from_descriptor(fd)) &&
           vips_heifload_source(source, &image, NULL) == 0 && image->Xsize == made->Xsize &&
           image->Ysize == made->Ysize;
}

/* The savers of libvips 8.14 report success before the last rows are written (vips_sink_disc()),
 * and AVIF's whole encoder runs at that moment: without memory or a thread it leaves a file of 201
 * bytes and only a text in libvips' error buffer. So we check both the buffer and the file. */
static bool check_written(const Encoding *e, const VipsImage *made, int fd, const char *doing,
                          Error **err)
{
    if (libvips_has_hidden_error())
        return libvips_error(err, doing);
    if (is_valid_output(e->format, made, fd))
        return true;
    vips_error_clear(); /* it is about reading the broken file, not about its cause */
    return error_set(err, ERROR_TRANSIENT, LIBVIPS_SHORTAGE_FIX, "cannot %s: the result is damaged",
                     doing);
}

static bool check_sides(const VipsImage *pixels, Format format, Error **err)
{
    int most = encoders[format].max_side;

    return MAX(pixels->Xsize, pixels->Ysize) <= most ||
           error_set(err, ERROR_PICTURE, "scale it first, or save it in another format",
                     "%d x %d pixels are too many for %s: at most %d on a side", pixels->Xsize,
                     pixels->Ysize, format_word(format), most);
}

bool encode(VipsImage *pixels, const Encoding *e, const MetadataBlocks *blocks, int fd, Error **err)
{
    const Encoder *encoder = &encoders[e->format];
    g_autofree char *doing = g_strdup_printf("make the %s", format_word(e->format));
    g_autoptr(VipsImage) in = NULL;
    g_autoptr(VipsTarget) target = NULL;
    g_auto(Embed) embed = { 0 };
    bool whole = false;

    if (!check_sides(pixels, e->format, err))
        return false;
    in = prepared(pixels, encoder, e);
    if (!in)
        return libvips_error(err, doing);
    embed_begin(&embed, e->format, blocks, in, fd);
    target = embed_target(&embed);
    if (!target)
        return libvips_error(err, doing);
    vips_error_clear(); /* what it holds afterwards is about this output */
    if (encoder->write(in, target, e) || !embed_end(&embed, &whole))
        return libvips_error(err, doing);
    if (!check_written(e, in, fd, doing, err))
        return false;
    return whole ||
           error_set(err, ERROR_INTERNAL, NULL, "cannot %s: its metadata has no place", doing);
}
