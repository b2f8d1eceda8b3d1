/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* perspective - show the picture from aside: each of its corners moves, and straight lines stay
 * straight. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/warp.h"

enum { CORNERS = 4 }; /* in the order of the settings */

typedef struct Perspective {
    int tilt;
    Place top_left, top_right, bottom_right, bottom_left;
    double size;
    Colour background;
    int kernel;
    bool trim;
} Perspective;

enum {
    LEFT,
    RIGHT,
    TOP,
    BOTTOM,
    LEFT_STRETCHED,
    RIGHT_STRETCHED,
    TOP_STRETCHED,
    BOTTOM_STRETCHED,
    TOP_LEFT,
    TOP_RIGHT,
    BOTTOM_LEFT,
    BOTTOM_RIGHT,
    NONE,
};

static const Choice tilts[] = {
    { "left", LEFT, "the left edge is nearer: the right one is shorter, and has moved to it" },
    { "right", RIGHT, "the same of the right edge" },
    { "top", TOP, "the same of the top edge" },
    { "bottom", BOTTOM, "the same of the bottom edge" },
    { "left-stretched", LEFT_STRETCHED, "the right edge is shorter, and stays where it is" },
    { "right-stretched", RIGHT_STRETCHED, "the same of the left edge" },
    { "top-stretched", TOP_STRETCHED, "the same of the bottom edge" },
    { "bottom-stretched", BOTTOM_STRETCHED, "the same of the top edge" },
    { "top-left", TOP_LEFT, "the upper left corner is nearer than the others" },
    { "top-right", TOP_RIGHT, "the same of the upper right corner" },
    { "bottom-left", BOTTOM_LEFT, "the same of the lower left corner" },
    { "bottom-right", BOTTOM_RIGHT, "the same of the lower right corner" },
    { "corners", NONE, "only what top_left, top_right, bottom_right and bottom_left say" },
    { 0 },
};

/* How far each corner moves to the right and down: a share of the width and of the height. */
static const WarpPlace moves[][CORNERS] = {
    [LEFT] = { { 0, 0 }, { -0.15, 0.15 }, { -0.15, -0.15 }, { 0, 0 } },
    [RIGHT] = { { 0.15, 0.15 }, { 0, 0 }, { 0, 0 }, { 0.15, -0.15 } },
    [TOP] = { { 0, 0 }, { 0, 0 }, { -0.15, -0.15 }, { 0.15, -0.15 } },
    [BOTTOM] = { { 0.15, 0.15 }, { -0.15, 0.15 }, { 0, 0 }, { 0, 0 } },
    [LEFT_STRETCHED] = { { 0, 0 }, { 0, 0.15 }, { 0, -0.15 }, { 0, 0 } },
    [RIGHT_STRETCHED] = { { 0, 0.15 }, { 0, 0 }, { 0, 0 }, { 0, -0.15 } },
    [TOP_STRETCHED] = { { 0, 0 }, { 0, 0 }, { -0.15, 0 }, { 0.15, 0 } },
    [BOTTOM_STRETCHED] = { { 0.15, 0 }, { -0.15, 0 }, { 0, 0 }, { 0, 0 } },
    [TOP_LEFT] = { { 0, 0 }, { -0.1, 0 }, { -0.2, -0.2 }, { 0, -0.1 } },
    [TOP_RIGHT] = { { 0.1, 0 }, { 0, 0 }, { 0, -0.1 }, { 0.2, -0.2 } },
    [BOTTOM_LEFT] = { { 0, 0.1 }, { -0.2, 0.2 }, { -0.1, 0 }, { 0, 0 } },
    [BOTTOM_RIGHT] = { { 0.2, 0.2 }, { 0, 0.1 }, { 0, 0 }, { 0.1, 0 } },
    [NONE] = { { 0, 0 } },
};

#define CORNER(field, text)                                                                        \
    OFFSET(Perspective, field, .def = "0 0", .min = -100000, .max = 100000,                        \
           .help = "how far the " text " corner moves to the right and down, from where tilt has " \
                   "it")

static const Param params[] = {
    CHOICE(Perspective, tilt, .def = "left", .choices = tilts,
           .help = "how the picture is turned: what of it is nearer"),
    CORNER(top_left, "upper left"),
    CORNER(top_right, "upper right"),
    CORNER(bottom_right, "lower right"),
    CORNER(bottom_left, "lower left"),
    REAL(Perspective, size, .def = "100", .min = 1, .max = 200, .unit = "%",
         .help = "how large the picture becomes"),
    BACKGROUND_ROW(Perspective),
    KERNEL_ROW(Perspective),
    BOOL(Perspective, trim, .def = "yes",
         .help = "whether the result ends at the outermost corners; else it is as wide and high "
                 "as the picture was, times size"),
    { 0 },
};

/* ---- corners ---- */

/* Where the corners come to, in pixels from the upper left corner that the picture had. */
typedef struct Quad {
    WarpPlace corners[CORNERS];
} Quad;

/* A side of the picture at its size: at least a pixel. */
static double side_of(const Perspective *s, double side)
{
    return fmax(1, side * s->size / 100);
}

static Quad quad_of(const Perspective *s, double width, double height)
{
    const Place *offsets[CORNERS] = { &s->top_left, &s->top_right, &s->bottom_right,
                                      &s->bottom_left };
    static const WarpPlace starts[CORNERS] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
    double across = side_of(s, width) / width, down = side_of(s, height) / height;
    Quad quad;

    for (int i = 0; i < CORNERS; i++) {
        const WarpPlace *move = &moves[s->tilt][i];
        quad.corners[i].x = across * ((starts[i].x + move->x) * width + offsets[i]->x.px);
        quad.corners[i].y = down * ((starts[i].y + move->y) * height + offsets[i]->y.px);
    }
    return quad;
}

/* Twice the area of the triangle of a corner and its neighbours; below 0 where it is seen from
 * behind. */
static double triangle(const Quad *quad, int corner)
{
    const WarpPlace a = quad->corners[(corner + CORNERS - 1) % CORNERS];
    const WarpPlace b = quad->corners[corner];
    const WarpPlace c = quad->corners[(corner + 1) % CORNERS];

    return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
}

/* Whether every corner points outward: then, and only then, does a picture look so from somewhere.
 * None does that is thinner than a pixel, or than a small share of a picture of a few pixels: what
 * is right for shares of the sides of one is so for all. */
static bool is_view(const Quad *quad, double width, double height)
{
    const double share = 1e-4;
    double least = fmin(1, share * width * height);
    int front = 0, behind = 0;

    for (int i = 0; i < CORNERS; i++) {
        double area = triangle(quad, i);
        front += area >= least;
        behind += area <= -least;
    }
    return front == CORNERS || behind == CORNERS;
}

static bool is_share(const Place *offset)
{
    return (offset->x.unit == LENGTH_PERCENT || offset->x.amount == 0) &&
           (offset->y.unit == LENGTH_PERCENT || offset->y.amount == 0);
}

/* Shares of the sides are right on all pictures, or on none. */
static bool check(const void *settings, Error **err)
{
    const double side = 100;
    Perspective s = *(const Perspective *) settings;
    Place *offsets[CORNERS] = { &s.top_left, &s.top_right, &s.bottom_right, &s.bottom_left };

    for (int i = 0; i < CORNERS; i++) {
        if (!is_share(offsets[i]))
            return true;
        place_finish(offsets[i], side, side, 0);
    }
    const Quad quad = quad_of(&s, side, side);
    return is_view(&quad, side_of(&s, side), side_of(&s, side)) ||
           error_set(err, ERROR_CONFIG, "move them less far",
                     "the corners cross each other, or lie on a line");
}

/* ---- the map ---- */

/* Makes of a place in the result (x, y, 1) one in the picture: x and y times the third number. */
typedef struct Map {
    double m[3][3];
} Map;

static WarpPlace place(const void *state, double x, double y)
{
    const Map *map = state;
    double to[3];

    for (int i = 0; i < 3; i++)
        to[i] = map->m[i][0] * x + map->m[i][1] * y + map->m[i][2];
    if (to[2] <= 0) /* behind the eye */
        return (WarpPlace){ NAN, NAN };
    return (WarpPlace){ to[0] / to[2], to[1] / to[2] };
}

/* The map from a square of side 1 to the quad: Heckbert, Fundamentals of Texture Mapping, 1989. */
static Map from_square(const Quad *quad)
{
    const WarpPlace *c = quad->corners;
    const WarpPlace right = { c[1].x - c[2].x, c[1].y - c[2].y };
    const WarpPlace below = { c[3].x - c[2].x, c[3].y - c[2].y };
    const WarpPlace sum = { c[0].x - c[1].x + c[2].x - c[3].x, c[0].y - c[1].y + c[2].y - c[3].y };
    double whole = right.x * below.y - right.y * below.x;
    double g = (sum.x * below.y - sum.y * below.x) / whole;
    double h = (right.x * sum.y - right.y * sum.x) / whole;

    return (Map){ { { c[1].x - c[0].x + g * c[1].x, c[3].x - c[0].x + h * c[3].x, c[0].x },
                    { c[1].y - c[0].y + g * c[1].y, c[3].y - c[0].y + h * c[3].y, c[0].y },
                    { g, h, 1 } } };
}

/* But for a factor. */
static Map inverse(const Map *map)
{
    const double(*m)[3] = map->m;
    Map out;

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out.m[j][i] = m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3] -
                          m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3];
    return out;
}

static Map product(const Map *a, const Map *b)
{
    Map out = { 0 };

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                out.m[i][j] += a->m[i][k] * b->m[k][j];
    return out;
}

/* Positive where the picture lies. */
static void set_sign(Map *map, const Quad *quad)
{
    const WarpPlace a = quad->corners[0], b = quad->corners[2];
    double third = map->m[2][0] * (a.x + b.x) / 2 + map->m[2][1] * (a.y + b.y) / 2 + map->m[2][2];

    for (int i = 0; i < 3 && third < 0; i++)
        for (int j = 0; j < 3; j++)
            map->m[i][j] = -map->m[i][j];
}

/* ---- the result ---- */

typedef struct View {
    Map map;
    double left, top;
    int width, height;
    bool filled; /* no background is seen */
} View;

static const double tiny = 1e-6; /* of a pixel */

/* The upright box around the quad. */
typedef struct Bounds {
    double left, top, right, bottom;
} Bounds;

static Bounds box_of(const Quad *quad)
{
    Bounds box = { INFINITY, INFINITY, -INFINITY, -INFINITY };

    for (int i = 0; i < CORNERS; i++) {
        box.left = fmin(box.left, quad->corners[i].x);
        box.right = fmax(box.right, quad->corners[i].x);
        box.top = fmin(box.top, quad->corners[i].y);
        box.bottom = fmax(box.bottom, quad->corners[i].y);
    }
    return box;
}

/* The pixels that the quad covers, as much as tiny parts of them. */
static void trim_to(const Bounds *box, View *view)
{
    view->left = floor(box->left + tiny);
    view->top = floor(box->top + tiny);
    view->width = (int) fmin(fmax(ceil(box->right - tiny) - view->left, 1), INT_MAX);
    view->height = (int) fmin(fmax(ceil(box->bottom - tiny) - view->top, 1), INT_MAX);
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < tiny;
}

/* Whether the quad is an upright box, and covers all pixels of the view. */
static bool fills(const Quad *quad, const Bounds *box, const View *view)
{
    for (int i = 0; i < CORNERS; i++) {
        const WarpPlace corner = quad->corners[i];
        if ((!is_near(corner.x, box->left) && !is_near(corner.x, box->right)) ||
            (!is_near(corner.y, box->top) && !is_near(corner.y, box->bottom)))
            return false;
    }
    return box->left < view->left + tiny && box->right > view->left + view->width - tiny &&
           box->top < view->top + tiny && box->bottom > view->top + view->height - tiny;
}

/* The middle of the first pixel is half a pixel from the edges of both pictures. */
static Map map_of(const Quad *quad, const View *view, double width, double height)
{
    const Map square = from_square(quad);
    Map to_square = inverse(&square);
    const Map whole = { { { width, 0, -0.5 }, { 0, height, -0.5 }, { 0, 0, 1 } } };
    const Map shift = { { { 1, 0, view->left + 0.5 }, { 0, 1, view->top + 0.5 }, { 0, 0, 1 } } };

    set_sign(&to_square, quad);
    const Map from = product(&to_square, &shift);
    return product(&whole, &from);
}

static bool view_of(const Perspective *s, int width, int height, View *view, Error **err)
{
    const Quad quad = quad_of(s, width, height);
    const Bounds box = box_of(&quad);

    if (!is_view(&quad, side_of(s, width), side_of(s, height)))
        return error_set(err, ERROR_PICTURE, "move them less far, or give them in %",
                         "on %d x %d pixels the corners cross each other, or lie on a line", width,
                         height);
    view->left = view->top = 0;
    view->width = (int) round(side_of(s, width));
    view->height = (int) round(side_of(s, height));
    if (s->trim)
        trim_to(&box, view);
    view->filled = fills(&quad, &box, view);
    view->map = map_of(&quad, view, width, height);
    return true;
}

static Warp warp_of(const Perspective *s, const View *view)
{
    return (Warp){ .map = place,
                   .state = &view->map,
                   .size = sizeof(view->map),
                   .width = view->width,
                   .height = view->height,
                   .kernel = kernel_of(s->kernel, s->size < 100),
                   .background = view->filled ? NULL : &s->background };
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    View view = { 0 };

    if (!view_of(settings, image_width(image), image_height(image), &view, err))
        return false;
    const Warp warp = warp_of(settings, &view);
    return warp_image(image, &warp, err);
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    View view = { 0 };

    if (!view_of(settings, shape->width, shape->height, &view, err))
        return false;
    const Warp warp = warp_of(settings, &view);
    return warp_plan(&warp, shape, err);
}

const Action action_perspective = {
    .name = "perspective",
    .group = "geometry",
    .summary = "show the picture from aside, or move each of its corners",
    .aliases = "shear skew distort tilt keystone",
    .example = "perspective { tilt = corners top_left = \"10% 5%\" top_right = \"-20% 15%\" "
               "bottom_right = \"-10% -15%\" background = \"#204060\" }",
    .params = params,
    .size = sizeof(Perspective),
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
