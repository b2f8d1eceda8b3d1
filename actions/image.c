/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A picture's file: how it is opened and checked, what it says of itself, and what is noted of it.
 * image_pixels.c has its size and pixels. */
#include "actions/image.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/colour.h"
#include "actions/damage.h"
#include "actions/image_state.h"
#include "actions/metadata_blocks.h"
#include "actions/metadata_extras.h"
#include "actions/metadata_limits.h"
#include "actions/page_count.h"
#include "actions/planar.h"
#include "actions/stated_colour.h"
#include "actions/warnings.h"

/* ---- in and out ---- */

static bool check_pixels(int width, int height, double max, Error **err)
{
    double millions = (double) width * height / 1e6;
    g_autofree char *fix = NULL;

    if (max <= 0 || millions <= max)
        return true;
    fix = g_strdup_printf("raise `max_pixels` to %.0fMP, or make the picture smaller first",
                          ceil(millions));
    return error_set(err, ERROR_PICTURE, fix,
                     "%d x %d pixels are %.12g MP, more than max_pixels = %.9gMP allows", width,
                     height, round(millions * 1000) / 1000, max);
}

/* Only the first page is loaded, but decoders read all of them to count. */
static bool check_pages(VipsImage *file, int max, Error **err)
{
    int pages = vips_image_get_n_pages(file);
    g_autofree char *fix = NULL;

    if (!max || pages <= max)
        return true;
    fix = g_strdup_printf("raise `max_pages` to %d, or split the file", pages);
    return error_set(err, ERROR_PICTURE, fix,
                     "it has %d pages or frames, more than max_pages = %d allows", pages, max);
}

/* Drawings and pages have the size that they claim; of more than ten million pixels libvips
 * makes 1. */
static bool check_size(Error **err)
{
    g_autofree char *warning = warnings_take_size();

    return !warning || error_set(err, ERROR_PICTURE, "make the picture smaller first",
                                 "it is more than 10000000 pixels wide or high");
}

static bool check_header(VipsImage *file, const Limits *limits, Error **err)
{
    return check_size(err) && check_pixels(file->Xsize, file->Ysize, limits->max_pixels, err) &&
           check_pages(file, limits->max_pages, err) &&
           metadata_limits_check_header(file, limits->max_metadata, err);
}

static bool take_header(Image *image, Error **err)
{
    if (stated_colour_note(image->file))
        image_note(image, "%s", stated_colour_note(image->file));
    if (!check_header(image->file, &image->limits, err))
        return false;
    image->working = colour_working(image->file);
    if (!image->working)
        return libvips_error(err, "read the picture");
    if (loader_format(image->loader) == FORMAT_JPEG)
        planar_attach(image->working, image->source);
    return true;
}

static bool open_file(Image *image, const RawSettings *raw, Error **err)
{
    if (raw && loader_format(image->loader) == FORMAT_RAW)
        raw_file_set(image->source, raw);
    image->file = loader_open(image->loader, image->source, 1);
    image->state.touched = loader_format(image->loader) == FORMAT_RAW; /* no output is one */
    return image->file ? take_header(image, err) : libvips_error(err, "read the picture");
}

static bool read_header(Image *image, int fd, const Limits *limits, const RawSettings *raw,
                        Error **err)
{
    image->loader = loader_find(fd, limits->accept, &image->probe, err);
    if (!image->loader ||
        !metadata_limits_check_file(fd, loader_format(image->loader), limits->max_metadata, err))
        return false;
    /* A source reads from the descriptor's offset, which the sender may have moved. */
    if (lseek(fd, 0, SEEK_SET) < 0 || !(image->source = vips_source_new_from_descriptor(fd)))
        return libvips_error(err, "read the picture");
    image->limits = *limits;
    return open_file(image, raw, err);
}

bool image_is_touched(const Image *image)
{
    return image->state.touched;
}

bool image_check_size(const Image *image, int width, int height, Error **err)
{
    return check_pixels(width, height, image->limits.max_pixels, err);
}

bool image_is_in_order(const Image *image)
{
    return vips_image_is_sequential(image->file);
}

Shape image_stored_shape(const Image *image, double shrink)
{
    double by = image->place.animated ? 1 : loader_shrink(image->loader, image->file, shrink);
    Shape shape = image_shape(image);

    shape.width = (int) MAX(1, ceil(image->file->Xsize / by));
    shape.height = (int) MAX(1, ceil(image->file->Ysize / by));
    return shape;
}

Image *image_open(int fd, const Limits *limits, const SourceNames *names, const Outputs *outputs,
                  Error **err)
{
    return image_open_raw(fd, NULL, limits, names, outputs, err);
}

Image *image_open_raw(int fd, const RawSettings *raw, const Limits *limits,
                      const SourceNames *names, const Outputs *outputs, Error **err)
{
    static const Limits trusting = { .accept = FORMATS_TRUSTED };
    g_autoptr(Image) image = g_new0(Image, 1);

    vips_error_clear(); /* warnings about the previous picture */
    warnings_forget();
    damage_forget();
    image->state.change = (MetadataChange){ .known = true, .width = 1, .height = 1 };
    image->names = names;
    image->outputs = outputs;
    bool opened = read_header(image, fd, limits ? limits : &trusting, raw, err);
    close(fd); /* the source has its own */
    return opened ? g_steal_pointer(&image) : NULL;
}

Image *image_imported(const SourceNames *names, const ImportWords *words, Metadata *metadata)
{
    Image *image = g_new0(Image, 1);

    image->names = names;
    image->import = words;
    image->metadata = metadata;
    return image;
}

const ImportWords *image_import(const Image *image)
{
    return image->import;
}

bool image_raw_offer(const Image *image, RawOffer *offer)
{
    if (loader_format(image->loader) != FORMAT_RAW)
        return false;
    *offer = raw_file_offer(image->source);
    return true;
}

bool image_read_raw(Image *image, const RawSettings *raw, Error **err)
{
    g_clear_object(&image->working);
    g_clear_object(&image->file);
    return open_file(image, raw, err);
}

Image *image_made(const Image *image, int fd, Format format, Error **err)
{
    g_autoptr(Image) made = g_new0(Image, 1);
    Limits limits = image->limits;

    vips_error_clear();
    damage_forget();
    limits.accept = FORMAT_BIT(format);
    made->state.change = (MetadataChange){ .known = true, .width = 1, .height = 1 };
    bool opened = read_header(made, fd, &limits, NULL, err);
    close(fd);
    return opened ? g_steal_pointer(&made) : NULL;
}

static void state_clear(ImageState *state)
{
    g_clear_object(&state->upright);
    g_clear_object(&state->pixels);
    g_clear_pointer(&state->metadata, metadata_free);
    g_clear_pointer(&state->jpeg, g_bytes_unref);
}

void image_state_free(ImageState *state)
{
    state_clear(state);
    g_free(state);
}

ImageState *image_state(const Image *image)
{
    ImageState *state = g_memdup2(&image->state, sizeof(ImageState));

    if (state->pixels)
        g_object_ref(state->pixels);
    if (state->upright)
        g_object_ref(state->upright);
    if (state->metadata)
        metadata_ref(state->metadata);
    if (state->jpeg)
        g_bytes_ref(state->jpeg);
    return state;
}

void image_return(Image *image, ImageState *state)
{
    state_clear(&image->state);
    image->state = *state;
    g_free(state);
}

Image *image_of_place(Image *file_of, const ImagePlace *place, VipsImage *file, Error **err)
{
    g_autoptr(Image) image = g_new0(Image, 1);

    image->file_of = file_of;
    image->place = *place;
    image->names = file_of->names;
    image->sidecar = file_of->sidecar;
    image->outputs = file_of->outputs;
    image->loader = file_of->loader;
    image->source = g_object_ref(file_of->source);
    image->file = file;
    image->limits = file_of->limits;
    image->state.change = (MetadataChange){ .known = true, .width = 1, .height = 1 };
    image->memory_requested = true;
    image->extras_noted = place->number > 0;
    return take_header(image, err) ? g_steal_pointer(&image) : NULL;
}

void image_free(Image *image)
{
    if (!image)
        return;
    state_clear(&image->state);
    g_clear_object(&image->small);
    g_clear_object(&image->working);
    g_clear_object(&image->file);
    g_clear_object(&image->source);
    metadata_free(image->metadata);
    g_free(image->hash);
    if (image->notes)
        g_string_free(image->notes, TRUE);
    g_free(image);
}

const SourceNames *image_source_names(const Image *image)
{
    return image->names;
}

void image_set_step(Image *image, unsigned step)
{
    image->step = step;
}

unsigned image_step(const Image *image)
{
    return image->step;
}

const Outputs *image_outputs(const Image *image)
{
    return image->outputs;
}

Format image_format(const Image *image)
{
    return loader_output_format(image->loader, image->place.count);
}

Format image_source_format(const Image *image)
{
    return loader_format(image->loader);
}

void image_set_sidecar(Image *image, const ImageSidecar *sidecar)
{
    image->sidecar = sidecar;
}

Metadata *image_metadata(Image *image, Error **err)
{
    MetadataBlocks blocks = { 0 };

    if (image->state.metadata)
        return image->state.metadata;
    if (image->metadata ||
        !metadata_blocks_read(VIPS_CONNECTION(image->source)->descriptor,
                              loader_format(image->loader), image->place.directory, &blocks, err))
        return image->metadata;
    image->metadata = image->sidecar ? image->sidecar->apply(image->sidecar->user, &blocks)
                                     : metadata_new(&blocks);
    return image->metadata;
}

void image_set_metadata(Image *image, Metadata *edited)
{
    bool same = edited == image->metadata || edited == image->state.metadata;

    metadata_free(same ? edited : image->state.metadata);
    if (!same)
        image->state.metadata = edited;
}

const char *image_sidecar(const Image *image)
{
    return image->sidecar && !image->state.metadata ? image->sidecar->name : NULL;
}

bool image_is_edited(const Image *image)
{
    return image->state.metadata || image->sidecar;
}

/* Its offset stays: the decoder reads on from there. */
static bool hash_file(int fd, GChecksum *sum)
{
    enum { PIECE = 64 * 1024 };
    g_autofree guchar *piece = g_malloc(PIECE);
    off_t at = 0;

    for (;;) {
        ssize_t got = pread(fd, piece, PIECE, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return !got;
        g_checksum_update(sum, piece, got);
        at += got;
    }
}

const char *image_hash(Image *image, Error **err)
{
    if (image->file_of)
        image = image->file_of;
    if (image->hash)
        return image->hash;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    if (!hash_file(VIPS_CONNECTION(image->source)->descriptor, sum))
        return error_errno(err, errno, "cannot read the picture"), NULL;
    image->hash = g_strdup(g_checksum_get_string(sum));
    return image->hash;
}

int64_t image_file_size(const Image *image, Error **err)
{
    struct stat st;

    if (!fstat(VIPS_CONNECTION(image->source)->descriptor, &st))
        return st.st_size;
    error_errno(err, errno, "cannot read the picture");
    return -1;
}

int image_pages(const Image *image, const char **word)
{
    Format format = loader_format(image->loader);

    if (image->place.count) {
        *word = image->place.word;
        return image->place.count;
    }
    *word = page_word(format);
    return page_count(image->file, format, VIPS_CONNECTION(image->source)->descriptor);
}

const ImagePlace *image_place(const Image *image)
{
    return &image->place;
}

/* ---- notes ---- */

static bool is_noted(const char *notes, const char *text)
{
    g_auto(GStrv) each = g_strsplit(notes, "; ", -1);

    return g_strv_contains((const char *const *) each, text);
}

void image_note(Image *image, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (image->file_of)
        image = image->file_of;
    if (!image->notes)
        image->notes = g_string_new(text);
    else if (!is_noted(image->notes->str, text))
        g_string_append_printf(image->notes, "; %s", text);
}

char *image_notes(const Image *image)
{
    return image->notes ? g_strdup(image->notes->str) : NULL;
}

void image_note_dropped(void *image, const char *what)
{
    image_note(image, "dropped: %s", what);
}

void image_note_extras(Image *image)
{
    if (!image->extras_noted)
        metadata_extras(VIPS_CONNECTION(image->source)->descriptor, loader_format(image->loader),
                        image_note_dropped, image);
    image->extras_noted = true;
}

VipsImage *image_header(const Image *image)
{
    return image->file;
}

MetadataChange image_no_change(const Image *image)
{
    MetadataChange change = { .turned = 1,
                              .orientation = vips_image_get_orientation(image->file),
                              .known = true,
                              .width = 1,
                              .height = 1,
                              .saved_width = image->file->Xsize,
                              .saved_height = image->file->Ysize };

    image_source_size(image, &change.whole_width, &change.whole_height);
    return change;
}
