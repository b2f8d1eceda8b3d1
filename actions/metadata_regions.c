/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_regions.h"

#include <stdio.h>
#include <stdlib.h>

#include "actions/orientation.h"

#define RS     "http://www.metadataworkinggroup.com/schemas/regions/"
#define AREA   "http://ns.adobe.com/xmp/sType/Area#"
#define SIZE   "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
#define REGION "http://ns.microsoft.com/photo/1.2/t/Region#"

/* By its middle, in shares of the picture's sides. */
typedef struct Area {
    double x, y, width, height;
} Area;

/* From the stored picture into the one that is turned as `orientation` says. */
static Area turned(Area a, int orientation)
{
    const TurnKind turn = orientation_turn(orientation);

    a.x = turn.from_right ? 1 - a.x : a.x;
    a.y = turn.from_bottom ? 1 - a.y : a.y;
    return turn.sideways ? (Area){ a.y, a.x, a.height, a.width } : a;
}

/* Limits an extent around `middle` to the picture. */
static void clip(double *middle, double *length)
{
    double from = MAX(0, *middle - *length / 2), to = MIN(1, *middle + *length / 2);

    *middle = (from + to) / 2;
    *length = to - from;
}

/* Into the part that is seen; false where its middle is not. */
static bool cut(Area *a, const MetadataChange *change)
{
    a->x = (a->x - change->left) / change->width;
    a->y = (a->y - change->top) / change->height;
    a->width /= change->width;
    a->height /= change->height;
    if (a->x < 0 || a->x > 1 || a->y < 0 || a->y > 1)
        return false;
    clip(&a->x, &a->width);
    clip(&a->y, &a->height);
    return true;
}

static bool change_area(Area *a, const MetadataChange *change, int orientation)
{
    *a = turned(*a, orientation);
    return cut(a, change);
}

/* ---- the Metadata Working Group's ---- */

/* A number of a field; `missing` where there is none. */
static double number_of(const XmpNode *node, const char *uri, const char *name, double missing)
{
    g_autofree char *text = xmp_node_text(node, uri, name);

    return text && *text ? g_ascii_strtod(text, NULL) : missing;
}

static void set_number(XmpNode *node, const char *uri, const char *name, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    xmp_node_set_text(node, uri, name, g_ascii_formatd(text, sizeof(text), "%.6g", number));
}

typedef struct Regions {
    const MetadataChange *change;
    int orientation; /* by which they are to be turned */
} Regions;

static bool on_area(void *user, XmpNode *list_item)
{
    const Regions *regions = user;
    XmpNode *area = xmp_node_child(list_item, RS, "Area");
    g_autofree char *unit = area ? xmp_node_text(area, AREA, "unit") : NULL;
    g_autofree char *x = area ? xmp_node_text(area, AREA, "x") : NULL;
    g_autofree char *circle = area ? xmp_node_text(area, AREA, "d") : NULL;

    if (!area)
        return true; /* an item of another list: what a region names */
    if (!x || circle || (unit && g_ascii_strcasecmp(unit, "normalized") != 0))
        return false;
    Area a = { number_of(area, AREA, "x", 0), number_of(area, AREA, "y", 0),
               number_of(area, AREA, "w", 0), number_of(area, AREA, "h", 0) };
    if (!change_area(&a, regions->change, regions->orientation))
        return false;
    set_number(area, AREA, "x", a.x);
    set_number(area, AREA, "y", a.y);
    set_number(area, AREA, "w", a.width);
    set_number(area, AREA, "h", a.height);
    return true;
}

/* The regions are those of the stored picture; but some programs say those of the upright one, and
 * its size. */
static int orientation_of(XmpNode *property, const MetadataChange *change)
{
    XmpNode *size = xmp_node_child(property, RS, "AppliedToDimensions");
    double width = size ? number_of(size, SIZE, "w", 0) : 0;
    double height = size ? number_of(size, SIZE, "h", 0) : 0;
    bool landscape = change->whole_width > change->whole_height;

    if (change->turned < 5 || width <= 0 || height <= 0 || width == height)
        return change->turned;
    return (width > height) == landscape ? 1 : change->turned;
}

static bool on_regions(void *user, XmpNode *property)
{
    const MetadataChange *change = user;
    Regions regions = { change, orientation_of(property, change) };
    XmpNode *size = xmp_node_child(property, RS, "AppliedToDimensions");

    if (size) {
        set_number(size, SIZE, "w", change->saved_width);
        set_number(size, SIZE, "h", change->saved_height);
        xmp_node_set_text(size, SIZE, "unit", "pixel");
    }
    xmp_node_each(property, XMP_RDF, "li", on_area, &regions);
    return true;
}

/* ---- Microsoft's ---- */

static bool read_rectangle(const char *text, Area *a)
{
    double part[4] = { 0 };
    char *end = NULL;

    for (int i = 0; i < 4; i++, text = end) {
        text += text[0] == ',' || text[0] == ' ' ? 1 : 0;
        part[i] = g_ascii_strtod(text, &end);
        if (end == text)
            return false;
    }
    *a = (Area){ part[0] + part[2] / 2, part[1] + part[3] / 2, part[2], part[3] };
    return true;
}

static bool on_rectangle(void *user, XmpNode *list_item)
{
    const MetadataChange *change = user;
    g_autofree char *text = xmp_node_text(list_item, REGION, "Rectangle");
    char number[4][G_ASCII_DTOSTR_BUF_SIZE];
    Area a = { 0 };

    if (!text)
        return true; /* a name without a place */
    if (!read_rectangle(text, &a) || !change_area(&a, change, change->turned))
        return false;
    const double parts[] = { a.x - a.width / 2, a.y - a.height / 2, a.width, a.height };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        g_ascii_formatd(number[i], sizeof(number[i]), "%.6f", parts[i]);
    g_autofree char *made =
        g_strdup_printf("%s, %s, %s, %s", number[0], number[1], number[2], number[3]);
    xmp_node_set_text(list_item, REGION, "Rectangle", made);
    return true;
}

static bool on_region_info(void *user, XmpNode *property)
{
    xmp_node_each(property, XMP_RDF, "li", on_rectangle, user);
    return true;
}

void metadata_regions_change(Xmp *xmp, const MetadataChange *change)
{
    MetadataChange copy = *change;

    xmp_each(xmp, RS, "Regions", on_regions, &copy);
    xmp_each(xmp, "http://ns.microsoft.com/photo/1.2/", "RegionInfo", on_region_info, &copy);
}
