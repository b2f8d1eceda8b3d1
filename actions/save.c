/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save - write the picture out; the only action that does. encode.c writes each format, and the
 * daemon, which opens the output, decides where the file goes. */
#include <string.h>
#include <unistd.h>

#include "actions/action.h"
#include "actions/colour.h"
#include "actions/embed.h"
#include "actions/encode.h"
#include "actions/metadata_levels.h"
#include "actions/metadata_truth.h"
#include "actions/original.h"
#include "actions/pixels.h"
#include "actions/template.h"

typedef struct Save {
    char *name;
    int format;
    int quality;
    int exists;
    int metadata;
    int space;
    Colour background;
    bool lossless;
    bool progressive;
    int effort;
    int compression;
    int larger;
    Template *template; /* of name; made by prepare() */
} Save;

static const Choice formats[] = {
    { "auto", FORMAT_NONE,
      "what the name's extension says, if it is one of these, else the picture's own or the one "
      "next to "
      "it: a GIF becomes a PNG, a HEIC a JPEG" },
    { "jpeg", FORMAT_JPEG, "JPEG: small, for photos; 8 bits" },
    { "png", FORMAT_PNG, "PNG: exact, for drawings and transparency; up to 16 bits" },
    { "webp", FORMAT_WEBP, "WebP: smaller than JPEG, with transparency; 8 bits" },
    { "tiff", FORMAT_TIFF, "TIFF: exact, for prints; up to 16 bits, and floats" },
    { "avif", FORMAT_AVIF, "AVIF: the smallest, and slow to write; up to 12 bits" },
    { 0 },
};

static const Choice exists_choices[] = {
    { "number", OUTPUT_NUMBER,
      "keep both: the new one gets -1, or the next number that is free; for pictures that are "
      "never changed" },
    { "replace", OUTPUT_REPLACE,
      "replace it, if it was made from a file of the same path, else as number; for pictures that "
      "come again in a new version" },
    { "skip", OUTPUT_SKIP, "keep the old one and write nothing" },
    { 0 },
};

static const Choice levels[] = {
    { "all", METADATA_ALL, "all that is true of the new file" },
    { "none", METADATA_NONE, "nothing but what colours need" },
    { "copyright", METADATA_COPYRIGHT,
      "author, credit, source, rights, usage terms and contact; nothing else" },
    { "sharing", METADATA_SHARING,
      "these, and title, headline, caption, keywords and date; nothing else: no place, no serial "
      "number, no name of an owner or a face, no maker note, history or document id" },
    { "yes", METADATA_ALL, "all" },
    { "no", METADATA_NONE, "none" },
    { 0 },
};

static const Choice compressions[] = {
    { "none", COMPRESSION_NONE, "as it is" },
    { "lzw", COMPRESSION_LZW, "exact, read by every program" },
    { "deflate", COMPRESSION_DEFLATE, "exact, a little smaller" },
    { "jpeg", COMPRESSION_JPEG, "small, as quality says" },
    { 0 },
};

enum { LARGER_ORIGINAL, LARGER_ACCEPT };

static const Choice larger_choices[] = {
    { "original", LARGER_ORIGINAL, "write the original's coded picture in place of it" },
    { "accept", LARGER_ACCEPT, "write it" },
    { 0 },
};

enum { SPACE_KEEP, SPACE_SRGB };

static const Choice spaces[] = {
    { "keep", SPACE_KEEP, "the picture's own: its colour profile is in the output" },
    { "srgb", SPACE_SRGB, "sRGB, as the web expects it; colours outside of it are lost" },
    { 0 },
};

static const char names_are_checked[] = "names of outputs are checked before a picture is known";

static const Param params[] = {
    TEXT(Save, name, .def = "{dir}/{stem}",
         .help =
             "the output's name in the folder's output directory; {stem}, {taken:%Y/%m}, {seq:4} "
             "and all other values of hotfolder-profiles(7) are filled in; {title|untitled} says "
             "what is written for a picture without one; where the name would be too long for a "
             "disk, the picture's part of it is shortened"),
    CHOICE(
        Save, format, .def = "auto", .choices = formats, .fixed = names_are_checked,
        .help =
            "the format that is written; a name that does not end in its extension gets it, also "
            "after the extension of another format: beach.gif becomes beach.gif.jpg"),
    INT(Save, quality, .def = "auto", .zero = "auto", .min = 1, .max = 100,
        .help = "quality of JPEG, WebP, AVIF and jpeg in TIFF; auto is 85, for WebP 80, for AVIF "
                "60, which look alike"),
    CHOICE(Save, exists, .def = "number", .choices = exists_choices, .fixed = names_are_checked,
           .help =
               "what to do when the name exists; an output of the very same picture and profile "
               "is never written again"),
    CHOICE(Save, metadata, .def = "all", .choices = levels,
           .help =
               "what is kept of EXIF, IPTC and XMP; the colour profile always stays, and what is "
               "no longer true of the new pixels never does: thumbnails, sizes, a film or gain "
               "map that belonged to the file"),
    CHOICE(Save, space, .def = "keep", .choices = spaces,
           .help = "the colour space of the output; CMYK always becomes sRGB"),
    COLOUR(Save, background, .def = "#ffffff",
           .help = "the colour of transparent parts in JPEG, which has no transparency"),
    BOOL(Save, lossless, .def = "no",
         .help = "exact instead of small in WebP, and nearly exact in AVIF"),
    BOOL(Save, progressive, .def = "no",
         .help = "JPEG and PNG that appear in low detail first while they load; slower, JPEG a "
                 "little smaller"),
    INT(Save, effort, .def = "auto", .zero = "auto", .min = 1, .max = 9,
        .help = "how hard PNG, WebP and AVIF are compressed: 1 is fast, 9 is small; auto is 4"),
    CHOICE(Save, compression, .def = "lzw", .choices = compressions,
           .help = "how TIFF is compressed"),
    CHOICE(Save, larger, .def = "original", .choices = larger_choices,
           .help = "what to do when encoding a JPEG, PNG or WebP again in its own format makes it "
                   "larger than its picture was, though no step has changed a pixel and no setting "
                   "but quality says how to encode"),
    { 0 },
};

/* ---- settings ---- */

/* What follows the last dot of a name; "" where there is none. */
static const char *extension(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && !strchr(dot, '/') ? dot + 1 : "";
}

/* Where every picture has the same name, the first one would be the only one. */
static bool check_scope(const Save *s, const Template *template, Error **err)
{
    if (s->exists != OUTPUT_SKIP || template_scope(template) != FACT_OF_PROFILE)
        return true;
    return error_set(err, ERROR_CONFIG, "add {stem} or {seq:4} to the name, or set exists = number",
                     "every picture would have this name, and exists = skip writes only the first");
}

/* What only rows decide that no formula gives. */
static bool check_name(const Save *s, const Template *template, Error **err)
{
    Format ends = encode_format(extension(template_last_text(template)));

    if (!check_scope(s, template, err))
        return false;
    if (ends != FORMAT_NONE && s->format != FORMAT_NONE && ends != (Format) s->format)
        return error_set(err, ERROR_CONFIG, "remove format, or change the end of the name",
                         "the name ends in .%s, but format = %s",
                         extension(template_last_text(template)), format_word((Format) s->format));
    return true;
}

/* NULL with *err set. */
static Template *checked_template(const Save *s, Error **err)
{
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, err);

    return template && check_name(s, template, err) ? g_steal_pointer(&template) : NULL;
}

static bool check(const void *settings, Error **err)
{
    const Save *s = settings;
    g_autoptr(Template) template = checked_template(s, err);

    if (!template)
        return false;
    Format ends = encode_format(extension(template_last_text(template)));
    Format format = ends != FORMAT_NONE ? ends : (Format) s->format;
    if (s->lossless && (format == FORMAT_JPEG || format == FORMAT_TIFF || format == FORMAT_PNG))
        return error_set(err, ERROR_CONFIG,
                         format == FORMAT_JPEG ? "save as png, or as webp with lossless = yes"
                                               : "remove it: this format is always lossless",
                         "lossless is for webp and avif");
    return true;
}

/* The name with the extension that it gets: fill_name() adds one where it is missing. */
static char *writes(const void *settings)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);

    if (!template || template_scope(template) == FACT_OF_STEP)
        return NULL;
    if (encode_format(extension(template_last_text(template))) != FORMAT_NONE)
        return g_strdup(s->name);
    return g_strdup_printf("%s.%s", s->name,
                           s->format == FORMAT_NONE ? "" : format_extension((Format) s->format));
}

static char *sample(const void *settings)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);

    return template ? template_sample(template) : NULL;
}

static bool advise(const void *settings, Error **err)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);

    return !template || !template_guesses_date(template) ||
           error_set(err, ERROR_CONFIG, "write what such a picture gets, as in {taken:%Y|undated}",
                     "name: a picture that says no date gets the time of its file for {taken}");
}

/* With formulas, check() knows a picture only. */
static bool prepare(void *settings, Error **err)
{
    Save *s = settings;

    s->template = checked_template(s, err);
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

/* Fills in the name and finds the format; newly allocated, or NULL with *err set. */
static char *fill_name(const Save *s, Image *image, Format *format, Error **err)
{
    g_autofree char *name = template_expand(s->template, image, 0, err);
    Format ends = FORMAT_NONE;

    if (!name)
        return NULL;
    if (template_has_extension(s->template))
        ends = encode_format(extension(name));
    *format = ends != FORMAT_NONE && (s->format == FORMAT_NONE || ends == (Format) s->format)
                  ? ends
                  : format_of(s, image_format(image));
    if (ends == *format)
        return g_steal_pointer(&name);

    g_autofree char *added =
        g_strdup_printf("%s%s", g_str_has_suffix(name, ".") ? "" : ".", format_extension(*format));
    g_autofree char *start = template_expand(s->template, image, strlen(added), err);
    g_autofree char *longer = start ? g_strconcat(start, added, NULL) : NULL;
    return longer && template_check_length(longer, err) ? g_steal_pointer(&longer) : NULL;
}

/* ---- writing ---- */

static Encoding encoding_of(const Save *s, Format format)
{
    return (Encoding){
        .format = format,
        .quality = s->quality,
        .effort = s->effort,
        .compression = (Compression) s->compression,
        .lossless = s->lossless,
        .progressive = s->progressive,
        .background = s->background,
    };
}

/* Before the name is filled in, the profile alone decides the format. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Save *s = settings;
    Format ends = s->template && template_has_extension(s->template)
                      ? encode_format(extension(template_last_text(s->template)))
                      : FORMAT_NONE;
    const Encoding encoding = encoding_of(s, ends != FORMAT_NONE ? ends : format_of(s, shape->own));

    shape->held = encode_memory(&encoding, shape);
    return true;
}

/* Whether the file says the orientation as the picture's own file does: of other formats, and
 * without metadata, viewers would not see it. */
static bool keeps_orientation(const Save *s, const Image *image, Format format)
{
    return s->metadata != METADATA_NONE && encode_has_orientation(format) &&
           format == image_format(image);
}

static void note_dropped(void *user, const char *what)
{
    image_note(user, "dropped: %s", what);
}

/* What the file says of itself: what the level names, true for these pixels. */
static MetadataBlocks blocks_of(const Save *s, Image *image, VipsImage *pixels, bool srgb)
{
    MetadataChange change = image_change(image, pixels);
    MetadataBlocks blocks = metadata_blocks_copy(metadata_blocks(image_metadata(image, NULL)));

    change.srgb = srgb;
    image_note_extras(image);
    if (s->metadata == METADATA_NONE)
        metadata_level_apply(&blocks, METADATA_NONE); /* nothing of it is to be made true */
    metadata_truth(&blocks, &change, note_dropped, image);
    metadata_level_apply(&blocks, (MetadataLevel) s->metadata);
    return blocks;
}

static bool says_how_to_encode(const Save *s)
{
    return s->progressive || s->lossless || s->effort;
}

/* Where the pixels in fd are those of the original, in its format, and take more bytes. */
static bool keep_smaller(const Save *s, Image *image, Format format, VipsImage *saved,
                         const MetadataBlocks *blocks, int fd, Error **err)
{
    int original = image_original(image, saved);
    bool kept = false;

    if (s->larger == LARGER_ACCEPT || says_how_to_encode(s) || original < 0 ||
        !image_is_of(image, format))
        return true;
    if (!original_keep(original, format, saved, blocks, fd, &kept, err))
        return false;
    if (kept)
        image_note(image, "kept: re-encoding was larger");
    return true;
}

static bool write_to(const Save *s, Image *image, Format format, int fd, Error **err)
{
    Encoding encoding = encoding_of(s, format);
    bool upright = !keeps_orientation(s, image, format);
    VipsImage *pixels = NULL;

    if (!image_metadata(image, err))
        return false;
    pixels = upright ? image_pixels(image, err) : image_untouched_pixels(image, err);
    if (!pixels)
        return false;
    g_autoptr(VipsImage) there =
        s->space == SPACE_SRGB ? colour_in_srgb(pixels) : g_object_ref(pixels);
    if (!there)
        return libvips_error(err, "convert the picture to sRGB");
    g_auto(MetadataBlocks) blocks = blocks_of(s, image, there, there != pixels);
    embed_tell_lost(format, &blocks, note_dropped, image);
    encoding.optimised =
        encode_optimises((int64_t) there->Xsize * there->Ysize, image_source_pixels(image));
    return encode(there, &encoding, &blocks, fd, err) &&
           (there != pixels || keep_smaller(s, image, format, pixels, &blocks, fd, err));
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Save *s = settings;
    const Outputs *outputs = image_outputs(image);
    Format format = FORMAT_NONE;
    g_autofree char *name = NULL;
    int fd = -1;

    if (!s->template)
        return error_set(err, ERROR_CONFIG, "run `hotfolder check`",
                         "save has no name to write to");
    name = fill_name(s, image, &format, err);
    if (!name || !outputs->open(outputs->user, name, (unsigned) s->exists, &fd, err))
        return false;
    if (fd < 0) /* the output exists, and is kept */
        return true;

    bool written = write_to(s, image, format, fd, err);
    close(fd);
    return written;
}

const Action action_save = {
    .name = "save",
    .group = "output",
    .summary = "write the picture out",
    .aliases = "write export output convert encode",
    .example = "save { name = \"{dir}/{stem}-{width}.jpg\" quality = 90 }",
    .params = params,
    .size = sizeof(Save),
    .flags = ACTION_SAVES,
    .check = check,
    .advise = advise,
    .writes = writes,
    .sample = sample,
    .prepare = prepare,
    .release = release,
    .plan = plan,
    .apply = apply,
};
