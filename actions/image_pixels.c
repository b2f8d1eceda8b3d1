/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A picture's size and pixels: loaded when the first step uses them, turned as late as possible. */
#include <math.h>

#include "actions/colour.h"
#include "actions/few_colours.h"
#include "actions/image.h"
#include "actions/image_state.h"
#include "actions/linear_light.h"
#include "actions/orientation.h"
#include "actions/output_sharpen.h"
#include "actions/pixels.h"
#include "actions/planar.h"
#include "actions/planar_shape.h"
#include "actions/resample.h"
#include "actions/stated_colour.h"

/* ---- size ---- */

static int orientation(const Image *image)
{
    return image->state.turned ? 1 : vips_image_get_orientation(image->file);
}

static bool is_sideways(const Image *image)
{
    return orientation(image) >= 5;
}

static const VipsImage *stored(const Image *image)
{
    return image->state.pixels ? image->state.pixels : image->file;
}

int image_width(const Image *image)
{
    return is_sideways(image) ? stored(image)->Ysize : stored(image)->Xsize;
}

int image_height(const Image *image)
{
    return is_sideways(image) ? stored(image)->Xsize : stored(image)->Ysize;
}

Shape image_shape(const Image *image)
{
    if (!image->file) /* an imported one */
        return (Shape){ 0 };
    Shape shape = shape_of(image->state.pixels ? image->state.pixels : image->working);

    shape.width = image_width(image);
    shape.height = image_height(image);
    shape.few_colours =
        few_colours_marked(image->state.pixels ? image->state.pixels : image->working);
    shape.own = loader_output_format(image->loader, image->place.count);
    shape.fresh = !image->state.pixels || planar_is_in_file(image->state.pixels);
    shape.planes = planar_shape(image->state.pixels ? image->state.pixels : image->working);
    shape.orientation = orientation(image);
    shape.forked = image->state.forked;
    shape.animated = image->place.animated;
    shape.in_order = image_is_in_order(image);
    return shape;
}

void image_source_size(const Image *image, int *width, int *height)
{
    bool sideways = vips_image_get_orientation(image->file) >= 5;

    *width = sideways ? image->file->Ysize : image->file->Xsize;
    *height = sideways ? image->file->Xsize : image->file->Ysize;
}

const void *image_profile(const Image *image, size_t *size)
{
    VipsImage *pixels = image->state.pixels ? image->state.pixels : image->working;
    const void *bytes = NULL;

    if (!vips_image_get_typeof(pixels, VIPS_META_ICC_NAME) ||
        vips_image_get_blob(pixels, VIPS_META_ICC_NAME, &bytes, size) || !*size)
        return NULL;
    return bytes;
}

int64_t image_source_pixels(const Image *image)
{
    return (int64_t) image->file->Xsize * image->file->Ysize;
}

/* ---- pixels ---- */

/* The part that is cut out of the picture as it is seen. */
static void note_cut(Image *image, VipsRect area)
{
    metadata_change_cut(&image->state.change, area.left, area.top, area.width, area.height,
                        image_width(image), image_height(image));
}

/* The decoders of these turn the pixels, which their EXIF does not say. */
static bool is_turned_by_decoder(const Image *image)
{
    Format format = loader_format(image->loader);

    return format == FORMAT_HEIF || format == FORMAT_AVIF || format == FORMAT_JXL;
}

MetadataChange image_change(const Image *image, VipsImage *saved)
{
    int stored_orientation = vips_image_get_orientation(image->file);
    MetadataChange change = image->state.change;

    change.orientation = vips_image_get_orientation(saved);
    change.turned = change.orientation > 1 || is_turned_by_decoder(image) ? 1 : stored_orientation;
    change.pixels = image->state.touched || change.turned > 1 || is_turned_by_decoder(image);
    image_source_size(image, &change.whole_width, &change.whole_height);
    change.saved_width = saved->Xsize;
    change.saved_height = saved->Ysize;
    return change;
}

int image_file(const Image *image)
{
    return VIPS_CONNECTION(image->source)->descriptor;
}

int image_original(const Image *image, VipsImage *saved)
{
    bool same = image_is_of_file(image) && image_change(image, saved).turned <= 1;

    return same ? image_file(image) : -1;
}

/* Of pixels: the VipsSource of their coded form, and what format that is. */
static const char coded_source[] = "hotfolder-coded", coded_format[] = "hotfolder-coded-format";

void image_keep_coded(Image *image, const Image *made)
{
    GObject *pixels = G_OBJECT(image->state.pixels);

    g_object_set_data_full(pixels, coded_source, g_object_ref(made->source), g_object_unref);
    g_object_set_data(pixels, coded_format, GINT_TO_POINTER(image_source_format(made)));
    image->state.in_memory = true;
}

int image_coded(VipsImage *saved, Format *format)
{
    VipsSource *source = g_object_get_data(G_OBJECT(saved), coded_source);

    *format = (Format) GPOINTER_TO_INT(g_object_get_data(G_OBJECT(saved), coded_format));
    return source ? VIPS_CONNECTION(source)->descriptor : -1;
}

void image_keep_jpeg(Image *image, GBytes *jpeg)
{
    g_bytes_ref(jpeg);
    g_clear_pointer(&image->state.jpeg, g_bytes_unref);
    image->state.jpeg = jpeg;
}

GBytes *image_jpeg(const Image *image)
{
    return image->state.jpeg;
}

bool image_is_of_file(const Image *image)
{
    return !image->place.count && !image->state.changed && !stated_colour_note(image->file);
}

/* Takes over pixels that are turned as those before them. */
static void keep(Image *image, VipsImage *pixels)
{
    g_clear_pointer(&image->state.jpeg, g_bytes_unref);
    g_clear_object(&image->state.upright);
    g_clear_object(&image->state.pixels);
    image->state.pixels = pixels;
    image->state.in_memory = false;
}

/* Upright pixels that show the same, or the part that note_cut() noted. */
static void replace(Image *image, VipsImage *pixels)
{
    keep(image, pixels);
    image->state.turned = true;
    image->state.touched = true;
    image->state.changed = true;
}

void image_replace(Image *image, VipsImage *pixels)
{
    if (pixels->Xsize != image_width(image) || pixels->Ysize != image_height(image))
        image->state.change.known = false;
    replace(image, pixels);
}

void image_view(Image *image, VipsImage *pixels)
{
    image->state.change.known = false;
    replace(image, pixels);
}

void image_touch(Image *image)
{
    image->state.touched = true;
}

void image_fork(Image *image)
{
    image->state.forked = true;
}

void image_set_dpi(Image *image, unsigned dpi)
{
    image->state.dpi = dpi;
}

unsigned image_dpi(const Image *image)
{
    return image->state.dpi;
}

void image_set_step_memory(Image *image, double bytes)
{
    image->step_memory = bytes;
}

/* The worker's own, before it decodes: measured 35 MB, and what it needs of its libraries later. */
static const double worker_bytes = 40e6;

double image_memory(double step_bytes)
{
    const double lost_in =
        8; /* between what is allocated: up to 7 % with several copies, measured */

    return worker_bytes + step_bytes + step_bytes / lost_in;
}

double image_decoder_memory(const Image *image, double shrink)
{
    enum { NUMBER = 2 }; /* bytes of each sample, which libjpeg keeps of a progressive one */
    const ShapePlanes planes = planar_shape(image->working);
    bool keeps = planes.bytes > 0 && vips_image_get_typeof(image->file, "interlaced");

    return keeps ? NUMBER * planes.bytes
                 : (double) loader_memory(image->loader, image->file, shrink);
}

/* Requests it, once, before the first pixel is decoded. */
static bool request_memory(Image *image, Error **err)
{
    const Outputs *outputs = image->outputs;

    if (image->memory_requested || !outputs || !outputs->memory)
        return true;
    image->memory_requested = true;
    return outputs->memory(outputs->user, (int64_t) image_memory(image->step_memory), err);
}

/* The file once more, for another shrinking; a frame is in memory as it is. */
static VipsImage *open_shrunk(const Image *image, double shrink)
{
    const ImagePlace *place = &image->place;
    const LoaderPage page = { .number = place->number, .directory = place->directory };

    if (place->animated)
        return g_object_ref(image->file);
    return place->count ? loader_open_page(image->loader, image->source, page, shrink)
                        : loader_open(image->loader, image->source, shrink);
}

/* The file's pixels as image_pixels() promises them, at most `shrink` times smaller, not turned. */
static VipsImage *load(const Image *image, double shrink, Error **err)
{
    if (image->small && shrink >= image->shrink)
        return g_object_ref(image->small);
    if (shrink <= 1)
        return g_object_ref(image->working);
    g_autoptr(VipsImage) again = open_shrunk(image, shrink);
    VipsImage *pixels = again ? colour_working(again) : NULL;
    if (!pixels)
        libvips_error(err, "read the picture");
    return pixels;
}

/* The pixels as the file stores them, until they are turned. */
static VipsImage *stored_pixels(Image *image, Error **err)
{
    if (!image->state.pixels && request_memory(image, err))
        image->state.pixels = load(image, 1, err);
    return image->state.pixels;
}

bool image_check_end(Image *image, Error **err)
{
    return image->probe.complete != COMPLETE_NO || image_check_data(image, err);
}

bool image_check_data(Image *image, Error **err)
{
    double mean = 0;
    const Shape stored = image_stored_shape(image, 1);
    image->step_memory =
        MAX(image->step_memory, shape_rows(&stored) + image_decoder_memory(image, 1));
    if (!request_memory(image, err))
        return false;
    g_autoptr(VipsImage) whole = loader_open(image->loader, image->source, 1);
    return (whole && !vips_avg(whole, &mean, NULL)) || libvips_error(err, "read the picture");
}

/* `pixels`, which it takes over, upright; NULL with libvips' error set. */
static VipsImage *upright(VipsImage *pixels)
{
    return vips_image_get_orientation(pixels) > 1 && planar_turns(pixels)
               ? planar_upright(pixels)
               : orientation_upright(pixels);
}

/* A picture that no step has changed is kept as it is stored too, for a save that comes later. */
VipsImage *image_pixels(Image *image, Error **err)
{
    VipsImage *pixels = stored_pixels(image, err);

    if (!pixels || orientation(image) == 1)
        return pixels;
    if (!image->state.upright && !(image->state.upright = upright(g_object_ref(pixels))))
        return libvips_error(err, "turn the picture upright"), NULL;
    if (!image->state.touched)
        return image->state.upright;
    bool changed = image->state.changed;
    replace(image, g_object_ref(image->state.upright));
    image->state.changed = changed;
    return image->state.pixels;
}

VipsImage *image_overlay_pixels(Image *image, bool coloured, Error **err)
{
    VipsImage *pixels = image_pixels(image, err);
    g_autoptr(VipsImage) rgb = pixels ? colour_for_overlays(pixels, coloured) : NULL;

    if (pixels && !rgb)
        return libvips_error(err, "convert the picture's colours"), NULL;
    if (rgb != pixels)
        replace(image, g_object_ref(rgb));
    return rgb == pixels ? pixels : image->state.pixels;
}

VipsImage *image_untouched_pixels(Image *image, Error **err)
{
    return image->state.touched ? image_pixels(image, err) : stored_pixels(image, err);
}

/* Takes over `in_memory`, the same in memory; NULL: libvips' error is set. */
static bool keep_in_memory(Image *image, VipsImage *in_memory, Error **err)
{
    if (!in_memory)
        return libvips_error(err, "read the picture");
    GBytes *jpeg = g_steal_pointer(&image->state.jpeg);
    keep(image, in_memory);
    image->state.jpeg = jpeg;
    image->state.in_memory = true;
    image->state.forked = false;
    return true;
}

/* Planes that are in memory are no pixels yet. */
bool image_to_memory(Image *image, Error **err)
{
    image_touch(image);
    VipsImage *pixels = image_pixels(image, err);

    if (!pixels || (image->state.in_memory && !planar_is(pixels)))
        return pixels;
    return keep_in_memory(image, planar_copied(pixels), err);
}

bool image_untouched_to_memory(Image *image, Error **err)
{
    VipsImage *pixels = image_untouched_pixels(image, err);

    if (!pixels || image->state.in_memory)
        return pixels;
    return keep_in_memory(
        image, planar_is(pixels) ? planar_in_memory(pixels) : pixels_in_memory(pixels), err);
}

bool image_decoded_shape(const Image *image, double shrink, Shape *shape, Error **err)
{
    g_autoptr(VipsImage) pixels = load(image, shrink, err);

    if (pixels)
        *shape = shape_of(pixels);
    return pixels;
}

bool image_decode(Image *image, double shrink, Error **err)
{
    VipsImage *now = image->state.pixels ? image->state.pixels : image->working;
    bool planes = planar_is_in_file(now);

    if (shrink <= 1 || (image->state.pixels && !planes))
        return image_untouched_to_memory(image, err);
    if (image->small && shrink >= image->shrink)
        return true;
    if (!request_memory(image, err))
        return false;
    if (planes)
        return planar_decode(now, shrink) || libvips_error(err, "read the picture");
    g_autoptr(VipsImage) smaller = load(image, shrink, err);
    VipsImage *small = smaller ? pixels_in_memory(smaller) : NULL;
    if (!small)
        return smaller ? libvips_error(err, "read the picture") : false;
    g_clear_object(&image->small);
    image->small = small;
    image->shrink = shrink;
    return true;
}

/* The area is cut out of the stored pixels: those that are cut off need not be turned. */
bool image_cut(Image *image, VipsRect area, Error **err)
{
    VipsImage *pixels = stored_pixels(image, err);
    VipsImage *out = NULL;

    if (!pixels)
        return false;
    const VipsRect seen = area;
    area = orientation_stored_area(orientation_turn(orientation(image)), pixels->Xsize,
                                   pixels->Ysize, area);
    if (area.width == pixels->Xsize && area.height == pixels->Ysize)
        return true;
    note_cut(image, seen);
    if (!(out = planar_part(pixels, area)))
        return libvips_error(err, "cut the picture");
    keep(image, out);
    image->state.touched = true;
    image->state.changed = true;
    return true;
}

/* ---- smaller and larger ---- */

static VipsImage *resampled(VipsImage *in, const ImagePart *part, int width, int height,
                            const Resampling *how)
{
    g_autoptr(VipsImage) out = how->linear
                                   ? linear_light_resampled(in, part, width, height, how->kernel)
                                   : resample(in, part, width, height, how->kernel);

    return out && how->sharpen > 0 ? output_sharpen(out, how->sharpen) : g_steal_pointer(&out);
}

static bool resamples_planes(VipsImage *in, const ImagePart *part, int width, int height,
                             const Resampling *how)
{
    return resampling_is_plain(how) && planar_resamples(part->width, part->height, width, height) &&
           planar_is(in);
}

/* `part` of the pixels as they are stored, resampled; from the file if they are not loaded yet.
 * What lies beside planes is not resampled by them: *planes says whether it was. */
static VipsImage *resampled_stored(Image *image, const ImagePart *part, int width, int height,
                                   const Resampling *how, bool *planes, Error **err)
{
    VipsImage *now = image->state.pixels ? image->state.pixels : image->working;
    double shrink = resampling_is_plain(how) ? part_shrink(part, width, height) : 1;

    *planes = resamples_planes(now, part, width, height, how);
    if (*planes)
        return planar_scaled(now, part, width, height, how->sharpen);
    g_autoptr(VipsImage) in = image->state.pixels ? g_object_ref(now) : load(image, shrink, err);
    if (!in)
        return NULL;
    const ImagePart loaded =
        part_scaled(*part, (double) in->Xsize / now->Xsize, (double) in->Ysize / now->Ysize);
    return resampled(in, &loaded, width, height, how);
}

static bool resample_part(Image *image, const ImagePart *part, int width, int height,
                          const Resampling *how, Error **err)
{
    const TurnKind turn = orientation_turn(orientation(image));
    const ImagePart there =
        orientation_stored_part(turn, stored(image)->Xsize, stored(image)->Ysize, *part);
    bool planes = false;

    if (!request_memory(image, err))
        return false;
    VipsImage *out = resampled_stored(image, &there, turn.sideways ? height : width,
                                      turn.sideways ? width : height, how, &planes, err);
    if (out && !image->state.turned)
        out = upright(out); /* the small picture, not the large one */
    if (!out)
        return *err ? false : libvips_error(err, "scale the picture");
    metadata_change_cut(&image->state.change, part->left, part->top, part->width, part->height,
                        image_width(image), image_height(image));
    replace(image, out);
    image->state.forked |= !planes;
    return true;
}

bool image_resample(Image *image, const ImagePart *part, int width, int height,
                    const Resampling *how, Error **err)
{
    const ImagePart area = part ? *part : part_whole(image_width(image), image_height(image));
    Resampling used = how ? *how : (Resampling){ .kernel = KERNEL_AUTO };
    Shape shape = image_shape(image);

    image_touch(image);
    if (part_is_only_cut(&area, width, height))
        return image_cut(
            image,
            (VipsRect){ (int) floor(area.left + 0.5), (int) floor(area.top + 0.5), width, height },
            err);
    if (!part_is_reduced(&area, width, height))
        used.sharpen = 0;
    resampling_plan(&used, &area, width, height, &shape);
    return (!shape.settles || image_to_memory(image, err)) &&
           resample_part(image, &area, width, height, &used, err);
}

/* The search reads the picture twice. */
bool image_cut_interesting(Image *image, int width, int height, VipsInteresting crop, Error **err)
{
    g_autoptr(VipsImage) found = NULL;

    width = MIN(width, image_width(image));
    height = MIN(height, image_height(image));
    if (width == image_width(image) && height == image_height(image))
        return true;
    if (!image_to_memory(image, err))
        return false;
    if (vips_smartcrop(image->state.pixels, &found, width, height, "interesting", crop, NULL))
        return libvips_error(err, "cut the picture");
    const VipsRect area = { -found->Xoffset, -found->Yoffset, width, height };
    VipsImage *out = planar_part(image->state.pixels, area);
    if (!out)
        return libvips_error(err, "cut the picture");
    note_cut(image, area);
    replace(image, out);
    return true;
}
