/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* upright - turn the picture the way the camera was held. */
#include "actions/action.h"

typedef struct Upright {
    char none; /* it has no settings */
} Upright;

static const Param params[] = { { 0 } };

/* To every step a picture is upright: it is enough that there is one. */
static bool geometry(const void *settings G_GNUC_UNUSED, Image *image G_GNUC_UNUSED,
                     Error **err G_GNUC_UNUSED)
{
    return true;
}

static bool plan(const void *settings G_GNUC_UNUSED, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->shrink = 0;
    shape->as_stored = true;
    return true;
}

const Action action_upright = {
    .name = "upright",
    .group = "geometry",
    .summary = "turn the picture the way the camera was held, as its EXIF orientation says",
    .aliases = "autorotate auto-orient autorot orient exif-transpose image-orientation",
    .example = "upright {}",
    .params = params,
    .size = sizeof(Upright),
    .flags = ACTION_INKS,
    .plan = plan,
    .geometry = geometry,
};
