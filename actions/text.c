/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text - write words on the picture: a title, a copyright, what the camera says. */
#include <math.h>

#include "actions/action.h"
#include "actions/letters.h"
#include "actions/template.h"

typedef struct Text {
    char *text;
    char *font;
    Length size;
    Colour colour;
    double opacity;
    Place place;
    Length margin;
    Length width;
    int align;
    double angle;
    bool markup;
    Template *template; /* of text; made by prepare() */
} Text;

static const Choice aligns[] = {
    { "left", VIPS_ALIGN_LOW, "lines begin at the same place" },
    { "centre", VIPS_ALIGN_CENTRE, "lines have the same middle" },
    { "right", VIPS_ALIGN_HIGH, "lines end at the same place" },
    { 0 },
};

static const Param params[] = {
    TEXT(Text, text,
         .help = "what is written; {stem} {title} {author} {taken:%Y} and the other values of a "
                 "name are filled in"),
    TEXT(Text, font, .def = "sans",
         .help = "the font's name, with words such as bold, italic or condensed behind it"),
    LENGTH(Text, size, .def = "5%", .min = 1, .max = 10000, .of = OF_SHORTER,
           .help = "the height of the letters"),
    COLOUR(Text, colour, .def = "#ffffff", .help = "the colour of the letters"),
    REAL(Text, opacity, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the text shows"),
    PLACE(Text, place, .def = "bottom-right", .max = 100000, .help = "where it stands"),
    LENGTH(Text, margin, .def = "2%", .max = 100000, .of = OF_SHORTER,
           .help = "distance from the edges"),
    LENGTH(Text, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "a longer line is broken there; auto: at the margins"),
    CHOICE(Text, align, .def = "left", .choices = aligns, .help = "how several lines stand"),
    REAL(Text, angle, .def = "0", .min = -360, .max = 360,
         .help = "degrees clockwise by which the text is turned"),
    BOOL(Text, markup, .def = "no",
         .help = "whether <b>, <i> and the other signs of Pango's markup are followed"),
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

    return template;
}

static void release(void *settings)
{
    g_clear_pointer(&((Text *) settings)->template, template_free);
}

/* ---- drawing ---- */

static int line_width(const Text *s, int photo_width)
{
    double room = s->width.amount > 0 ? s->width.px : photo_width - 2 * s->margin.px;

    return (int) MAX(1, lround(room));
}

static VipsImage *turned(VipsImage *cover, double angle)
{
    VipsImage *out = NULL;

    if (fmod(angle, 360) == 0)
        return g_object_ref(cover);
    return vips_rotate(cover, &out, angle, NULL) ? NULL : out;
}

static VipsImage *drawn(const Text *s, const char *words, int width)
{
    g_autoptr(VipsImage) flat =
        letters_cover(words, s->font, s->size.px, &(LettersLines){ width, s->align, s->markup });
    g_autoptr(VipsImage) cover = flat ? turned(flat, s->angle) : NULL;

    return cover ? letters_in_colour(cover, &s->colour) : NULL;
}

/* A text that comes to nothing, such as {title|}, leaves the photo as it is. */
static bool ink(const void *settings, Image *photo, Ink *ink, Error **err)
{
    const Text *s = settings;
    int width = image_width(photo);
    int margin = (int) s->margin.px;
    g_autofree char *words = template_text(s->template, photo, s->markup, err);

    if (!words)
        return false;
    if (letters_are_blank(words))
        return true;
    if (!letters_are_few(words, err))
        return false;
    ink->picture = drawn(s, words, line_width(s, width));
    if (!ink->picture)
        return libvips_error(err, "draw the text");
    ink->opacity = s->opacity / 100;
    ink->x = place_left(&s->place, width, ink->picture->Xsize, margin);
    ink->y = place_top(&s->place, image_height(photo), ink->picture->Ysize, margin);
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
    enum { MORE = 8 };
    const double line = 1.5;
    double all = (double) MIN(LETTERS_MAX, letters + MORE) * size;

    *width = MAX(*width, MIN(all, widest));
    *height += ceil(all / widest) * line * size;
}

static void measure(const char *words, double size, double widest, double *width, double *height)
{
    g_auto(GStrv) lines = words ? g_strsplit(words, "\n", -1) : NULL;

    if (!lines)
        add_line(LETTERS_MAX, size, widest, width, height);
    for (char **line = lines; line && *line; line++)
        add_line(g_utf8_strlen(*line, -1), size, widest, width, height);
}

/* One band is drawn, and four are a copy of it, turned, in the photo's colours. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    enum { BANDS = 4 };
    const Text *s = settings;
    double size = MAX(1, s->size.px), turn = s->angle * G_PI / 180, width = 0, height = 0;
    g_autofree char *words = known_words(s, shape->photo);

    measure(words, size, MAX(size, line_width(s, shape->width)), &width, &height);
    double across = width * fabs(cos(turn)) + height * fabs(sin(turn));
    double down = width * fabs(sin(turn)) + height * fabs(cos(turn));

    shape->held = width * height + BANDS * across * down;
    if (s->colour.r != s->colour.g || s->colour.g != s->colour.b)
        shape->colours = 3;
    return true;
}

const Action action_text = {
    .name = "text",
    .group = "decoration",
    .summary = "write words on the picture",
    .aliases = "caption annotate label write-text title",
    .example = "text { text = \"{stem}\" size = 20px colour = \"#ffe000\" place = top }",
    .params = params,
    .size = sizeof(Text),
    .flags = ACTION_FONTS,
    .check = check,
    .prepare = prepare,
    .release = release,
    .plan = plan,
    .ink = ink,
};
