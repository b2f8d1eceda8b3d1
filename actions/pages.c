/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/pages.h"

#include <errno.h>
#include <math.h>

#include "actions/encode_pages.h"
#include "actions/gif_data.h"
#include "actions/image_state.h"
#include "actions/metadata_limits.h"
#include "actions/page_count.h"
#include "actions/pixels.h"
#include "actions/webp_check.h"
#include "formats/tiff.h"

const Choice page_choices[] = {
    { "first", PAGES_FIRST, "the first one is the picture; the result notes how many there are" },
    { "all", PAGES_ALL,
      "each of them goes through all steps, and save writes them into one file again: frames into "
      "a GIF or WebP, whose frames all have one size, frames and pages into a TIFF, each page of "
      "its own size. Other outputs get the first one, which the result notes. Of a PNG, HEIC or "
      "AVIF only the first one is read, and an animated JPEG XL fails. max_pixels and max_pages "
      "hold for all of them together" },
    { "reject", PAGES_REJECT, "the file fails" },
    { 0 },
};

bool pages_check(Image *image, int pages, bool copied, Error **err)
{
    const char *word = NULL;
    int count = image_pages(image, &word);

    if (count <= 1)
        return true;
    if (pages == PAGES_REJECT)
        return error_set(err, ERROR_PICTURE, "split the file, or set pages = first in the profile",
                         "it has %d %ss, and its profile takes single pictures only (pages = "
                         "reject)",
                         count, word);
    if (!copied)
        image_note(image, "1 of %d %ss", count, word);
    return true;
}

struct Pages {
    Image *file;         /* borrowed */
    ImagePlace place;    /* of the first */
    GArray *directories; /* of a TIFF: where each lies; else NULL */
    VipsImage *frames;   /* of an animation, one below the other; else NULL */
    int height;          /* of each of them */
    bool checked;        /* their data is known to be whole */
};

static int descriptor(const Image *image)
{
    return VIPS_CONNECTION(image->source)->descriptor;
}

/* ---- how many there are ---- */

static const char again[] = "copy or export it again from where it came, or set pages = first";

static bool find_directories(Pages *pages, Error **err)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    bool whole = false;

    if (!bytes_begin(bytes, descriptor(pages->file), UINT64_MAX))
        return error_errno(err, errno, "cannot read the picture");
    pages->directories = tiff_pictures(bytes, &whole);
    pages->place.count = (int) pages->directories->len;
    return whole ||
           error_set(err, ERROR_PICTURE, again,
                     "the TIFF is incomplete: what should come after page %d cannot be read",
                     pages->place.count);
}

static bool check_gif_frames(Pages *pages, Error **err)
{
    int frames = 0;

    if (gif_frames_are_whole(descriptor(pages->file), &frames))
        return true;
    libvips_error(err, "read the picture");
    return frames <= pages->place.count ? pages_blame(pages, frames - 1, err) : false;
}

/* The file may end where the decoder sees only one frame. */
static bool find_frames(Pages *pages, Format format, Error **err)
{
    const char *word = NULL;

    pages->place.animated = true;
    pages->place.count = image_pages(pages->file, &word);
    pages->checked = format == FORMAT_GIF && pages->file->probe.complete == COMPLETE_NO;
    return !pages->checked || check_gif_frames(pages, err);
}

static bool find(Pages *pages, Format format, Error **err)
{
    const char *word = NULL;

    pages->place.word = page_word(format);
    if (format == FORMAT_TIFF)
        return find_directories(pages, err);
    if (format == FORMAT_GIF || format == FORMAT_WEBP)
        return find_frames(pages, format, err);
    pages->place.count = image_pages(pages->file, &word);
    return true;
}

bool pages_open(Image *image, Pages **pages, Error **err)
{
    g_autoptr(Pages) found = g_new0(Pages, 1);
    Format format = loader_format(image->loader);

    *pages = NULL;
    found->file = image;
    if (loader_output_format(image->loader, true) == FORMAT_NONE)
        return true;
    if (!find(found, format, err))
        return false;
    if (found->place.count <= 1)
        return true;
    found->place.outputs = g_hash_table_new_full(NULL, NULL, NULL, encode_pages_free);
    *pages = g_steal_pointer(&found);
    return true;
}

void pages_free(Pages *pages)
{
    if (!pages)
        return;
    g_clear_pointer(&pages->place.outputs, g_hash_table_unref);
    g_clear_pointer(&pages->directories, g_array_unref);
    g_clear_object(&pages->frames);
    g_free(pages);
}

int pages_count(const Pages *pages)
{
    return pages->place.count;
}

/* Measured with 12 and 24 frames of 0.7 megapixels: libvips keeps those of a WebP, not of a GIF. */
double pages_memory(const Pages *pages)
{
    enum { PIXEL = 4 };
    bool keeps = loader_format(pages->file->loader) == FORMAT_WEBP;

    return keeps ? PIXEL * (double) image_source_pixels(pages->file) * pages->place.count : 0;
}

bool pages_blame(const Pages *pages, int number, Error **err)
{
    g_autofree char *what = (*err)->what;

    (*err)->what =
        g_strdup_printf("%s %d of %d: %s", pages->place.word, number + 1, pages->place.count, what);
    return false;
}

bool pages_check_size(const Pages *pages, int count, double pixels, Error **err)
{
    double max = pages->file->limits.max_pixels;
    double millions = pixels / 1e6;

    if (max <= 0 || millions <= max)
        return true;
    g_autofree char *fix = g_strdup_printf(
        "raise `max_pixels` to %.0fMP or more, set pages = first, or split the file",
        ceil(millions / count * pages->place.count));
    return error_set(err, ERROR_PICTURE, fix,
                     "%d of its %d %ss are %.12g MP together, more than max_pixels = %.9gMP allows",
                     count, pages->place.count, pages->place.word, round(millions * 1000) / 1000,
                     max);
}

/* ---- frames ---- */

static int number_in(const VipsImage *image, const char *field, int fallback)
{
    int number = fallback;

    return vips_image_get_typeof(image, field) && !vips_image_get_int(image, field, &number)
               ? number
               : fallback;
}

/* Their decoders do not say where data lacks. */
static bool check_frames(Pages *pages, Error **err)
{
    int frame = 0;

    if (pages->checked)
        return true;
    pages->checked = true;
    if (loader_format(pages->file->loader) == FORMAT_GIF)
        return check_gif_frames(pages, err);
    if (webp_check_frames(descriptor(pages->file), &frame))
        return true;
    libvips_error(err, "read the picture");
    return pages_blame(pages, frame - 1, err);
}

static bool open_frames(Pages *pages, Error **err)
{
    if (pages->frames)
        return true;
    pages->frames = loader_open_frames(pages->file->loader, pages->file->source);
    if (!pages->frames)
        return libvips_error(err, "read the picture");
    pages->height = vips_image_get_page_height(pages->frames);
    pages->place.loop = number_in(pages->frames, "loop", 0);
    if (pages->frames->Ysize / pages->height == pages->place.count)
        return true;
    return error_set(err, ERROR_PICTURE, again, "its frames are damaged: %d of %d can be read",
                     pages->frames->Ysize / pages->height, pages->place.count);
}

static int delay_of(VipsImage *frames, int number)
{
    int *delays = NULL;
    int count = 0;

    if (!vips_image_get_typeof(frames, "delay") ||
        vips_image_get_array_int(frames, "delay", &delays, &count))
        return 0;
    return number < count ? delays[number] : 0;
}

/* What describes all of them is not true of one. */
static VipsImage *alone(VipsImage *frame)
{
    static const char *const fields[] = { "page-height", "n-pages",   "delay",
                                          "loop",        "gif-delay", "gif-loop" };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        vips_image_remove(frame, fields[i]);
    return frame;
}

/* Its pixels are in memory: a step may leave some out, and read others twice. */
static VipsImage *frame(const Pages *pages, int number, bool pixels)
{
    g_autoptr(VipsImage) area = NULL;
    VipsImage *out = NULL;

    if (vips_extract_area(pages->frames, &area, 0, number * pages->height, pages->frames->Xsize,
                          pages->height, NULL) ||
        (pixels ? !(out = pixels_in_memory(area)) : vips_copy(area, &out, NULL)))
        return NULL;
    return alone(out);
}

/* ---- one of them ---- */

static VipsImage *read_page(Pages *pages, const ImagePlace *place, bool pixels, Error **err)
{
    const LoaderPage page = { .number = place->number, .directory = place->directory };
    VipsImage *file = place->animated
                          ? frame(pages, place->number, pixels)
                          : loader_open_page(pages->file->loader, pages->file->source, page, 1);

    if (!file)
        libvips_error(err, "read the picture");
    return file;
}

static bool find_place(Pages *pages, int number, bool pixels, ImagePlace *place, Error **err)
{
    const Limits *limits = &pages->file->limits;

    if (pages->place.animated &&
        (!open_frames(pages, err) || (pixels && !check_frames(pages, err))))
        return false;
    *place = pages->place;
    place->number = number;
    if (pages->frames)
        place->delay_ms = delay_of(pages->frames, number);
    if (!pages->directories)
        return true;
    place->directory = g_array_index(pages->directories, uint64_t, number);
    return metadata_limits_check_page(descriptor(pages->file), place->directory,
                                      limits->max_metadata, err) ||
           pages_blame(pages, number, err);
}

Image *pages_picture(Pages *pages, int number, bool pixels, Error **err)
{
    ImagePlace place;

    if (!find_place(pages, number, pixels, &place, err))
        return NULL;
    VipsImage *file = read_page(pages, &place, pixels, err);
    Image *image = file ? image_of_place(pages->file, &place, file, err) : NULL;
    if (!image && !place.animated) /* decoders of frames read ahead */
        pages_blame(pages, number, err);
    return image;
}

bool pages_end(Pages *pages, Error **err)
{
    GHashTableIter each;
    void *output = NULL;

    g_hash_table_iter_init(&each, pages->place.outputs);
    while (g_hash_table_iter_next(&each, NULL, &output))
        if (output && !encode_pages_end(output, err))
            return false;
    return true;
}
