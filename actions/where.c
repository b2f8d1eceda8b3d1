/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/where.h"

const Choice where_by_content[] = {
    { "attention", WHERE_ATTENTION, "what people look at first: faces, bright colours, edges" },
    { "entropy", WHERE_ENTROPY, "the part with the most detail" },
    { 0 },
};

bool where_is_by_content(const Place *where)
{
    return where->word >= PLACE_WORDS;
}

double where_begins(const Place *place, bool across, double whole, double size)
{
    const int words = 3; /* in each direction: near, middle, far */
    const Length *at = across ? &place->x : &place->y;
    int step = across ? place->word % words : place->word / words;

    if (place->word != PLACE_AT)
        return (whole - size) * step / 2;
    return at->unit == LENGTH_PERCENT ? (whole - size) * at->amount / 100 : at->px;
}

ImagePart where_part(const Place *where, const ImagePart *all, double width, double height)
{
    double left = where_begins(where, true, all->width, width);
    double top = where_begins(where, false, all->height, height);

    if (where->word == PLACE_AT && where->x.unit != LENGTH_PERCENT)
        left -= all->left;
    if (where->word == PLACE_AT && where->y.unit != LENGTH_PERCENT)
        top -= all->top;
    return (ImagePart){ all->left + CLAMP(left, 0, all->width - width),
                        all->top + CLAMP(top, 0, all->height - height), width, height };
}

bool where_cut(const Place *where, Image *image, int width, int height, Error **err)
{
    return image_cut_interesting(image, width, height,
                                 where->word == WHERE_ATTENTION ? VIPS_INTERESTING_ATTENTION
                                                                : VIPS_INTERESTING_ENTROPY,
                                 err);
}
