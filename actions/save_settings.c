/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/save_settings.h"

#include <string.h>

#include "actions/encode.h"
#include "actions/image.h"
#include "actions/metadata_levels.h"

static const Choice formats[] = {
    { "auto", FORMAT_NONE,
      "what the name's extension says, if it is one of these, else the picture's own or the one "
      "next to it: a GIF becomes a PNG, a HEIC, JPEG XL and JPEG 2000 a JPEG; of several pictures "
      "(pages = all) a GIF or WebP of frames, a TIFF of pages" },
    { "jpeg", FORMAT_JPEG, "JPEG: small, for photos; 8 bits" },
    { "png", FORMAT_PNG, "PNG: exact, for drawings and transparency; up to 16 bits" },
    { "webp", FORMAT_WEBP, "WebP: smaller than JPEG, with transparency; 8 bits" },
    { "tiff", FORMAT_TIFF, "TIFF: exact, for prints; up to 16 bits, and floats" },
    { "avif", FORMAT_AVIF, "AVIF: the smallest, and slow to write; up to 12 bits" },
    { "heic", FORMAT_HEIF, "HEIC, as phones have it; up to 10 bits; needs an encoder of libheif" },
    { "heif", FORMAT_HEIF, "the same" },
    { "jxl", FORMAT_JXL, "JPEG XL: small, also without loss; up to 16 bits; few programs read it" },
    { "jp2", FORMAT_JP2, "JPEG 2000, for archives; up to 16 bits" },
    { "gif", FORMAT_GIF,
      "GIF: 256 colours; pixels are transparent or not; animations, with pages = all" },
    { "original", SAVE_ORIGINAL,
      "the picture's own file, with its own extension: its pixels stay as they are coded. It is "
      "the "
      "same byte for byte, unless tag and its like, metadata or dpi change what a JPEG, PNG, WebP "
      "or "
      "TIFF says; what tag writes into others lies in an XMP file beside the copy" },
    { "ppm", FORMAT_PPM, "PPM: numbers alone, for other programs; up to 16 bits" },
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
    { "auto", COMPRESSION_AUTO, "lzw" },
    { "none", COMPRESSION_NONE, "as it is" },
    { "lzw", COMPRESSION_LZW, "exact, read by every program" },
    { "deflate", COMPRESSION_DEFLATE, "exact, a little smaller" },
    { "zstd", COMPRESSION_ZSTD, "exact, and fast to read; few programs read it" },
    { "jpeg", COMPRESSION_JPEG, "small, as quality says; 8 bits, without transparency" },
    { "webp", COMPRESSION_WEBP, "smaller, as quality says; 8 bits; few programs read it" },
    { "ccitt", COMPRESSION_CCITT, "black and white, as faxes and archives of scans have it" },
    { 0 },
};

static const Choice subsamplings[] = {
    { "auto", SUBSAMPLING_AUTO, "420, and 444 from quality = 90 on" },
    { "444", SUBSAMPLING_444, "each pixel has its own colour: for texts and drawings" },
    { "422", SUBSAMPLING_422, "two pixels side by side share one" },
    { "420", SUBSAMPLING_420, "four pixels share one: the smallest" },
    { 0 },
};

static const Choice palettes[] = {
    { "auto", PALETTE_AUTO,
      "one where the picture had one, or few colours, and still has: no colour changes" },
    { "yes", PALETTE_YES, "always: colours are chosen that look alike" },
    { "no", PALETTE_NO, "never" },
    { 0 },
};

enum { DITHER_YES, DITHER_NO };

static const Choice dithers[] = {
    { "yes", DITHER_YES, "colours that lack are mixed of dots: for photos" },
    { "no", DITHER_NO, "each pixel gets the nearest colour: for drawings" },
    { 0 },
};

static const Choice larger_choices[] = {
    { "original", LARGER_ORIGINAL, "write the original's coded picture in place of it" },
    { "accept", LARGER_ACCEPT, "write it" },
    { 0 },
};

static const Choice mtimes[] = {
    { "now", MTIME_NOW, "when it was written" },
    { "source", MTIME_SOURCE, "as the picture's own file has it" },
    { "taken", MTIME_TAKEN,
      "when the picture was taken, as it says, with the offset from UTC that it names; a time "
      "without one is of this machine's time zone; as its own file has it where it says no date" },
    { 0 },
};

static const Choice spaces[] = {
    { "keep", SPACE_KEEP, "the picture's own: its colour profile is in the output" },
    SPACE_CHOICES,
    { 0 },
};

static const char names_are_checked[] = "names of outputs are checked before a picture is known";

const Param save_params[] = {
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
        .help =
            "quality of JPEG, WebP, AVIF, HEIC, JPEG XL, JPEG 2000, and of jpeg and webp in TIFF; "
            "auto is 85, for WebP and JPEG 2000 80, for AVIF and HEIC 60, which look alike"),
    BYTES(
        Save, at_most, .def = "none", .zero = "none", .min = 1024, .max = 1e12,
        .help =
            "the most that the file may have, as in 900KB: the number of quality where that fits, "
            "else a lower one whose file mostly fills 87 % or more of this; without a quality the "
            "file "
            "becomes as good as its size allows, so give one beside this for a limit alone; JPEG "
            "2000, and a smooth picture "
            "as AVIF, can fill much less, since their sizes lie far apart; encodes up to 8 times, "
            "mostly 3, AVIF first with effort = 1, which takes little time"),
    CHOICE(Save, exists, .def = "number", .choices = exists_choices, .fixed = names_are_checked,
           .help =
               "what to do when the name exists; an output of the very same picture and profile "
               "is never written again"),
    CHOICE(Save, metadata, .def = "all", .choices = levels,
           .help =
               "what is kept of EXIF, IPTC and XMP; the colour profile always stays, and what is "
               "no longer true of the new pixels never does: thumbnails, sizes, a film or gain "
               "map that belonged to the file"),
    CHOICE(
        Save, space, .def = "keep", .choices = spaces,
        .help =
            "the colour space of the output; colours outside of it are lost; CMYK is sRGB before; "
            "for CMYK stands icc before the step"),
    COLOUR(Save, background, .def = "#ffffff",
           .help = "the colour of transparent parts in JPEG, PPM, and TIFF with compression = jpeg "
                   "or ccitt, which have no transparency; in GIF of what is half transparent"),
    BOOL(
        Save, lossless, .def = "no",
        .help =
            "exact instead of small in WebP, JPEG XL, JPEG 2000 and webp in TIFF, and nearly exact "
            "in AVIF; a JPEG XL of a JPEG of which no step has changed a pixel holds that file, a "
            "fifth smaller: djxl makes the same file of it again"),
    BOOL(Save, near_lossless, .def = "no",
         .help = "WebP that is nearly exact and smaller: quality says how near, auto is 60"),
    INT(Save, alpha_quality, .def = "auto", .zero = "auto", .min = 1, .max = 100,
        .help = "how exact the transparency of WebP is; auto is 100: exact"),
    BOOL(Save, progressive, .def = "no",
         .help =
             "JPEG, PNG and GIF that appear in low detail first while they load; slower, JPEG a "
             "little smaller"),
    CHOICE(Save, subsampling, .def = "auto", .choices = subsamplings,
           .help = "how many pixels of a JPEG share one colour; of CMYK auto is 444"),
    BOOL(Save, trellis, .def = "no",
         .help = "JPEG a tenth smaller, in ten times the time; where libjpeg is mozjpeg's"),
    BOOL(Save, scans, .def = "no",
         .help =
             "a progressive JPEG whose parts are divided as makes it smallest; where libjpeg is "
             "mozjpeg's"),
    INT(Save, effort, .def = "auto", .zero = "auto", .min = 1, .max = 9,
        .help = "how hard PNG, WebP, AVIF and JPEG XL are compressed, and how well GIF chooses its "
                "colours: 1 is fast, 9 is small; auto is 4, for JPEG XL 5, for GIF 7; "
                "JPEG XL takes less than 3 as 3, and more than 7 as 7"),
    CHOICE(Save, palette, .def = "auto", .choices = palettes,
           .help = "whether a PNG has a palette, which makes it small and leaves it few colours"),
    INT(Save, colours, .def = "auto", .zero = "auto", .min = 2, .max = 256,
        .help = "how many colours a palette that is made has at most: 2, 4, 16 or 256, of GIF each "
                "power of two; auto is 256"),
    CHOICE(Save, dither, .def = "yes", .choices = dithers,
           .help = "how a palette that is made stands for the colours that it lacks"),
    CHOICE(Save, compression, .def = "auto", .choices = compressions,
           .help = "how TIFF is compressed"),
    BOOL(Save, tiles, .def = "no",
         .help = "TIFF in tiles of 256 x 256, of which viewers read only what they show"),
    BOOL(Save, pyramid, .def = "no",
         .help = "TIFF in tiles, with smaller copies behind it: for viewers that zoom"),
    INT(Save, dpi, .def = "keep", .zero = "keep", .min = 1, .max = 20000, .unit = "dpi",
        .help = "how many pixels an inch the output says that it has, for printing and layout; it "
                "changes no pixel; keep is what the picture says"),
    CHOICE(Save, mtime, .def = "now", .choices = mtimes, .help = "the time of the output's file"),
    CHOICE(Save, larger, .def = "original", .choices = larger_choices,
           .help = "what to do when encoding a JPEG, PNG or WebP again in its own format makes it "
                   "larger than its picture was, though no step has changed a pixel and no setting "
                   "but quality says how to encode"),
    { 0 },
};

/* ---- settings ---- */

/* What follows the last dot of a name; "" where there is none. */
const char *save_extension(const char *name)
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

/* ---- options and formats ---- */

typedef struct Option {
    EncodeOption option;
    const char *name;
} Option;

static const Option options[] = {
    { OPTION_QUALITY, "quality" },
    { OPTION_EFFORT, "effort" },
    { OPTION_LOSSLESS, "lossless" },
    { OPTION_NEAR_LOSSLESS, "near_lossless" },
    { OPTION_ALPHA_QUALITY, "alpha_quality" },
    { OPTION_PROGRESSIVE, "progressive" },
    { OPTION_SUBSAMPLING, "subsampling" },
    { OPTION_TRELLIS, "trellis" },
    { OPTION_SCANS, "scans" },
    { OPTION_PALETTE, "palette" },
    { OPTION_COLOURS, "colours" },
    { OPTION_DITHER, "dither" },
    { OPTION_COMPRESSION, "compression" },
    { OPTION_TILES, "tiles" },
    { OPTION_PYRAMID, "pyramid" },
    { OPTION_DENSITY, "dpi" },
};

/* The options that the step sets, beside the background, which every profile may have. */
static unsigned options_set(const Save *s)
{
    return (s->quality ? OPTION_QUALITY : 0) | (s->effort ? OPTION_EFFORT : 0) |
           (s->lossless ? OPTION_LOSSLESS : 0) | (s->near_lossless ? OPTION_NEAR_LOSSLESS : 0) |
           (s->alpha_quality ? OPTION_ALPHA_QUALITY : 0) |
           (s->progressive ? OPTION_PROGRESSIVE : 0) | (s->subsampling ? OPTION_SUBSAMPLING : 0) |
           (s->trellis ? OPTION_TRELLIS : 0) | (s->scans ? OPTION_SCANS : 0) |
           (s->palette ? OPTION_PALETTE : 0) | (s->colours ? OPTION_COLOURS : 0) |
           (s->dither ? OPTION_DITHER : 0) | (s->compression ? OPTION_COMPRESSION : 0) |
           (s->tiles ? OPTION_TILES : 0) | (s->pyramid ? OPTION_PYRAMID : 0) |
           (s->dpi ? OPTION_DENSITY : 0);
}

bool save_says_how(const Save *save)
{
    const unsigned others =
        OPTION_QUALITY | OPTION_DENSITY | OPTION_COMPRESSION | OPTION_TILES | OPTION_PYRAMID;

    return options_set(save) & ~others;
}

/* "webp and avif": the formats that have an option; newly allocated. */
static char *formats_with(EncodeOption option)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    GString *list = g_string_new(NULL);

    for (Format format = FORMAT_NONE; format < FORMAT_COUNT; format++)
        if ((FORMATS_WRITTEN & FORMAT_BIT(format)) && (encode_options(format) & option))
            g_ptr_array_add(words, (gpointer) (uintptr_t) format_word(format));
    for (guint i = 0; i < words->len; i++)
        g_string_append_printf(list, "%s%s",
                               i == 0               ? ""
                               : i + 1 < words->len ? ", "
                                                    : " and ",
                               (const char *) words->pdata[i]);
    return g_string_free(list, FALSE);
}

static bool refuse_option(const Option *option, Format format, Error **err)
{
    g_autofree char *list = formats_with(option->option);
    bool exact = option->option == OPTION_LOSSLESS && format == FORMAT_PNG;

    return error_set(err, ERROR_CONFIG,
                     exact ? "remove it: this format is always lossless"
                     : option->option == OPTION_LOSSLESS
                         ? "save as png, or as webp with lossless = yes"
                         : "remove it, or choose another format",
                     "%s is for %s, not for %s", option->name, list, format_word(format));
}

/* Options that do no harm where they have no effect, and that profiles have had there: advice. */
enum {
    HARMLESS = OPTION_QUALITY | OPTION_EFFORT | OPTION_PROGRESSIVE | OPTION_COMPRESSION,
};

/* Whether the format has each option that is set, of those in `among`. */
static bool check_options(const Save *s, Format format, unsigned among, Error **err)
{
    unsigned wrong = options_set(s) & ~encode_options(format) & among;

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        if (wrong & options[i].option)
            return refuse_option(&options[i], format, err);
    return true;
}

static bool is_packed_with_loss(const Save *s)
{
    return s->compression == COMPRESSION_JPEG || s->compression == COMPRESSION_WEBP;
}

static bool check_quality(const Save *s, Format format, Error **err)
{
    return format != FORMAT_TIFF || !s->quality || is_packed_with_loss(s) ||
           error_set(err, ERROR_CONFIG, "remove it, or set compression = jpeg",
                     "quality is for a tiff with compression = jpeg or webp");
}

static bool check_tiff(const Save *s, Error **err)
{
    return !s->lossless || s->compression == COMPRESSION_WEBP ||
           error_set(err, ERROR_CONFIG,
                     s->compression == COMPRESSION_JPEG
                         ? "set compression = lzw"
                         : "remove it: this format is always lossless",
                     "lossless is for a tiff with compression = webp");
}

/* PNG has numbers of 1, 2, 4 and 8 bits. */
static bool is_size_of_palette(int colours, Format format)
{
    bool power = (colours & (colours - 1)) == 0;

    return power && (format == FORMAT_GIF || (colours != 8 && colours != 32 && colours < 64) ||
                     colours == 256);
}

static bool check_palette(const Save *s, Format format, Error **err)
{
    if (format == FORMAT_PNG && s->palette != PALETTE_YES && (s->colours || s->dither))
        return error_set(err, ERROR_CONFIG, "set palette = yes, or remove it",
                         "%s is for a palette that is made", s->colours ? "colours" : "dither");
    if (!s->colours || is_size_of_palette(s->colours, format))
        return true;
    return error_set(err, ERROR_CONFIG,
                     format == FORMAT_GIF ? "choose 2, 4, 8, 16, 32, 64, 128 or 256"
                                          : "choose 2, 4, 16 or 256",
                     "colours = %d: no palette has this size", s->colours);
}

static bool check_at_most(const Save *s, const Encoding *encoding, Error **err)
{
    if (!s->at_most || encode_has_quality(encoding))
        return true;
    return error_set(err, ERROR_CONFIG,
                     s->lossless || s->near_lossless ? "remove one of them"
                                                     : "save as jpeg or webp, or remove it",
                     "at_most lowers the quality until the file fits, and %s has none",
                     s->lossless || s->near_lossless ? "what is written without loss"
                                                     : format_word(encoding->format));
}

static bool check_pairs(const Save *s, Error **err)
{
    if (s->lossless && s->near_lossless)
        return error_set(err, ERROR_CONFIG, "remove one of them",
                         "lossless and near_lossless exclude each other");
    return true;
}

static bool check_space(const Save *s, Format format, Error **err)
{
    bool needs_profile = s->space != SPACE_KEEP && s->space != SPACE_SRGB && s->space != SPACE_GREY;

    return !needs_profile || encode_has_profile(format) ||
           error_set(err, ERROR_CONFIG, "set space = srgb, or choose another format",
                     "a %s has no place for a colour profile: it is always sRGB",
                     format_word(format));
}

/* FORMAT_NONE: each picture decides it. */
static bool check_format(const Save *s, Format format, Error **err)
{
    const Encoding encoding = save_encoding(s, format);

    if (!check_pairs(s, err) || !check_palette(s, format, err))
        return false;
    if (format == FORMAT_NONE)
        return true;
    return check_options(s, format, ~(unsigned) HARMLESS, err) && check_space(s, format, err) &&
           (format != FORMAT_TIFF || check_tiff(s, err)) && check_at_most(s, &encoding, err) &&
           encode_is_possible(&encoding, err);
}

Encoding save_encoding(const Save *s, Format format)
{
    return (Encoding){
        .format = format,
        .quality = s->quality,
        .effort = s->effort,
        .compression = (Compression) s->compression,
        .subsampling = (Subsampling) s->subsampling,
        .palette = (Palette) s->palette,
        .colours = s->colours,
        .alpha_quality = s->alpha_quality,
        .smooth = s->dither == DITHER_NO,
        .lossless = s->lossless,
        .near_lossless = s->near_lossless,
        .progressive = s->progressive,
        .trellis = s->trellis,
        .scans = s->scans,
        .tiles = s->tiles,
        .pyramid = s->pyramid,
        .background = s->background,
    };
}

/* What would change the picture; metadata and dpi only change what it says. */
static const char *named_change(const Save *s)
{
    unsigned set = options_set(s) & ~(unsigned) OPTION_DENSITY;

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        if (set & options[i].option)
            return options[i].name;
    return s->at_most                     ? "at_most"
           : s->space != SPACE_KEEP       ? "space"
           : s->larger != LARGER_ORIGINAL ? "larger"
                                          : NULL;
}

static bool check_original(const Save *s, Error **err)
{
    const char *change = named_change(s);

    return !change ||
           error_set(err, ERROR_CONFIG, "remove it, or choose another format",
                     "format = original copies the picture as it is coded, and %s would change it",
                     change);
}

/* What only rows decide that no formula gives. */
static bool check_name(const Save *s, const Template *template, Error **err)
{
    const char *end = save_extension(template_last_text(template));
    Format ends = encode_format(end);

    if (!check_scope(s, template, err))
        return false;
    if (ends != FORMAT_NONE && s->format == SAVE_ORIGINAL)
        return error_set(err, ERROR_CONFIG, "remove the end of the name",
                         "the name ends in .%s, and format = original adds the picture's own "
                         "extension",
                         end);
    if (ends != FORMAT_NONE && s->format != FORMAT_NONE && ends != (Format) s->format)
        return error_set(err, ERROR_CONFIG, "remove format, or change the end of the name",
                         "the name ends in .%s, but format = %s", end,
                         format_word((Format) s->format));
    return true;
}

Template *save_template(const Save *s, Error **err)
{
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, err);

    return template && check_name(s, template, err) ? g_steal_pointer(&template) : NULL;
}

Format save_known_format(const Save *s, const Template *template)
{
    Format ends = encode_format(save_extension(template_last_text(template)));

    return ends != FORMAT_NONE ? ends : (Format) s->format;
}

bool save_check(const void *settings, Error **err)
{
    const Save *s = settings;
    g_autoptr(Template) template = save_template(s, err);

    if (!template || s->format == SAVE_ORIGINAL)
        return template && check_original(s, err);
    return check_format(s, save_known_format(s, template), err);
}

bool save_advise(const Save *s, const Template *template, Error **err)
{
    Format format = save_known_format(s, template);

    if (s->format == SAVE_ORIGINAL || format == FORMAT_NONE)
        return true;
    return check_options(s, format, HARMLESS, err) && check_quality(s, format, err);
}
