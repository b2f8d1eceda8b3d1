/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lossless - turn, cut or make grey a JPEG without decoding it (jpeg_transform.h): what it codes is
 * moved as it is. `save` then writes it so, unless a step after this one changes pixels: these are
 * turned and cut as other steps do it, when they are asked for. */
#include <math.h>

#include "actions/action.h"
#include "actions/coded_jpeg.h"
#include "actions/colour.h"
#include "actions/copy_file.h"
#include "actions/jpeg_transform.h"
#include "actions/orientation.h"
#include "actions/planar.h"
#include "actions/planar_shape.h"

typedef struct Lossless {
    int turn;
    Area crop; /* without a length: all; without a width: so far from each edge */
    bool grey;
    int edges;
} Lossless;

enum { AUTO, QUARTER, HALF, THREE_QUARTERS, MIRROR };
enum { REFUSE, TRIM, REENCODE };

static const Choice turns[] = {
    { "auto", AUTO, "upright, as its EXIF orientation says" },
    { "90", QUARTER, "the same, and then a quarter to the right" },
    { "180", HALF, "the same, and then upside down" },
    { "270", THREE_QUARTERS, "the same, and then a quarter to the left" },
    { "mirror", MIRROR, "the same, and then left becomes right" },
    { 0 },
};

static const Choice edges[] = {
    { "refuse", REFUSE, "the picture fails, and the message says what would be cut off" },
    { "trim", TRIM, "up to a block more is cut off" },
    { "reencode", REENCODE,
      "such a picture is decoded, and save encodes it: all of it stays, with a small loss" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Lossless, turn, .def = "auto", .choices = turns, .elsewhere = "rotate takes any angle",
           .help = "how the picture is turned, degrees clockwise"),
    AREA(Lossless, crop, .def = "none", .zero = "none", .min = -100000, .max = 100000,
         .or_margin = true,
         .help = "the part of the turned picture that remains: lengths from the left and from the "
                 "top, its width and its height, as in \"160px 10% 640px 80%\"; one length is cut "
                 "off each side"),
    BOOL(Lossless, grey, .def = "no", .help = "whether the colours are left out"),
    CHOICE(Lossless, edges, .def = "refuse", .choices = edges,
           .help = "what to do where a side that becomes the left or the upper one does not lie "
                   "between two blocks: these have 8 x 8 pixels, in most photos 16 x 16 or 16 x 8"),
    { 0 },
};

/* ---- settings ---- */

static bool crops(const Lossless *s)
{
    return s->crop.x.amount != 0 || s->crop.width.amount > 0;
}

static bool check(const void *settings, Error **err)
{
    const Lossless *s = settings;
    const Length *margin = s->crop.width.amount > 0 ? NULL : &s->crop.x;

    if (!margin || margin->amount == 0)
        return true;
    if (margin->amount < 0)
        return error_set(err, ERROR_CONFIG, "give what is cut off each side, or remove it",
                         "crop of less than nothing");
    return margin->unit != LENGTH_PERCENT || margin->amount < 50 ||
           error_set(err, ERROR_CONFIG, "give less; it counts on both sides",
                     "crop = %.9g%%: nothing remains", margin->amount);
}

/* A quarter more to the right, and mirrored after it, as EXIF numbers what is seen then. */
static const int quarter_more[] = { 0, 6, 7, 8, 5, 2, 3, 4, 1 };
static const int mirrored_more[] = { 0, 2, 1, 4, 3, 6, 5, 8, 7 };

/* How what has this orientation becomes what is to be seen. */
static int orientation_of(const Lossless *s, int orientation)
{
    for (int i = 0; s->turn != MIRROR && i < s->turn; i++)
        orientation = quarter_more[orientation];
    return s->turn == MIRROR ? mirrored_more[orientation] : orientation;
}

static int whole_px(double length)
{
    return (int) CLAMP(rint(length), -VIPS_MAX_COORD, VIPS_MAX_COORD);
}

/* What remains of the turned picture, in it. False with *err set where nothing does. */
static bool area_of(const Lossless *s, int width, int height, VipsRect *area, Error **err)
{
    const VipsRect whole = { 0, 0, width, height };
    int x = whole_px(length_px(s->crop.x, width)), y = whole_px(length_px(s->crop.y, height));
    VipsRect part = { x, y, width - 2 * x, height - 2 * y };

    if (s->crop.width.amount > 0) {
        part.width = MAX(1, whole_px(length_px(s->crop.width, width)));
        part.height = MAX(1, whole_px(length_px(s->crop.height, height)));
    }
    *area = whole;
    if (crops(s) && part.width > 0 && part.height > 0)
        vips_rect_intersectrect(&part, &whole, area);
    else if (crops(s))
        *area = (VipsRect){ 0 };
    return !vips_rect_isempty(area) ||
           error_set(err, ERROR_PICTURE, "give lengths in %, or keep small pictures out",
                     "nothing of %d x %d pixels remains after the crop", width, height);
}

/* ---- the picture, as it is decoded when a step or a save asks for pixels ---- */

static VipsImage *turned(VipsImage *pixels, int orientation)
{
    VipsImage *lies = NULL;

    if (planar_turns(pixels))
        return planar_turned(pixels, orientation_turn(orientation));
    if (vips_copy(pixels, &lies, NULL))
        return NULL;
    vips_image_set_int(lies, VIPS_META_ORIENTATION, orientation);
    return orientation_upright(lies);
}

static bool turn_pixels(const Lossless *s, Image *image, Error **err)
{
    int orientation = orientation_of(s, 1);
    VipsImage *pixels = image_pixels(image, err);
    VipsImage *out = pixels && orientation > 1 ? turned(pixels, orientation) : NULL;

    if (out)
        image_view(image, out);
    return out || (pixels && orientation == 1) ||
           (pixels && libvips_error(err, "turn the picture"));
}

static bool grey_pixels(Image *image, Error **err)
{
    VipsImage *pixels = image_pixels(image, err);
    VipsImage *grey = pixels ? colour_as_grey(pixels) : NULL;

    if (grey)
        image_replace(image, grey);
    return grey || (pixels && libvips_error(err, "convert the picture"));
}

/* `area`: of the turned picture. */
static bool change_pixels(const Lossless *s, Image *image, VipsRect area, Error **err)
{
    image_touch(image);
    return turn_pixels(s, image, err) && image_cut(image, area, err) &&
           (!s->grey || grey_pixels(image, err));
}

/* ---- its coded form ---- */

typedef struct Change {
    GBytes *jpeg; /* before, and then after; owned */
    JpegGrid grid;
    JpegTransform how;
    VipsRect seen; /* the area of it, in the turned picture */
    bool whole;    /* its coded data can be taken over */
    bool stays;    /* nothing is to be done */
} Change;

static void change_clear(Change *change)
{
    g_clear_pointer(&change->jpeg, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Change, change_clear)

static bool check_format(const Image *image, Error **err)
{
    Format format = image_source_format(image);

    return format == FORMAT_JPEG ||
           error_set(err, ERROR_PICTURE, "use turn, crop and grey instead of lossless",
                     "lossless changes a JPEG as it is coded, and this picture is a %s",
                     format_name(format));
}

/* The JPEG that shows the picture as it is now, and its orientation. */
static bool take_jpeg(Change *change, Image *image, Error **err)
{
    GBytes *made = image_jpeg(image);

    if (!made && !image_is_of_file(image))
        return error_set(err, ERROR_PICTURE, "put lossless before the steps that change pixels",
                         "lossless changes the JPEG as it came, and a step before it has changed "
                         "its pixels");
    change->how.orientation = made ? 1 : vips_image_get_orientation(image_header(image));
    change->jpeg = made ? g_bytes_ref(made) : read_file(image_file(image), err);
    return change->jpeg;
}

/* False where it is of a kind that is only decoded. */
static bool read_kind(Change *change)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    g_auto(CodedJpeg) coded = { 0 };
    size_t size = 0;
    const void *data = g_bytes_get_data(change->jpeg, &size);

    bytes_begin_memory(bytes, data, size);
    change->whole = coded_jpeg_find(bytes, &coded);
    change->how.progressive = coded.progressive;
    return jpeg_transform_grid(change->jpeg, &change->grid) && change->grid.colours <= 3;
}

static VipsRect seen_area(const Change *change, VipsRect area)
{
    const TurnKind turn = orientation_turn(change->how.orientation);

    if (turn.from_right)
        area.left = change->grid.width - area.left - area.width;
    if (turn.from_bottom)
        area.top = change->grid.height - area.top - area.height;
    return turn.sideways ? (VipsRect){ area.top, area.left, area.height, area.width } : area;
}

static bool is_same(const VipsRect *one, const VipsRect *other)
{
    return vips_rect_equalsrect(one, other);
}

/* In the orientation that is stored: what is to be done, before edges are looked at. */
static bool plan_change(Change *change, const Lossless *s, Error **err)
{
    const JpegGrid *grid = &change->grid;
    const VipsRect whole = { 0, 0, grid->width, grid->height };

    change->how.orientation = orientation_of(s, change->how.orientation);
    change->how.grey = s->grey && grid->colours > 1;
    const TurnKind turn = orientation_turn(change->how.orientation);
    int width = turn.sideways ? grid->height : grid->width;
    int height = turn.sideways ? grid->width : grid->height;
    if (!area_of(s, width, height, &change->seen, err))
        return false;
    change->how.area = orientation_stored_area(turn, grid->width, grid->height, change->seen);
    change->stays =
        change->how.orientation == 1 && !change->how.grey && is_same(&change->how.area, &whole);
    return true;
}

/* ---- edges ---- */

static char *cut_off(const VipsRect *wanted, const VipsRect *fits)
{
    int across = wanted->width - fits->width, down = wanted->height - fits->height;

    return across && down ? g_strdup_printf("%d column%s and %d row%s", across,
                                            across > 1 ? "s" : "", down, down > 1 ? "s" : "")
           : across       ? g_strdup_printf("%d column%s", across, across > 1 ? "s" : "")
                          : g_strdup_printf("%d row%s", down, down > 1 ? "s" : "");
}

static bool refuse_edges(const Change *change, const JpegGrid *grid, const VipsRect *fits,
                         Error **err)
{
    const VipsRect there = seen_area(change, *fits);
    g_autofree char *lost = cut_off(&change->seen, &there);
    g_autofree char *fix =
        g_strdup_printf("set edges = trim, which cuts off %s, or edges = reencode", lost);

    return error_set(err, ERROR_PICTURE, fix,
                     "a JPEG of %d x %d pixels in blocks of %d x %d is not cut or turned so "
                     "without loss: its edges would lie inside of blocks",
                     change->grid.width, change->grid.height, grid->across, grid->down);
}

/* What the edges let be done of it. *encodes says that it is to be decoded instead. */
static bool fit_edges(Change *change, const Lossless *s, bool *encodes, Error **err)
{
    const JpegGrid grid = jpeg_transform_grid_of(&change->how, &change->grid);
    const VipsRect fits = jpeg_transform_fit(&change->how, &grid);

    *encodes = false;
    if (is_same(&fits, &change->how.area))
        return true;
    *encodes = s->edges == REENCODE;
    if (s->edges == REFUSE)
        return refuse_edges(change, &grid, &fits, err);
    if (s->edges == TRIM && vips_rect_isempty(&fits))
        return error_set(err, ERROR_PICTURE, "set edges = reencode, or keep small pictures out",
                         "nothing of %d x %d pixels remains in whole blocks of %d x %d",
                         change->grid.width, change->grid.height, grid.across, grid.down);
    if (s->edges == TRIM) {
        change->how.area = fits;
        change->seen = seen_area(change, fits);
    }
    return true;
}

/* ---- the action ---- */

static bool transform(Change *change, Image *image, Error **err)
{
    bool damaged = false;

    if (change->stays && change->whole)
        return true;
    GBytes *made = jpeg_transform(change->jpeg, &change->how, &damaged, err);
    if (!made)
        return false;
    g_bytes_unref(change->jpeg);
    change->jpeg = made;
    return !damaged || image_check_data(image, err);
}

static bool reencode(const Lossless *s, Image *image, const Change *change, const char *why,
                     Error **err)
{
    image_note(image, "%s", why);
    return change_pixels(s, image, change->seen, err);
}

/* A JPEG that cannot be changed so: in the sizes that its header says. */
static bool other_kind(const Lossless *s, Image *image, Change *change, Error **err)
{
    if (s->edges != REENCODE)
        return error_set(err, ERROR_PICTURE, "set edges = reencode, or use turn, crop and grey",
                         "this JPEG is of a kind that is not changed without loss: CMYK, or with "
                         "colours of unusual sizes");
    change->grid.width = image_header(image)->Xsize;
    change->grid.height = image_header(image)->Ysize;
    return plan_change(change, s, err) &&
           reencode(s, image, change, "re-encoded: a JPEG of its kind is not changed without loss",
                    err);
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Lossless *s = settings;
    g_auto(Change) change = { 0 };
    bool encodes = false;

    if (!check_format(image, err) || !image_untouched_pixels(image, err) ||
        !take_jpeg(&change, image, err))
        return false;
    if (!read_kind(&change))
        return other_kind(s, image, &change, err);
    if (!plan_change(&change, s, err) || !fit_edges(&change, s, &encodes, err))
        return false;
    if (encodes)
        return reencode(s, image, &change, "re-encoded: its edges lie inside of blocks", err);
    if (!transform(&change, image, err) ||
        (!change.stays && !change_pixels(s, image, change.seen, err)))
        return false;
    image_keep_jpeg(image, change.jpeg);
    return true;
}

/* Its file, and what is made of it, which libjpeg's buffers may take twice; coefficients of two
 * bytes, before and after. */
static void plan_memory(const Shape *from, Shape *shape)
{
    enum { COEFFICIENTS = 2 * 2, FILES = 4 };
    double pixels = (double) from->width * from->height;
    double samples = from->planes.bytes > 0 ? from->planes.bytes : pixels * from->colours;
    g_autoptr(Error) ignored = NULL;
    int64_t file = from->photo ? image_file_size(from->photo, &ignored) : 0;

    shape->held = (double) MAX(file, 0);
    shape->making = COEFFICIENTS * samples + FILES * shape->held;
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Lossless *s = settings;
    const Shape from = *shape;
    int orientation = orientation_of(s, 1);
    VipsRect area;

    if (from.photo && !check_format(from.photo, err))
        return false;
    if (orientation > 1)
        planar_plan_turned(&from, shape);
    shape->settles |= orientation > 1 && !shape->by_planes;
    if (orientation_turn(orientation).sideways) {
        shape->width = from.height;
        shape->height = from.width;
    }
    if (!area_of(s, shape->width, shape->height, &area, err))
        return false;
    if (crops(s))
        shape_cut(shape, &area);
    shape->at_most = s->edges == TRIM;
    if (s->grey) {
        shape->colours = 1;
        shape->by_planes = false;
        shape->planes = (ShapePlanes){ 0 };
    }
    plan_memory(&from, shape);
    return true;
}

const Action action_lossless = {
    .name = "lossless",
    .group = "geometry",
    .summary = "turn, cut or make grey a JPEG as it is coded: nothing of its quality is lost",
    .aliases = "lossless-jpeg jpegtran exiftran jhead",
    .example = "lossless { turn = 90 edges = trim }",
    .params = params,
    .size = sizeof(Lossless),
    .flags = ACTION_JPEG,
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
