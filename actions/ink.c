/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/ink.h"

#include "actions/colour.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"

const Choice ink_turns[] = {
    { "0", VIPS_ANGLE_D0, "as it is" },
    { "90", VIPS_ANGLE_D90, "a quarter to the right" },
    { "180", VIPS_ANGLE_D180, "upside down" },
    { "270", VIPS_ANGLE_D270, "a quarter to the left" },
    { 0 },
};

VipsImage *ink_turned(VipsImage *picture, int turn)
{
    VipsImage *out = NULL;

    if (turn == VIPS_ANGLE_D0)
        return g_object_ref(picture);
    return vips_rot(picture, &out, (VipsAngle) turn, NULL) ? NULL : out;
}

VipsImage *ink_in_colours_of(VipsImage *photo, VipsImage *picture)
{
    if (pixels_colours(photo) == 1)
        return g_object_ref(picture);
    g_autoptr(VipsImage) rgb = colour_rgb(picture);
    return rgb ? overlay_in_space_of(photo, rgb) : NULL;
}

/* A place before the photo, from which whole tiles reach x. */
static int first_tile(int x, int step)
{
    return x > 0 ? (x % step) - step : x % step;
}

static VipsImage *tiled(VipsImage *picture, const Ink *ink, VipsImage *photo)
{
    int across = picture->Xsize + ink->gap;
    int down = picture->Ysize + ink->gap;
    int x = first_tile(ink->x, across);
    int y = first_tile(ink->y, down);
    g_autoptr(VipsImage) tile = NULL;
    g_autoptr(VipsImage) many = NULL;
    VipsImage *out = NULL;

    if (vips_embed(picture, &tile, 0, 0, across, down, NULL) ||
        vips_replicate(tile, &many, (photo->Xsize - x) / across + 1, (photo->Ysize - y) / down + 1,
                       NULL) ||
        vips_extract_area(many, &out, -x, -y, photo->Xsize, photo->Ysize, NULL))
        return NULL;
    return out;
}

static VipsImage *transparent(VipsImage *picture, VipsImage *photo)
{
    g_autoptr(VipsImage) black = NULL;
    VipsImage *out = NULL;

    if (vips_black(&black, photo->Xsize, photo->Ysize, "bands", picture->Bands, NULL) ||
        vips_cast(black, &out, picture->BandFmt, NULL))
        return NULL;
    return out;
}

VipsImage *ink_sheet(const Ink *ink, VipsImage *picture, VipsImage *photo)
{
    const VipsRect all = { 0, 0, photo->Xsize, photo->Ysize };
    const VipsRect mark = { ink->x, ink->y, picture->Xsize, picture->Ysize };
    VipsImage *out = NULL;

    if (ink->tiled)
        return tiled(picture, ink, photo);
    if (!vips_rect_overlapsrect(&all, &mark)) /* vips_embed() makes nothing of it */
        return transparent(picture, photo);
    return vips_embed(picture, &out, ink->x, ink->y, photo->Xsize, photo->Ysize, NULL) ? NULL : out;
}
