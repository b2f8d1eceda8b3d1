/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_turn.h"

#include <string.h>

#include "actions/heif_boxes.h"
#include "actions/patched_source.h"

enum {
    BUDGET = 4 * 1024 * 1024, /* bytes that are read */
    PROPERTIES_MAX = 1024,    /* more is no photo */
    TYPE = 4,                 /* length of a box's type, and where it stands */
};

/* ---- what they come to ---- */

/* Rows and columns are exchanged, then columns are mirrored, then rows. */
typedef struct Turn {
    bool exchanged, mirrored, flipped;
} Turn;

typedef struct Orders {
    Bytes *bytes;
    const Box *meta;
    Turn turn;
    bool any, last; /* last: nothing that cuts comes behind one */
} Orders;

static bool is_order(const Box *box)
{
    return strcmp(box->type, "irot") == 0 || strcmp(box->type, "imir") == 0;
}

static Turn quarter_to_the_left(Turn turn)
{
    return (Turn){ !turn.exchanged, turn.flipped, !turn.mirrored };
}

static void obey(void *user, unsigned index)
{
    Orders *orders = user;
    Turn *turn = &orders->turn;
    Box box;

    if (!heif_property(orders->bytes, orders->meta, index, &box))
        return;
    uint64_t at = box.at + box.header;
    unsigned value = (unsigned) heif_number(orders->bytes, &at, 1);
    if (strcmp(box.type, "irot") == 0)
        for (unsigned left = value & 3; left; left--)
            *turn = quarter_to_the_left(*turn);
    if (strcmp(box.type, "imir") == 0) {
        turn->mirrored ^= (value & 1) != 0;
        turn->flipped ^= (value & 1) == 0;
    }
    orders->any |= is_order(&box);
    orders->last = orders->last && !(orders->any && strcmp(box.type, "clap") == 0);
}

int heif_turn_orientation(int fd)
{
    static const int orientations[2][2][2] = { { { 1, 4 }, { 2, 3 } }, { { 5, 8 }, { 6, 7 } } };
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    Box meta;
    Orders orders = { .bytes = bytes, .meta = &meta, .last = true };

    if (!bytes_begin(bytes, fd, BUDGET) || !heif_find_meta(bytes, &meta))
        return 1;
    heif_properties_of(bytes, &meta, heif_main_item(bytes, &meta), obey, &orders);
    if (!orders.last)
        return 1;
    return orientations[orders.turn.exchanged][orders.turn.mirrored][orders.turn.flipped];
}

/* ---- the file without them ---- */

static void blank(GArray *patches, const Box *order)
{
    static const char nothing[TYPE] = { 'f', 'r', 'e', 'e' };

    for (unsigned i = 0; i < TYPE; i++) {
        const Patch patch = { order->at + TYPE + i, (unsigned char) nothing[i] };
        g_array_append_val(patches, patch);
    }
}

VipsSource *heif_turn_without(int fd)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    GArray *patches = g_array_new(FALSE, FALSE, sizeof(Patch));
    Box meta, box;

    if (bytes_begin(bytes, fd, BUDGET) && heif_find_meta(bytes, &meta))
        for (unsigned i = 1; i < PROPERTIES_MAX && heif_property(bytes, &meta, i, &box); i++)
            if (is_order(&box))
                blank(patches, &box);
    return patched_source_new(fd, patches);
}
