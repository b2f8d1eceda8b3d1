/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save - write the picture out; the only action that does. save_settings.c has its settings, and
 * encode.c writes each format; the daemon, which opens the output, decides where the file goes. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/action.h"
#include "actions/at_most.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/copy_file.h"
#include "actions/embed.h"
#include "actions/encode.h"
#include "actions/encode_pages.h"
#include "actions/encoders.h"
#include "actions/load_tiff.h"
#include "actions/metadata_levels.h"
#include "actions/metadata_taken.h"
#include "actions/pixels.h"
#include "actions/save_advice.h"
#include "actions/save_coded.h"
#include "actions/save_copy.h"
#include "actions/save_settings.h"
#include "actions/template.h"

/* The name with the extension that it gets: fill_name() adds one where it is missing. */
static char *writes(const void *settings)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);

    if (!template || template_scope(template) == FACT_OF_STEP)
        return NULL;
    g_autofree char *key = template_key(template);
    if (encode_format(save_extension(template_last_text(template))) != FORMAT_NONE)
        return g_steal_pointer(&key);
    return g_strdup_printf("%s.%s", key,
                           s->format == FORMAT_NONE || s->format == SAVE_ORIGINAL
                               ? ""
                               : format_extension((Format) s->format));
}

static char *sample(const void *settings)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);

    return template ? template_sample(template) : NULL;
}

/* Where many formulas make too many samples, check() has not run yet. */
static bool prepare(void *settings, Error **err)
{
    Save *s = settings;

    s->template = save_template(s, err);
    return s->template;
}

static void release(void *settings)
{
    Save *s = settings;

    g_clear_pointer(&s->template, template_free);
}

/* ---- the name and the format: each may decide the other ---- */

static Format format_of(const Save *s, Format own)
{
    return s->format != FORMAT_NONE ? (Format) s->format : own;
}

/* The name with an extension behind it, however short the picture's part of it becomes; newly
 * allocated, or NULL with *err set. */
static char *with_extension(const Save *s, Image *image, const char *name, const char *extension,
                            Error **err)
{
    g_autofree char *added =
        g_strdup_printf("%s%s", g_str_has_suffix(name, ".") ? "" : ".", extension);
    g_autofree char *start = template_expand(s->template, image, strlen(added), err);
    g_autofree char *longer = start ? g_strconcat(start, added, NULL) : NULL;

    return longer && template_check_length(longer, err) ? g_steal_pointer(&longer) : NULL;
}

/* The extension of the picture's file; where that is none of a picture, the usual one. NULL with
 * *err set where such a file is not copied. */
static const char *own_extension(const Image *image, Error **err)
{
    const char *own = save_extension(image_source_names(image)->name);
    Format format = image_source_format(image);

    if (!(FORMATS_COPIED & FORMAT_BIT(format))) {
        error_set(err, ERROR_PICTURE, "save it as png",
                  "format = original does not copy %s: such files can hold programs",
                  format_name(format));
        return NULL;
    }
    return FORMATS_COPIED & FORMAT_BIT(format_from_extension(own)) ? own : format_extension(format);
}

static char *fill_original_name(const Save *s, Image *image, Error **err)
{
    g_autofree char *name = template_expand(s->template, image, 0, err);
    const char *extension = name ? own_extension(image, err) : NULL;

    if (!extension)
        return NULL;
    return strcmp(save_extension(name), extension) == 0
               ? g_steal_pointer(&name)
               : with_extension(s, image, name, extension, err);
}

/* Fills in the name and finds the format; newly allocated, or NULL with *err set. */
static char *fill_name(const Save *s, Image *image, Format *format, Error **err)
{
    g_autofree char *name = template_expand(s->template, image, 0, err);
    Format ends = FORMAT_NONE;

    if (!name)
        return NULL;
    if (template_has_extension(s->template))
        ends = encode_format(save_extension(name));
    *format = ends != FORMAT_NONE && (s->format == FORMAT_NONE || ends == (Format) s->format)
                  ? ends
                  : format_of(s, image_format(image));
    if (ends == *format)
        return g_steal_pointer(&name);

    return with_extension(s, image, name, format_extension(*format), err);
}

/* ---- writing ---- */

/* Whether its pixels get another space. */
static bool is_converted(const Save *s, const Image *image)
{
    size_t size = 0;

    return s->space > SPACE_SRGB ||
           (s->space == SPACE_SRGB && image && image_profile(image, &size));
}

/* A format without a profile is sRGB, or grey. */
static VipsImage *in_space(const Save *s, Format format, VipsImage *pixels)
{
    bool named = encode_has_profile(format);

    if (s->space == SPACE_KEEP && named)
        return g_object_ref(pixels);
    if (s->space <= SPACE_SRGB || (!named && s->space != SPACE_GREY))
        return colour_in_srgb(pixels);
    g_autoptr(VipsImage) there = space_of(pixels, s->space);
    return there && !named ? bands_without_profile(there) : g_steal_pointer(&there);
}

/* Before the name is filled in, the profile alone decides the format. */
static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Save *s = settings;
    Format known = s->template ? save_known_format(s, s->template) : (Format) s->format;

    if (s->format == SAVE_ORIGINAL)
        return true;
    const Encoding encoding = save_encoding(s, known != FORMAT_NONE ? known : shape->own);
    const Encoding most = s->at_most ? at_most_largest(&encoding) : encoding;

    Shape there = *shape;
    bool inks = there.colours == PIXELS_INKS;
    if (s->space > SPACE_SRGB || (s->space == SPACE_SRGB && inks))
        there.colours = s->space == SPACE_GREY ? 1 : 3;
    if (there.colours == PIXELS_INKS && !encode_takes_inks(&encoding, err))
        return false;
    shape->as_stored = s->metadata != METADATA_NONE && encoding.format == shape->own &&
                       encode_has_orientation(encoding.format);
    shape->held = encode_memory(&most, &there) + (s->at_most ? shape_bytes(&there) : 0);
    if (encode_takes_planes(&encoding, shape) && !is_converted(s, shape->photo))
        encode_plan_planes(&encoding, shape);
    if (shape->animated && encode_pages_holds(encoding.format, true))
        shape->kept = encode_pages_kept(&encoding, &there);
    return true;
}

/* Whether the file says the orientation as the picture's own file does: of other formats, and
 * without metadata, viewers would not see it. */
static bool keeps_orientation(const Save *s, const Image *image, Format format)
{
    return s->metadata != METADATA_NONE && encode_has_orientation(format) &&
           format == image_format(image);
}

/* Of a format that each picture decides, and that has no quality. */
static bool check_size(const Save *s, Format format, int fd, Error **err)
{
    g_autofree char *how =
        g_strdup_printf("%s, which has no quality to lower", format_name(format));

    return at_most_holds(s->at_most, fd, how, "set format = jpeg or webp, or raise at_most", err);
}

static bool write_pixels(const Save *s, VipsImage *pixels, const Encoding *encoding,
                         const MetadataBlocks *blocks, int fd, Error **err)
{
    if (s->at_most && encode_has_quality(encoding))
        return at_most_encode(pixels, encoding, blocks, s->at_most, fd, err);
    return encode(pixels, encoding, blocks, fd, err);
}

static void tell_lost(Image *image, const Encoding *encoding, const MetadataBlocks *blocks,
                      const VipsImage *made)
{
    bool any = blocks->exif || blocks->xmp || blocks->iptc;

    embed_tell_lost(encoding->format, blocks, image_note_dropped, image);
    if (any && encoding->format == FORMAT_TIFF &&
        encoders_tiff_is_big((double) VIPS_IMAGE_SIZEOF_IMAGE(made), encoding))
        image_note_dropped(image, "EXIF, XMP and IPTC, which are not written into a BigTIFF");
}

/* Without the mark of black and white: a step that changed pixels may have made greys. */
static VipsImage *as_changed(const Image *image, VipsImage *pixels)
{
    VipsImage *out = NULL;

    if (!vips_image_get_typeof(pixels, LOAD_TIFF_BILEVEL) || !image_change(image, pixels).pixels)
        return g_object_ref(pixels);
    if (vips_copy(pixels, &out, NULL))
        return NULL;
    vips_image_remove(out, LOAD_TIFF_BILEVEL);
    return out;
}

/* Into fd, or into a file of several pictures where `pages` is given. */
static bool write_to(const Save *s, Image *image, Format format, int fd, EncodePages *pages,
                     Error **err)
{
    Encoding encoding = save_encoding(s, format);
    bool upright = !keeps_orientation(s, image, format);
    VipsImage *pixels = NULL;
    bool kept = false;

    if (!image_metadata(image, err))
        return false;
    pixels = upright ? image_pixels(image, err) : image_untouched_pixels(image, err);
    if (!pixels)
        return false;
    if (!pages && !is_converted(s, image) && save_recompresses(s, image, format) &&
        (!save_recompress(s, image, pixels, fd, &kept, err) || kept))
        return kept;
    g_autoptr(VipsImage) there = in_space(s, format, pixels);
    g_autoptr(VipsImage) made = there ? as_changed(image, there) : NULL;
    if (!made)
        return libvips_error(err, "convert the picture to another colour space");
    g_auto(MetadataBlocks) blocks =
        save_blocks(s, image, format, there, there != pixels && s->space <= SPACE_SRGB);
    tell_lost(image, &encoding, &blocks, made);
    if (pages)
        return encode_pages_add(pages, made, &blocks, image_place(image)->delay_ms, err);
    if (there == pixels &&
        (!save_keep_jpeg(s, image, format, pixels, &blocks, fd, &kept, err) || kept))
        return kept;
    encoding.optimised =
        encode_optimises((int64_t) there->Xsize * there->Ysize, image_source_pixels(image));
    return write_pixels(s, made, &encoding, &blocks, fd, err) &&
           (there != pixels || save_keep_coded(s, image, format, pixels, &blocks, fd, err)) &&
           check_size(s, format, fd, err);
}

/* ---- the file ---- */

/* Seconds since 1970; OUTPUT_OF_SOURCE where the picture says no date, or one that no file can
 * have. */
static int64_t time_taken(Image *image)
{
    Metadata *metadata = image_metadata(image, NULL);
    int64_t seconds = 0;

    if (!metadata || !metadata_taken_at(metadata, &seconds))
        return OUTPUT_OF_SOURCE;
    return seconds >= -OUTPUT_TIME_MAX && seconds <= OUTPUT_TIME_MAX ? seconds : OUTPUT_OF_SOURCE;
}

/* As outputs->open() takes it. */
static int64_t time_of(const Save *s, Image *image)
{
    if (s->mtime == MTIME_TAKEN)
        return time_taken(image);
    return s->mtime == MTIME_SOURCE ? OUTPUT_OF_SOURCE : OUTPUT_NOW;
}

/* *fd is -1 where the output is skipped. */
static bool open_output(const Save *s, Image *image, const char *name, int *fd, Error **err)
{
    const Outputs *outputs = image_outputs(image);
    int64_t mtime = time_of(s, image);

    if (!outputs->open(outputs->user, name, (unsigned) s->exists, mtime, fd, err))
        return false;
    if (*fd >= 0 && s->mtime == MTIME_TAKEN && mtime == OUTPUT_OF_SOURCE)
        image_note(
            image,
            "it says no date that a file can have: mtime = taken takes the time of its file");
    return true;
}

/* The extension of a name, with its dot, gives way. */
static char *sidecar_name_of(const char *name)
{
    return g_strdup_printf("%.*s.xmp", (int) (strlen(name) - strlen(save_extension(name)) - 1),
                           name);
}

static bool write_beside(const Save *s, Image *image, const char *name, GBytes *packet, Error **err)
{
    g_autofree char *beside = sidecar_name_of(name);
    gsize size = 0;
    const void *bytes = g_bytes_get_data(packet, &size);
    int fd = -1;

    if (!open_output(s, image, beside, &fd, err))
        return false;
    image_note(image, "what was written lies beside the %s, as XMP: its own metadata stay",
               format_name(image_source_format(image)));
    if (fd < 0)
        return true;
    bool written = write_bytes(fd, bytes, size) || error_errno(err, errno, "cannot write XMP");
    close(fd);
    return written;
}

static bool write_copy(const Save *s, Image *image, const char *name, int fd, Error **err)
{
    g_autoptr(GBytes) beside = NULL;

    return save_copy(s, image, fd, &beside, err) &&
           (!beside || write_beside(s, image, name, beside, err));
}

static bool write_output(const Save *s, Image *image, Format format, const char *name, int fd,
                         Error **err)
{
    return s->format == SAVE_ORIGINAL ? write_copy(s, image, name, fd, err)
                                      : write_to(s, image, format, fd, NULL, err);
}

/* ---- several pictures ---- */

static EncodePages *begin_pages(const Save *s, Image *image, Format format, int fd)
{
    const Encoding encoding = save_encoding(s, format);
    const EncodeEnd end = { .most = image_place(image)->count,
                            .loop = image_place(image)->loop,
                            .at_most = s->at_most };

    return encode_pages_new(&encoding, &end, fd);
}

/* The first of several pictures to be saved, into fd: with all that follow, or alone where the
 * format holds one. The original has all of them. */
static bool write_first(const Save *s, Image *image, Format format, const char *name, int fd,
                        Error **err)
{
    const ImagePlace *place = image_place(image);
    bool original = s->format == SAVE_ORIGINAL;
    EncodePages *pages = !original && encode_pages_holds(format, place->animated)
                             ? begin_pages(s, image, format, fd)
                             : NULL;

    g_hash_table_insert(place->outputs, s->template, pages);
    if (pages)
        return write_to(s, image, format, -1, pages, err);
    if (!original)
        image_note(image, "1 of %d %ss as %s", place->count, place->word, format_name(format));
    bool written = write_output(s, image, format, name, fd, err);
    close(fd);
    return written;
}

static bool write_next(const Save *s, Image *image, EncodePages *pages, Error **err)
{
    return !pages || write_to(s, image, encode_pages_format(pages), -1, pages, err);
}

/* Before any picture is known, the profile may leave the format open. */
static bool joins(const void *settings)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);
    Format format = template ? save_known_format(s, template) : (Format) s->format;

    return s->format == SAVE_ORIGINAL || format == FORMAT_NONE || encode_pages_holds(format, true);
}

static bool copies(const void *settings)
{
    const Save *s = settings;

    return s->format == SAVE_ORIGINAL;
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Save *s = settings;
    const ImagePlace *place = image_place(image);
    Format format = FORMAT_NONE;
    g_autofree char *name = NULL;
    void *pages = NULL;
    int fd = -1;

    if (!s->template)
        return error_set(err, ERROR_CONFIG, "run `hotfolder check`",
                         "save has no name to write to");
    if (place->count && g_hash_table_lookup_extended(place->outputs, s->template, NULL, &pages))
        return write_next(s, image, pages, err);
    name = s->format == SAVE_ORIGINAL ? fill_original_name(s, image, err)
                                      : fill_name(s, image, &format, err);
    if (!name || !open_output(s, image, name, &fd, err))
        return false;
    if (fd < 0) { /* the output exists, and is kept */
        if (place->count)
            g_hash_table_insert(place->outputs, s->template, NULL);
        return true;
    }
    if (place->count)
        return write_first(s, image, format, name, fd, err);

    bool written = write_output(s, image, format, name, fd, err);
    close(fd);
    return written;
}

const Action action_save = {
    .name = "save",
    .group = "output",
    .summary = "write the picture out",
    .aliases = "write export output encode copy save-tags",
    .example = "save { name = \"{dir}/{stem}-{width}.jpg\" quality = 90 }",
    .params = save_params,
    .size = sizeof(Save),
    .flags = ACTION_SAVES | ACTION_INKS,
    .check = save_check,
    .advise = save_advice,
    .advise_on = save_advice_on,
    .loses = save_losses,
    .copies = copies,
    .writes = writes,
    .sample = sample,
    .joins = joins,
    .prepare = prepare,
    .release = release,
    .plan = plan,
    .apply = apply,
};
