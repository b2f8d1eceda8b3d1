/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/place.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { ACROSS_WORDS = 3 };

const Choice place_words[] = {
    { "top-left", 0, "the upper left corner" },
    { "top", 1, "the middle of the upper edge" },
    { "top-right", 2, "the upper right corner" },
    { "left", 3, "the middle of the left edge" },
    { "centre", PLACE_CENTRE, "the middle" },
    { "right", 5, "the middle of the right edge" },
    { "bottom-left", 6, "the lower left corner" },
    { "bottom", 7, "the middle of the lower edge" },
    { "bottom-right", 8, "the lower right corner" },
    { 0 },
};

const char *place_read(const char *text, Place *place)
{
    g_autofree char *x = g_strndup(text, strcspn(text, " "));
    const char *y = text + strlen(x);
    const char *problem = NULL;

    *place = (Place){ .word = PLACE_AT };
    if (!*y)
        return "no such place";
    problem = length_read(x, 1, &place->x);
    return problem ? problem : length_read(y + strspn(y, " "), 1, &place->y);
}

void place_finish(Place *place, double width, double height, double dpi)
{
    length_finish(&place->x, OF_WIDTH, width, height, dpi);
    length_finish(&place->y, OF_HEIGHT, width, height, dpi);
}

bool place_is_physical(const Place *place)
{
    return length_is_physical(place->x) || length_is_physical(place->y);
}

const char *area_read(const char *text, bool or_margin, Area *area)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    Length *const sides[] = { &area->x, &area->y, &area->width, &area->height };
    const char *problem = NULL;
    size_t count = 0;

    for (char **word = words; *word && !problem; word++)
        if (**word && count++ < G_N_ELEMENTS(sides))
            problem = length_read(*word, 1, sides[count - 1]);
    if (!problem && count == 1 && or_margin) {
        area->y = area->x;
        area->width = area->height = (Length){ 0 };
        return NULL;
    }
    if (problem || count != G_N_ELEMENTS(sides))
        return problem ? problem : or_margin ? "not one length or four" : "not four lengths";
    return area->width.amount > 0 && area->height.amount > 0 ? NULL : "empty";
}

void area_finish(Area *area, double width, double height, double dpi)
{
    length_finish(&area->x, OF_WIDTH, width, height, dpi);
    length_finish(&area->y, OF_HEIGHT, width, height, dpi);
    length_finish(&area->width, OF_WIDTH, width, height, dpi);
    length_finish(&area->height, OF_HEIGHT, width, height, dpi);
}

bool area_is_physical(const Area *area)
{
    return length_is_physical(area->x) || length_is_physical(area->y) ||
           length_is_physical(area->width) || length_is_physical(area->height);
}

/* `step` is 0 near, 1 middle, 2 far. */
static int by_word(int step, int whole, int size, int margin)
{
    return MAX(0, margin + (whole - size - 2 * margin) * step / 2);
}

static int by_length(Length length)
{
    enum { MOST = 10000000 }; /* pixels: libvips' largest side */

    return (int) CLAMP(floor(length.px + 0.5), -MOST, MOST);
}

int place_left(const Place *place, int whole, int size, int margin)
{
    return place->word == PLACE_AT ? by_length(place->x)
                                   : by_word(place->word % ACROSS_WORDS, whole, size, margin);
}

int place_top(const Place *place, int whole, int size, int margin)
{
    return place->word == PLACE_AT ? by_length(place->y)
                                   : by_word(place->word / ACROSS_WORDS, whole, size, margin);
}
