/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/save_advice.h"

#include "actions/encode.h"
#include "actions/encode_pages.h"
#include "actions/encoders.h"
#include "actions/pixels.h"
#include "actions/save_settings.h"

/* "PNG", "TIFF with compression = jpeg"; newly allocated. */
static char *format_text(const Encoding *encoding)
{
    const Choice *choice = param_find(save_params, "compression")->choices;

    if (encoding->format != FORMAT_TIFF || encoding->compression == COMPRESSION_AUTO)
        return g_strdup(format_name(encoding->format));
    while (choice->value != (int) encoding->compression)
        choice++;
    return g_strdup_printf("%s with compression = %s", format_name(encoding->format), choice->word);
}

/* Only what a compression takes from a format that has it: who asks for a JPEG, for a palette or
 * for black and white, knows. */
static bool advise_on_depth(const Save *s, const Template *template, Error **err)
{
    const Encoding encoding = save_encoding(s, save_known_format(s, template));

    if (encoding.format != FORMAT_TIFF || encoding.compression == COMPRESSION_CCITT ||
        encode_has_depth(&encoding))
        return true;
    g_autofree char *format = format_text(&encoding);
    return error_set(err, ERROR_CONFIG,
                     "set compression = deflate or zstd, unless all pictures have 8 bits",
                     "a %s has 8 bits of each colour: pictures of 16 bits lose the others", format);
}

bool save_advice(const void *settings, Error **err)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);

    if (!template || !save_advise(s, template, err) || !advise_on_depth(s, template, err))
        return !template;
    return !template_guesses_date(template) ||
           error_set(err, ERROR_CONFIG, "write what such a picture gets, as in {taken:%Y|undated}",
                     "name: a picture that says no date gets the time of its file for {taken}");
}

static bool advise_on_inks(const Save *s, Format known, Error **err)
{
    return known != FORMAT_NONE || s->space != SPACE_KEEP ||
           error_set(
               err, ERROR_CONFIG, "set format = tiff or jpeg",
               "the picture is CMYK here, and without a format a PNG, WebP, AVIF or GIF stays "
               "one, which holds no CMYK");
}

/* Only what the steps make: of a picture that comes with transparency the user knows. */
bool save_advice_on(const void *settings, const Shape *shape, Error **err)
{
    const Save *s = settings;
    Format known = s->template ? save_known_format(s, s->template) : (Format) s->format;

    if (shape->colours == PIXELS_INKS)
        return advise_on_inks(s, known, err);
    if (!shape->alpha || s->format == SAVE_ORIGINAL)
        return true;
    const Encoding encoding = save_encoding(s, known != FORMAT_NONE ? known : shape->own);
    const Colour *under = &s->background;
    bool white = under->r == 255 && under->g == 255 && under->b == 255;
    if (!white || encode_has_alpha(&encoding))
        return true;
    g_autofree char *format = format_text(&encoding);
    return error_set(err, ERROR_CONFIG,
                     "save as png or webp, or set the background to the colour that they get",
                     "the steps before make parts of the picture transparent, and a %s has no "
                     "transparency: they become white",
                     format);
}

/* ---- what the format has no place for ---- */

/* "8 bits of each colour"; NULL: all that a picture has. */
static const char *depth_of(const Encoding *encoding)
{
    if (encoding->format == FORMAT_GIF)
        return "256 colours";
    if (encoding->format == FORMAT_AVIF)
        return "12 bits of each colour";
    if (encoding->format == FORMAT_HEIF)
        return "10 bits of each colour";
    return encode_has_depth(encoding) ? NULL : "8 bits of each colour";
}

/* A TIFF has a place for all, but with a compression on which there is advice. */
char *save_losses(const void *settings)
{
    const Save *s = settings;
    g_autoptr(Error) ignored = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, &ignored);
    Format format = template ? save_known_format(s, template) : FORMAT_NONE;
    const Encoding encoding = save_encoding(s, format);

    if (!encoder_of(format) || format == FORMAT_TIFF)
        return NULL;
    const char *depth = depth_of(&encoding);
    bool joins = encode_pages_holds(format, true);
    if (!depth && joins && encode_has_alpha(&encoding))
        return NULL;
    return g_strdup_printf("%s has at most %s%s%s%s: what a picture has beyond that is lost",
                           format_name(format), depth ? depth : "", depth && !joins ? " and " : "",
                           joins ? "" : "one page",
                           encode_has_alpha(&encoding) ? "" : ", and no transparency");
}
