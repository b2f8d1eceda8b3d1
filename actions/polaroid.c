/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* polaroid - make an instant photo of the picture, which was thrown on a table. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/layers.h"
#include "actions/letters.h"
#include "actions/letters_look.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/template.h"
#include "actions/warp.h"

typedef struct Polaroid {
    Length border;
    Colour colour;
    char *caption;
    char *font;
    double angle;
    Colour shadow;
    bool curl;
    Template *template; /* of caption; made by prepare() */
    double thrown;      /* what angle = auto is for the picture */
} Polaroid;

enum { AUTO = 1000, AUTO_MOST = 5, BELOW = 4 };

static const Choice shadows[] = {
    { "yes", 1, "black, half of which is seen" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Polaroid, border, .def = "5%", .min = 0, .max = 100000, .of = OF_MEAN,
           .help = "how wide the paper is around the picture; below it is four times as much"),
    COLOUR(Polaroid, colour, .def = "#ffffff", .only_opaque = true, .help = "the paper's colour"),
    TEXT(Polaroid, caption, .def = "", .also = "text",
         .help = "what is written below the picture, as small as it has to be; {stem} {taken:%Y} "
                 "and the other values of a name are filled in"),
    TEXT(Polaroid, font, .def = "sans",
         .help = "the font's name, with words such as bold, italic or condensed behind it"),
    REAL(Polaroid, angle, .def = "auto", .zero = "auto", .zero_means = AUTO, .min = -360,
         .max = 360,
         .help = "degrees clockwise by which it lies askew; auto: -5 to 5, from the file's "
                 "content, with room for all of them"),
    COLOUR(Polaroid, shadow, .def = "yes", .zero = "no", .choices = shadows,
           .help = "the colour of its shadow; no: it has none"),
    BOOL(Polaroid, curl, .def = "yes", .help = "whether the paper is bent a little"),
    { 0 },
};

static bool prepare(void *settings, Error **err)
{
    Polaroid *s = settings;

    s->template = template_new(TEMPLATE_TEXT, "caption", s->caption, err);
    return s->template;
}

static bool check(const void *settings, Error **err)
{
    const Polaroid *s = settings;
    g_autoptr(Template) template = template_new(TEMPLATE_TEXT, "caption", s->caption, err);

    return template && (s->border.amount > 0 || !*s->caption ||
                        error_set(err, ERROR_CONFIG, "give a border, or remove caption",
                                  "a caption stands on the border, and there is none"));
}

static bool advise(const void *settings, Error **err)
{
    const Polaroid *s = settings;

    return !*s->caption || letters_have_font(s->font, err);
}

static void release(void *settings)
{
    g_clear_pointer(&((Polaroid *) settings)->template, template_free);
}

static bool ask(void *settings, Image *image, Error **err)
{
    enum { DIGITS = 8 };
    const char *hash = image_hash(image, err);
    g_autofree char *first = g_strndup(hash ? hash : "", DIGITS);
    double share = (double) g_ascii_strtoull(first, NULL, 16) / UINT32_MAX;

    ((Polaroid *) settings)->thrown = AUTO_MOST * (2 * share - 1);
    return hash;
}

static Colour shadow_of(const Polaroid *s)
{
    static const Colour yes = { .a = 128 };

    return s->shadow.word ? yes : s->shadow;
}

/* ---- where things lie ---- */

/* The paper and its shadow before they are turned, and the picture that holds them then. Places
 * are those on the paper, whose upper left corner is 0, 0. */
typedef struct Sheet {
    int border;
    double width, height; /* of the paper */
    double bow;           /* how far its middle is bent to the right */
    double soft, away;    /* the standard deviation of the shadow, and where it begins */
    double sine, cosine;  /* of the angle */
    WarpPlace middle;     /* of the paper and its shadow */
    WarpPlace turned;     /* the same place in the result */
    double across, down;  /* the size of the result */
} Sheet;

/* The longest that a side becomes that is `along` and `beside` it, at no more than an angle. */
static double longest(double along, double beside, double angle)
{
    double most = fmin(angle, atan2(beside, along));

    return ceil(along * cos(most) + beside * sin(most) - 1e-6);
}

static void turn(const Polaroid *s, Sheet *sheet, double width, double height)
{
    bool thrown = s->angle == AUTO;
    double angle = (thrown ? s->thrown : s->angle) * G_PI / 180;
    double sine = sin(angle), cosine = cos(angle), most = AUTO_MOST * G_PI / 180;

    sheet->sine = sine;
    sheet->cosine = cosine;
    sheet->across = thrown ? longest(width, height, most)
                           : ceil(width * fabs(cosine) + height * fabs(sine) - 1e-6);
    sheet->down = thrown ? longest(height, width, most)
                         : ceil(width * fabs(sine) + height * fabs(cosine) - 1e-6);
    sheet->turned = (WarpPlace){ (sheet->across - 1) / 2, (sheet->down - 1) / 2 };
}

static Sheet sheet_of(const Polaroid *s, int width, int height)
{
    double mean = (width + (double) height) / 2, border = floor(s->border.px + 0.5);
    bool shaded = shadow_of(s).a > 0;
    double soft = fmax(0.5, 0.01 * mean), away = 1.5 * soft;
    Sheet sheet = { .border = (int) border,
                    .width = width + 2 * border,
                    .height = height + (1 + BELOW) * border,
                    .bow = s->curl ? 0.01 * mean : 0,
                    .soft = soft,
                    .away = away };
    double before = shaded ? ceil(3 * soft - away) : 0, after = shaded ? ceil(3 * soft + away) : 0;
    double right = fmax(after, ceil(sheet.bow));

    sheet.middle = (WarpPlace){ (sheet.width + right - before - 1) / 2,
                                (sheet.height + after - before - 1) / 2 };
    turn(s, &sheet, sheet.width + before + right, sheet.height + before + after);
    return sheet;
}

static WarpPlace on_sheet(const Sheet *sheet, double x, double y)
{
    double right = x - sheet->turned.x, down = y - sheet->turned.y;

    return (WarpPlace){ sheet->middle.x + right * sheet->cosine + down * sheet->sine,
                        sheet->middle.y - right * sheet->sine + down * sheet->cosine };
}

/* The same on the paper as it is bent. */
static WarpPlace on_paper(const void *state, double x, double y)
{
    const Sheet *sheet = state;
    WarpPlace at = on_sheet(sheet, x, y);

    at.x -= sheet->bow * sin(G_PI * CLAMP((at.y + 0.5) / sheet->height, 0, 1));
    return at;
}

/* ---- the paper; functions give NULL with libvips' error set ---- */

static VipsImage *blank_paper(const Polaroid *s, VipsImage *photo, const Sheet *sheet)
{
    const VipsRect canvas = { sheet->border, sheet->border, (int) sheet->width,
                              (int) sheet->height };
    double rgb[4];

    if (!overlay_colour(photo, &s->colour, rgb))
        return NULL;
    g_autoptr(VipsImage) opaque = pixels_flattened(photo, rgb);
    return opaque ? backdrop_laid(opaque, &s->colour, &canvas) : NULL;
}

/* Where the caption stands. */
static VipsRect room_of(const Sheet *sheet)
{
    int half = sheet->border / 2, height = (int) sheet->height;

    return (VipsRect){ sheet->border, height - BELOW * sheet->border + half,
                       (int) sheet->width - 2 * sheet->border, BELOW * sheet->border - 2 * half };
}

/* Letters of more pixels than this are not tried: even narrow ones would not have room, and what is
 * drawn of them takes more memory than the plan has. */
static double largest(const char *words, const VipsRect *room)
{
    enum { NARROW = 4 }; /* letters that are as wide together as they are high */

    return fmax(
        1, sqrt(NARROW * (double) room->width * room->height / (double) g_utf8_strlen(words, -1)));
}

/* As large as the room lets it be, at most one and a half times as high as the border. */
static VipsImage *letters_in_room(const Polaroid *s, const char *words, const VipsRect *room)
{
    const LettersLines lines = { room->width, VIPS_ALIGN_CENTRE, false };
    double most = largest(words, room), size = 1.5 * room->height / (BELOW - 1);

    while (size > most)
        size *= 0.85;
    while (true) {
        g_autoptr(VipsImage) cover = letters_cover(words, s->font, size, &lines);
        if (!cover || size <= 1 || (cover->Xsize <= room->width && cover->Ysize <= room->height))
            return g_steal_pointer(&cover);
        size *= 0.85;
    }
}

/* Black or white, whichever is farther from the paper, with as many colours as the photo. */
static VipsImage *mark(const Polaroid *s, VipsImage *photo, const char *words, const VipsRect *room)
{
    const double paper[] = { s->colour.r / 255, s->colour.g / 255, s->colour.b / 255 };
    double value = colour_luma(paper) < 0.5 ? 255 : 0;
    g_autoptr(VipsImage) cover = letters_in_room(s, words, room);
    g_autoptr(VipsImage) grey =
        cover
            ? letters_look_drawn(&(LettersLook){ .colour = { value, value, value, 255, 0 } }, cover)
            : NULL;
    g_autoptr(VipsImage) laid = NULL;

    if (!grey || vips_embed(grey, &laid, (room->width - grey->Xsize) / 2,
                            (room->height - grey->Ysize) / 2, room->width, room->height, NULL))
        return NULL;
    return pixels_colours(photo) == 1 ? g_steal_pointer(&laid) : bands_grey_as_three(laid);
}

static VipsImage *paper_with(const Polaroid *s, VipsImage *photo, const Sheet *sheet,
                             const char *words)
{
    const VipsRect room = room_of(sheet);
    g_autoptr(VipsImage) paper = blank_paper(s, photo, sheet);
    g_autoptr(VipsImage) blank = NULL;
    VipsImage *out = NULL;

    if (!paper || letters_are_blank(words) || vips_rect_isempty(&room))
        return g_steal_pointer(&paper);
    g_autoptr(VipsImage) letters = mark(s, photo, words, &room);
    if (!letters ||
        vips_extract_area(paper, &blank, room.left, room.top, room.width, room.height, NULL))
        return NULL;
    g_autoptr(VipsImage) written = pixels_under(blank, letters, 1, BLEND_OVER);
    g_autoptr(VipsImage) memory = written ? pixels_in_memory(written) : NULL;
    if (!memory || vips_insert(paper, memory, &out, room.left, room.top, NULL))
        return NULL;
    return out;
}

/* ---- on the table ---- */

typedef struct Shade {
    Sheet sheet;
    Layers layers;
    Layer colour;
} Shade;

/* How much of a soft line of this length is at a place on it. */
static double soft_line(double at, double length, double soft)
{
    double unit = soft * G_SQRT2;

    return (erf(at / unit) - erf((at - length) / unit)) / 2;
}

/* The shadow lies flat: where the paper is bent, it hides more of it. */
static void shade_run(const PixelsRun *run, const void *state)
{
    const Shade *shade = state;
    const Sheet *sheet = &shade->sheet;

    for (int i = 0; i < run->count; i++) {
        const WarpPlace at = on_sheet(sheet, run->x + i, run->y);
        double dark = soft_line(at.x + 0.5 - sheet->away, sheet->width, sheet->soft) *
                      soft_line(at.y + 0.5 - sheet->away, sheet->height, sheet->soft);
        layers_lay(&shade->layers, run, i, 1, shade->colour * (float) dark);
    }
}

static VipsImage *thrown(const Polaroid *s, VipsImage *paper, const Sheet *sheet)
{
    static const Colour none = { 0 };
    const Colour colour = shadow_of(s);
    const Warp warp = { .map = on_paper,
                        .state = sheet,
                        .size = sizeof(*sheet),
                        .width = (int) sheet->across,
                        .height = (int) sheet->down,
                        .background = &none };
    g_autoptr(VipsImage) out = warp_pixels(paper, &warp);
    Shade shade = { .sheet = *sheet };

    if (!out || colour.a == 0)
        return g_steal_pointer(&out);
    if (!layers_colour(paper, &colour, &shade.colour))
        return NULL;
    shade.layers = layers_of(out, true);
    return pixels_map(out, NULL, out->Bands, out->BandFmt, shade_run, &shade, sizeof(shade));
}

/* ---- the action ---- */

static bool has_colour(const Polaroid *s)
{
    const Colour shadow = shadow_of(s);

    return overlay_has_colour(&s->colour) || overlay_has_colour(&shadow);
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Polaroid *s = settings;
    g_autofree char *words = template_text(s->template, image, false, err);

    if (!words || !letters_are_few(words, err) || !image_to_memory(image, err))
        return false;
    VipsImage *photo = image_overlay_pixels(image, has_colour(s), err);
    if (!photo)
        return false;
    const Sheet sheet = sheet_of(s, photo->Xsize, photo->Ysize);
    g_autoptr(VipsImage) paper = paper_with(s, photo, &sheet, words);
    VipsImage *out = paper ? thrown(s, paper, &sheet) : NULL;
    if (!out)
        return libvips_error(err, "draw the paper");
    if (!letters_are_blank(words))
        letters_note_font(s->font, image);
    image_view(image, out);
    return true;
}

/* The letters are drawn, at first too large for their room, and laid on the paper. */
static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Polaroid *s = settings;
    enum { TOO_LARGE = 4 }; /* times the room */
    const Sheet sheet = sheet_of(s, shape->width, shape->height);
    const VipsRect room = room_of(&sheet);

    shape->settles = true;
    if (has_colour(s))
        shape->colours = 3;
    if (*s->caption)
        shape->held =
            (double) room.width * room.height *
            (TOO_LARGE + shape->colours * (double) vips_format_sizeof_unsafe(shape->format));
    shape->alpha = true;
    return shape_grow(shape, sheet.across, sheet.down, err);
}

const Action action_polaroid = {
    .name = "polaroid",
    .group = "decoration",
    .summary = "make an instant photo of the picture, with a caption, that lies on a table",
    .aliases = "instant-photo",
    .example = "polaroid { caption = \"{stem}\" }",
    .params = params,
    .size = sizeof(Polaroid),
    .flags = ACTION_FONTS,
    .check = check,
    .advise = advise,
    .prepare = prepare,
    .release = release,
    .plan = plan,
    .ask = ask,
    .geometry = geometry,
};
