/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encode.h"

#include <unistd.h>

#include "actions/colour.h"
#include "actions/embed.h"
#include "actions/encode_jpeg.h"
#include "actions/encoders.h"
#include "actions/image.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/planar.h"
#include "actions/planar_shape.h"
#include "formats/probe.h"

Format encode_format(const char *extension)
{
    Format format = format_from_extension(extension);

    if (format == FORMAT_JP2 && g_ascii_strcasecmp(extension, "jp2") != 0)
        return FORMAT_NONE; /* bare data, and relatives of JP2 */
    return encoder_of(format) ? format : FORMAT_NONE;
}

bool encode_has_orientation(Format format)
{
    return encoder_of(format)->has_orientation;
}

bool encode_has_density(Format format)
{
    return encoder_of(format)->has_density;
}

bool encode_has_profile(Format format)
{
    return encoder_of(format)->has_profile;
}

bool encode_is_possible(const Encoding *e, Error **err)
{
    return encoders_have(e, err);
}

unsigned encode_options(Format format)
{
    return encoder_of(format)->options;
}

/* Measured: 6 ns a pixel of the result, where reading and scaling take 21 ns a pixel of the source.
 */
bool encode_optimises(int64_t pixels, int64_t source)
{
    enum { MOST = 3000000, SMALLER = 6 };

    return pixels <= MOST && pixels * SMALLER <= source;
}

static bool is_tiff_of(const Encoding *e, Compression compression)
{
    return e->format == FORMAT_TIFF && e->compression == compression;
}

bool encode_has_quality(const Encoding *e)
{
    bool packed = e->format != FORMAT_TIFF || is_tiff_of(e, COMPRESSION_JPEG) ||
                  is_tiff_of(e, COMPRESSION_WEBP);

    return (encode_options(e->format) & OPTION_QUALITY) && packed && !e->lossless &&
           !e->near_lossless;
}

/* ---- what one encoding can hold, which is less than its format can ---- */

bool encode_has_alpha(const Encoding *e)
{
    return encoder_of(e->format)->transparent && !is_tiff_of(e, COMPRESSION_JPEG) &&
           !is_tiff_of(e, COMPRESSION_CCITT);
}

bool encode_takes_inks(const Encoding *e, Error **err)
{
    bool packed = is_tiff_of(e, COMPRESSION_WEBP) || is_tiff_of(e, COMPRESSION_CCITT);

    return (encoder_of(e->format)->inks && !packed) ||
           error_set(err, ERROR_PICTURE,
                     packed ? "choose another compression, or set space = srgb"
                            : "save as tiff or jpeg, or set space = srgb",
                     "the picture is CMYK here, and a %s%s has RGB or grey", format_name(e->format),
                     packed ? " of this compression" : "");
}

/* A palette is of RGB. */
static bool holds_grey(const Encoding *e)
{
    return encoder_of(e->format)->grey && !is_tiff_of(e, COMPRESSION_WEBP) &&
           !(e->format == FORMAT_PNG && e->palette == PALETTE_YES);
}

static VipsBandFormat deepest(const Encoding *e)
{
    bool shallow = is_tiff_of(e, COMPRESSION_JPEG) || is_tiff_of(e, COMPRESSION_WEBP) ||
                   is_tiff_of(e, COMPRESSION_CCITT) ||
                   (e->format == FORMAT_PNG && e->palette == PALETTE_YES);

    return shallow ? VIPS_FORMAT_UCHAR : encoder_of(e->format)->depth;
}

bool encode_has_depth(const Encoding *e)
{
    return deepest(e) != VIPS_FORMAT_UCHAR;
}

/* ---- memory ---- */

/* What is held beside the encoder's own: numbers of colours, and the smaller pictures of a pyramid,
 * which together are a third of it and grow in steps. */
static double memory_beside(const Encoding *e, const Shape *shape)
{
    const double palette = 16, pyramid = 0.7;

    if (e->format == FORMAT_PNG && e->palette == PALETTE_YES)
        return palette;
    if (e->format == FORMAT_PNG && shape->few_colours && e->palette == PALETTE_AUTO)
        return 1;
    return e->format == FORMAT_TIFF && e->pyramid
               ? pyramid * shape_bytes(shape) / ((double) shape->width * shape->height)
               : 0;
}

/* See encoders.c. */
static bool is_quick(const Encoding *e)
{
    int most = e->format == FORMAT_AVIF ? 2 : e->format == FORMAT_WEBP ? 1 : 0;

    return e->effort && e->effort <= most;
}

static bool has_full_colours(const Encoding *e)
{
    return e->format == FORMAT_AVIF &&
           (e->quality >= ENCODING_FULL_FROM || e->subsampling == SUBSAMPLING_444);
}

/* Bytes of colour for each pixel of a JPEG. */
static double jpeg_colour(const Encoding *e)
{
    enum { COLOURS = 2 };
    int across = 1, down = 1;

    encode_jpeg_sampling(e, &across, &down);
    return (double) COLOURS / (across * down);
}

/* A JPEG that comes from one gets planes, which may be those of its file. */
bool encode_takes_planes(const Encoding *e, const Shape *shape)
{
    return e->format == FORMAT_JPEG && planar_shape_is(shape);
}

void encode_plan_planes(const Encoding *e, Shape *shape)
{
    shape->by_planes = true;
    planar_shape_make(shape, jpeg_colour(e));
}

/* libjpeg keeps a number of two bytes for each sample where it does not write row by row. */
static double jpeg_memory(const Encoding *e, const Shape *shape)
{
    enum { NUMBER = 2 };
    double pixels = (double) shape->width * shape->height;
    double colour = jpeg_colour(e);
    double samples = shape->colours == 1             ? 1
                     : shape->colours == PIXELS_INKS ? encode_jpeg_ink_samples(e)
                                                     : 1 + colour;
    bool keeps = e->progressive || e->trellis || e->scans || !shape->photo ||
                 encode_optimises((int64_t) pixels, image_source_pixels(shape->photo));
    return (keeps ? NUMBER * samples * pixels : 0) +
           (planar_shape_is(shape) ? planar_shape_bytes(shape, colour) : 0);
}

/* Up to a quality of 80 the least, from 90 on the most: see encoders.c. */
static double heic_memory(const Encoding *e, const Shape *shape)
{
    enum { LITTLE = 80, MOST = 90 };
    const Encoder *encoder = encoder_of(FORMAT_HEIF);
    double most = shape->alpha ? encoder->memory_alpha : encoder->memory;
    double less = (double) (MOST - CLAMP(e->quality, LITTLE, MOST)) / (MOST - LITTLE);

    return most - less * (encoder->memory - encoder->memory_quick);
}

/* Of pixels that are deeper than 8 bits, how many times as much: HEIC has 10 of them. */
static double deep_weight(const Encoding *e, const Shape *shape)
{
    const double heic = 1.25;
    VipsBandFormat format = MIN(shape->format, deepest(e));

    if (format == VIPS_FORMAT_UCHAR || encoder_of(e->format)->depth == VIPS_FORMAT_UCHAR)
        return 1;
    return e->format == FORMAT_HEIF ? heic : (double) vips_format_sizeof_unsafe(format);
}

/* Bytes for each byte of depth. */
static double memory_a_pixel(const Encoding *e, const Shape *shape)
{
    const Encoder *encoder = encoder_of(e->format);
    bool more = encoder->options & OPTION_LOSSLESS
                    ? e->lossless || e->near_lossless || has_full_colours(e)
                    : e->progressive;

    if (e->format == FORMAT_PNG)
        return more ? shape->colours + shape->alpha : 0; /* a copy */
    if (e->format == FORMAT_HEIF)
        return heic_memory(e, shape);
    if (e->format == FORMAT_WEBP && more && is_quick(e))
        return encoder->memory_quick;
    if (more || shape->alpha)
        return more ? encoder->memory_more : encoder->memory_alpha;
    return e->format == FORMAT_AVIF && is_quick(e) ? encoder->memory_quick : encoder->memory;
}

double encode_memory(const Encoding *e, const Shape *shape)
{
    if (e->format == FORMAT_JPEG)
        return jpeg_memory(e, shape);
    return (memory_a_pixel(e, shape) * deep_weight(e, shape) + memory_beside(e, shape)) *
           shape->width * shape->height;
}

/* ---- pixels ---- */

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

/* Without alpha where there is no place for it; a grey picture on a background without colour stays
 * grey. */
static VipsImage *flat(VipsImage *pixels, const Encoding *e)
{
    bool coloured = e->background.r != e->background.g || e->background.g != e->background.b;
    double fill[3];
    g_autoptr(VipsImage) rgb = NULL;

    if (encode_has_alpha(e) || !vips_image_hasalpha(pixels))
        return g_object_ref(pixels);
    rgb = colour_for_overlays(pixels, coloured);
    return rgb && overlay_colour(rgb, &e->background, fill) ? pixels_flattened(rgb, fill) : NULL;
}

/* Each pixel is transparent or it is not: what is in between is laid on the background, or the
 * edges of drawings would be ragged and of a wrong colour. */
static VipsImage *of_one_bit_alpha(VipsImage *pixels, const Encoding *e)
{
    enum { HALF = 128 };
    const double under[] = { e->background.r, e->background.g, e->background.b };
    g_autoptr(VipsImage) solid = pixels_flattened(pixels, under);
    g_autoptr(VipsImage) alpha = NULL;
    g_autoptr(VipsImage) bits = NULL;
    VipsImage *out = NULL;

    if (!solid || vips_extract_band(pixels, &alpha, pixels->Bands - 1, NULL) ||
        vips_moreeq_const1(alpha, &bits, HALF, NULL) || vips_bandjoin2(solid, bits, &out, NULL))
        return NULL;
    return out;
}

static VipsImage *in_colours(VipsImage *pixels, const Encoding *e)
{
    if (is_tiff_of(e, COMPRESSION_CCITT))
        return colour_grey(pixels, colour_luma_709);
    return holds_grey(e) ? g_object_ref(pixels) : colour_rgb(pixels);
}

/* In the depth that the picture has, or the deepest of the format: rounded. TIFF's floats are 1
 * where ours are 65535, AVIF's numbers are the upper bits of 16. */
static VipsImage *in_depth(VipsImage *pixels, const Encoding *e)
{
    bool inks = pixels_colours(pixels) == PIXELS_INKS; /* no program reads floats of them */
    VipsBandFormat most = inks ? MIN(VIPS_FORMAT_USHORT, deepest(e)) : deepest(e);
    g_autoptr(VipsImage) out = pixels_in_format(pixels, MIN(pixels->BandFmt, most));
    VipsImage *scaled = NULL;

    if (out && out->BandFmt == VIPS_FORMAT_FLOAT)
        return vips_linear1(out, &scaled, 1 / pixels_white(out), 0, NULL) ? NULL : scaled;
    if (out && out->BandFmt == VIPS_FORMAT_USHORT && e->format == FORMAT_AVIF)
        return pixels_of_bits(out, ENCODERS_AVIF_BITS);
    if (out && out->BandFmt == VIPS_FORMAT_USHORT && e->format == FORMAT_HEIF)
        return pixels_of_bits(out, ENCODERS_HEIC_BITS);
    if (out && e->format == FORMAT_GIF && vips_image_hasalpha(out))
        return of_one_bit_alpha(out, e);
    return g_steal_pointer(&out);
}

/* `pixels` in a form that their encoder can write, without metadata. */
static VipsImage *prepared(VipsImage *pixels, const Encoding *e)
{
    g_autoptr(VipsImage) solid = flat(pixels, e);
    g_autoptr(VipsImage) colours = solid ? in_colours(solid, e) : NULL;
    g_autoptr(VipsImage) deep = colours ? in_depth(colours, e) : NULL;
    VipsImage *out = NULL;

    if (!deep || vips_copy(deep, &out, NULL))
        return NULL;
    clean_fields(out);
    return out;
}

/* ---- writing ---- */

/* Its pixels are all that is behind a short header. */
static bool is_whole_ppm(const VipsImage *made, int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char begin[2];

    return size > (off_t) VIPS_IMAGE_SIZEOF_IMAGE(made) &&
           pread(fd, begin, sizeof(begin), 0) == (ssize_t) sizeof(begin) && begin[0] == 'P' &&
           begin[1] == '6';
}

/* Whether the file in fd is one of this format and of this size, as far as its frame says. */
static bool is_valid_output(Format format, const VipsImage *made, int fd)
{
    Probe probe = { 0 };
    g_autoptr(VipsSource) source = NULL;
    g_autoptr(VipsImage) image = NULL;

    if (format == FORMAT_PPM)
        return is_whole_ppm(made, fd);
    if (!probe_file(fd, &probe) || probe.format != format || probe.complete == COMPLETE_NO)
        return false;
    if (format != FORMAT_AVIF && format != FORMAT_HEIF)
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

static bool check_longest(VipsImage *pixels, Format format, Error **err)
{
    int most = encoder_of(format)->max_side;
    int height = vips_image_get_page_height(pixels);

    return MAX(pixels->Xsize, height) <= most ||
           error_set(err, ERROR_PICTURE, "scale it first, or save it in another format",
                     "%d x %d pixels are too many for %s: at most %d on a side", pixels->Xsize,
                     height, format_word(format), most);
}

/* libheif codes a picture with a side below 32 pixels in blocks of 16, which HEVC allows up to its
 * level 4.1 only: up to 4222 pixels, of which whole blocks of 8 are 4216. */
static bool check_shortest(const VipsImage *pixels, Format format, Error **err)
{
    enum { LONG = 4216, LEAST = 32 };
    int width = pixels->Xsize, height = pixels->Ysize;

    return format != FORMAT_HEIF || MAX(width, height) <= LONG || MIN(width, height) >= LEAST ||
           error_set(err, ERROR_PICTURE, "save it as avif, jpeg or png, or crop or scale it",
                     "%d x %d pixels are too long and narrow for HEIC: with a side of more than %d "
                     "pixels the other needs %d",
                     width, height, LONG, LEAST);
}

static bool check_sides(VipsImage *pixels, Format format, Error **err)
{
    return check_longest(pixels, format, err) && check_shortest(pixels, format, err);
}

/* What an encoder gets: a JPEG that comes from one may still be planes. */
typedef struct Input {
    VipsImage *pixels; /* of planes: only what their picture says of itself is used */
    Planes *planes;    /* NULL: there are none */
} Input;

static void input_clear(Input *input)
{
    g_clear_object(&input->pixels);
    g_clear_pointer(&input->planes, planes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Input, input_clear)

/* False with libvips' error set. */
static bool prepare(Input *input, VipsImage *pixels, const Encoding *e)
{
    int across = 1, down = 1;

    if (e->format != FORMAT_JPEG || !planar_is(pixels))
        return (input->pixels = prepared(pixels, e));
    encode_jpeg_sampling(e, &across, &down);
    input->pixels = g_object_ref(pixels);
    return (input->planes = planar_planes(pixels, across, down));
}

static bool write_input(const Input *input, VipsTarget *target, const Encoding *e)
{
    return input->planes ? !encode_jpeg_planes(input->planes, target, e)
                         : !encoder_of(e->format)->write(input->pixels, target, e);
}

bool encode(VipsImage *pixels, const Encoding *e, const MetadataBlocks *blocks, int fd, Error **err)
{
    g_autofree char *doing = g_strdup_printf("make the %s", format_word(e->format));
    g_auto(Input) in = { 0 };
    g_autoptr(VipsTarget) target = NULL;
    g_auto(Embed) embed = { 0 };
    bool whole = false;

    if (!check_sides(pixels, e->format, err))
        return false;
    if (!prepare(&in, pixels, e))
        return libvips_error(err, doing);
    embed_begin(&embed, e->format, blocks, in.pixels, fd);
    target = embed_target(&embed);
    if (!target)
        return libvips_error(err, doing);
    vips_error_clear(); /* what it holds afterwards is about this output */
    bool made = write_input(&in, target, e);
    if (embed.write_error) {
        vips_error_clear();
        return error_errno(err, embed.write_error, "cannot %s", doing);
    }
    if (!made || !embed_end(&embed, &whole))
        return libvips_error(err, doing);
    if (!check_written(e, in.pixels, fd, doing, err))
        return false;
    return whole ||
           error_set(err, ERROR_INTERNAL, NULL, "cannot %s: its metadata has no place", doing);
}
