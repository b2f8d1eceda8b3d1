/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan.h - what a profile makes of a picture, and the memory that it takes, before a pixel is
 * decoded. */
#pragma once

#include "actions/pages.h"
#include "worker/profile.h"

typedef struct Planned {
    double bytes;  /* the most that the decoder, the steps and their rows hold at one time */
    double kept;   /* of these, what stays until all frames of an animation are done */
    double pixels; /* the most that the picture has before and between steps */
} Planned;

/* What a step comes to on a picture. */
typedef struct PlanStep {
    const Step *step;
    unsigned depth; /* of branches around it */
    bool left_out;  /* it does nothing: it is not enabled, or its amount is 0 */
    bool copies;    /* it takes the file as it is */
    bool planes;    /* it works on the planes of a JPEG, and pixels are never made */
    bool kept;      /* the picture that comes in is put into memory */
    int decoded_width, decoded_height; /* to which the file is decoded for it; 0: it is not */
    Shape in, out;
} PlanStep;

/* Who hears of each step and branch, in order. */
typedef struct PlanListener {
    void (*tell)(void *user, const PlanStep *step);
    void *user;
} PlanListener;

/* Walks over all steps, and tells of them (NULL: it does not). False with *err set,
 * which names its step, where a step cannot be done on this picture, or would make one that is
 * larger than pictures may be. */
bool plan_profile(const Profile *profile, Image *image, const PlanListener *listener,
                  Planned *planned, Error **err);

/* The same for several pictures, of which each goes through all steps before the next; it tells of
 * the first. *bytes is the memory that all of it uses. */
bool plan_pages(const Profile *profile, Pages *pages, const PlanListener *listener, double *bytes,
                Error **err);

/* How many times smaller the picture may be decoded for the steps from `first` to `end`, whatever
 * of them use it as it is now; 1 where it is needed whole, or is not in its file any more. */
double plan_shrink(const Profile *profile, Image *image, guint first, guint end,
                   const Shape *shape);
