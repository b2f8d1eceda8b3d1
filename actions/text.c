/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text - write words on the picture: a title, a copyright, what the camera says. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/ink_place.h"
#include "actions/letters.h"
#include "actions/letters_look.h"
#include "actions/template.h"

typedef struct Text {
    char *text;
    char *font;
    Length size;
    Colour colour;
    InkPlace lies;
    double opacity;
    Length width;
    int align;
    Length outline;
    Colour outline_colour;
    Length halo;
    Colour box;
    Length box_padding;
    Length box_radius;
    bool markup;
    bool tile;
    Template *template; /* of text; made by prepare() */
} Text;

static const Choice aligns[] = {
    { "left", VIPS_ALIGN_LOW, "lines begin at the same place" },
    { "centre", VIPS_ALIGN_CENTRE, "lines have the same middle" },
    { "right", VIPS_ALIGN_HIGH, "lines end at the same place" },
    { 0 },
};

static const Choice boxes[] = {
    { "yes", 1, "white, half of which is seen" },
    { 0 },
};

static const Param params[] = {
    TEXT(Text, text,
         .help = "what is written; {stem} {title} {author} {taken:%Y} and the other values of a "
                 "name are filled in"),
    TEXT(Text, font, .def = "Sans",
         .help = "the font's name, with words such as bold, italic or condensed behind it; letters "
                 "that it lacks are those of other fonts"),
    LENGTH(Text, size, .def = "5%", .min = 1, .max = 10000, .of = OF_SHORTER,
           .help = "the height of the letters"),
    COLOUR(Text, colour, .def = "#000000", .help = "the colour of the letters"),
    INK_PLACE_ROWS(Text, lies., "centre", "5%"),
    REAL(Text, opacity, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the text shows, with all that is around it"),
    LENGTH(Text, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "a longer line is broken there; auto: at the margins"),
    CHOICE(Text, align, .def = "left", .choices = aligns, .help = "how several lines stand"),
    LENGTH(Text, outline, .def = "0", .max = 1000, .of = OF_SHORTER,
           .help = "how wide a line around the letters is"),
    COLOUR(Text, outline_colour, .def = "#ffffff", .help = "the colour of outline and halo"),
    LENGTH(Text, halo, .def = "0", .max = 1000, .of = OF_SHORTER,
           .help = "how far a glow reaches around letters and outline"),
    COLOUR(Text, box, .def = "no", .zero = "no", .choices = boxes,
           .help = "the colour of a box behind the letters; no: there is none"),
    LENGTH(Text, box_padding, .def = "1%", .max = 10000, .of = OF_SHORTER, .only_with = "box = yes",
           .help = "distance from the letters to the edges of the box"),
    LENGTH(Text, box_radius, .def = "0", .max = 10000, .of = OF_SHORTER, .only_with = "box = yes",
           .help = "how far the corners of the box are round along its edges"),
    BOOL(Text, markup, .def = "no",
         .help = "whether <b>, <i> and the other signs of Pango's markup are followed"),
    BOOL(Text, tile, .def = "no",
         .help = "whether it is repeated all over the picture, with `margin` between"),
    { 0 },
};

static bool prepare(void *settings, Error **err)
{
    Text *s = settings;

    s->template = template_new(TEMPLATE_TEXT, "text", s->text, err);
    return s->template;
}

static bool check(const void *settings, Error **err)
{
    const Text *s = settings;
    g_autoptr(Template) template = template_new(TEMPLATE_TEXT, "text", s->text, err);
    bool is_known = !strchr(s->text, '{');

    return template && (!s->markup || !is_known || letters_are_markup(s->text, ERROR_CONFIG, err));
}

static bool advise(const void *settings, Error **err)
{
    const Text *s = settings;
    const Colour *colour = &s->outline_colour;
    bool white = colour->r + colour->g + colour->b + colour->a == 4 * 255.0;
    bool edge = s->outline.amount > 0 || s->halo.amount > 0;

    if (!edge && !white)
        return error_set(err, ERROR_CONFIG, "give outline or halo, or remove outline_colour",
                         "outline_colour does nothing without outline and halo");
    return letters_have_font(s->font, err) && ink_place_advise(&s->lies, err);
}

static void release(void *settings)
{
    g_clear_pointer(&((Text *) settings)->template, template_free);
}

/* ---- drawing ---- */

static LettersLook look_of(const Text *s)
{
    static const Colour yes = { 255, 255, 255, 128, 0 };

    return (LettersLook){ .colour = s->colour,
                          .edge = s->outline_colour,
                          .outline = s->outline,
                          .halo = s->halo,
                          .box = s->box.word ? yes : s->box,
                          .padding = s->box_padding,
                          .radius = s->box_radius };
}

/* A text that is laid on its side may be as long as the photo is high. */
static int line_width(const Text *s, int across, int down)
{
    const LettersLook look = look_of(s);
    double room = (s->lies.turn % 2 ? down : across) - 2 * s->lies.margin.px;

    if (s->width.amount > 0)
        return (int) MAX(1, lround(s->width.px));
    return (int) MAX(1, lround(room) - 2L * letters_look_room(&look));
}

static VipsImage *drawn(const Text *s, const char *words, int width)
{
    const LettersLook look = look_of(s);
    g_autoptr(VipsImage) cover =
        letters_cover(words, s->font, s->size.px, &(LettersLines){ width, s->align, s->markup });
    g_autoptr(VipsImage) flat = cover ? letters_look_drawn(&look, cover) : NULL;

    return flat ? ink_place_turned(&s->lies, flat) : NULL;
}

/* A text that comes to nothing, such as {title|}, leaves the photo as it is. */
static bool ink(const void *settings, Image *photo, Ink *ink, Error **err)
{
    const Text *s = settings;
    g_autofree char *words = template_text(s->template, photo, s->markup, err);

    if (!words)
        return false;
    if (letters_are_blank(words))
        return true;
    if (!letters_are_few(words, err) ||
        (s->markup && !letters_are_markup(words, ERROR_PICTURE, err)))
        return false;
    letters_note_font(s->font, photo);
    ink->picture = drawn(s, words, line_width(s, image_width(photo), image_height(photo)));
    if (!ink->picture)
        return libvips_error(err, "draw the text");
    ink->opacity = s->opacity / 100;
    ink->tiled = s->tile;
    ink_place_lay(&s->lies, ink->picture, image_width(photo), image_height(photo), ink);
    return true;
}

/* The words as far as they are known before a pixel is: what steps before make of the size, whose
 * digits they may show, changes them by some. Newly allocated; NULL: unknown. */
static char *known_words(const Text *s, Image *photo)
{
    g_autoptr(Error) ignored = NULL;

    return photo ? template_text(s->template, photo, s->markup, &ignored) : NULL;
}

/* Adds a line, which is broken where it becomes too wide, to the area that is drawn. Letters are at
 * most as wide as high, with half as much between lines. */
static void add_line(long letters, double size, double widest, double *width, double *height)
{
    const double line = 1.5;
    double all = (double) MIN(LETTERS_MAX, letters) * size;

    *width = MAX(*width, MIN(all, widest));
    *height += ceil(all / widest) * line * size;
}

static void measure(const Text *s, Image *photo, double widest, double *width, double *height)
{
    enum { MORE = 8 };
    int more = strchr(s->text, '{') ? MORE : 0;
    double size = MAX(1, s->size.px);
    g_autofree char *words = known_words(s, photo);
    g_auto(GStrv) lines = words ? g_strsplit(words, "\n", -1) : NULL;

    if (!lines)
        add_line(LETTERS_MAX, size, fmax(size, widest), width, height);
    for (char **line = lines; line && *line; line++)
        add_line(g_utf8_strlen(*line, -1) + more, size, fmax(size, widest), width, height);
}

/* One band is drawn, and what it looks like is made of that. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Text *s = settings;
    const LettersLook look = look_of(s);
    int room = letters_look_room(&look), bands = letters_look_has_colour(&look) ? 4 : 2;
    double width = 0, height = 0;

    if (bands > 2)
        shape->colours = 3;
    measure(s, shape->photo, line_width(s, shape->width, shape->height), &width, &height);
    shape->held = width * height + letters_look_held(&look, width, height) +
                  ink_place_held(&s->lies, width + 2 * room, height + 2 * room, bands, shape);
    return true;
}

const Action action_text = {
    .name = "text",
    .group = "decoration",
    .summary = "write words on the picture",
    .aliases = "caption annotate label write-text title text-watermark subtitle",
    .example = "text { text = \"{stem}\" size = 20px colour = \"#ffe000\" place = top "
               "outline = 2px outline_colour = \"#000000\" }",
    .params = params,
    .size = sizeof(Text),
    .flags = ACTION_FONTS,
    .idle = "opacity = 0",
    .check = check,
    .advise = advise,
    .prepare = prepare,
    .release = release,
    .plan = plan,
    .ink = ink,
};
