/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/ink_place.h"

#include "actions/pixels.h"

bool ink_place_advise(const InkPlace *lies, Error **err)
{
    return lies->anchor == 0 || lies->place.word == PLACE_AT ||
           error_set(err, ERROR_CONFIG, "write place = \"x y\", or remove anchor",
                     "anchor does nothing: place is a word, which says it");
}

double ink_place_angle(const InkPlace *lies)
{
    enum { QUARTER = 90 };

    return QUARTER * lies->turn + lies->angle;
}

/* `picture` is read in any order. */
static VipsImage *turned(const InkPlace *lies, VipsImage *picture)
{
    static const Colour none = { 0 };
    double angle = ink_place_angle(lies);
    const TurningSize in = { picture->Xsize, picture->Ysize }, to = turning_grown(angle, in);
    const Turning turning = turning_of(angle, in, to);
    const Warp warp = { .map = turning_map,
                        .state = &turning,
                        .size = sizeof(turning),
                        .width = (int) to.width,
                        .height = (int) to.height,
                        .background = &none };

    return turning_right_angles(angle) < 0 ? warp_pixels(picture, &warp)
                                           : ink_turned(picture, turning_right_angles(angle));
}

VipsImage *ink_place_turned(const InkPlace *lies, VipsImage *picture)
{
    if (turning_right_angles(ink_place_angle(lies)) == 0)
        return g_object_ref(picture);
    g_autoptr(VipsImage) memory = pixels_in_memory(picture);
    return memory ? turned(lies, memory) : NULL;
}

/* How much of it lies before its anchor: `step` is 0 near, 1 middle, 2 far. */
static int before_anchor(int size, int step)
{
    return size * step / 2;
}

void ink_place_lay(const InkPlace *lies, const VipsImage *picture, int width, int height, Ink *ink)
{
    enum { ACROSS = 3 };
    int margin = (int) lies->margin.px;
    int across = picture->Xsize, down = picture->Ysize;

    ink->gap = margin;
    ink->x = ink->y = margin / 2;
    if (ink->tiled)
        return;
    ink->x = place_left(&lies->place, width, across, margin);
    ink->y = place_top(&lies->place, height, down, margin);
    if (lies->place.word != PLACE_AT)
        return;
    ink->x -= before_anchor(across, lies->anchor % ACROSS);
    ink->y -= before_anchor(down, lies->anchor / ACROSS);
}

/* The runner keeps it in the photo's colours. */
double ink_place_held(const InkPlace *lies, double width, double height, int bands,
                      const Shape *photo)
{
    double angle = ink_place_angle(lies);
    const TurningSize in = { width, height }, to = turning_grown(angle, in);
    double turned = turning_right_angles(angle) == 0 ? 0 : in.width * in.height * bands;

    return turned + to.width * to.height * (photo->colours + 1);
}
