/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* render.h - applies all steps of a profile to a picture, or to all pictures of its file. */
#pragma once

#include "worker/plan.h"

/* Who hears how it goes. */
typedef struct RenderListener {
    /* Before each step; false with *err set ends the work. */
    bool (*step)(void *user, const Step *step, Error **err);
    void *user;
    const PlanListener *plan; /* of what the steps come to, before the first; NULL: not needed */
    void (*memory)(void *user, double bytes); /* then, the most that is used; NULL: not needed */
    /* After each step, how long it took, and how many bytes its picture has, 0 while that is in its
     * file. Each step is then done by itself. NULL: steps flow into each other. */
    void (*did)(void *user, const Step *step, int64_t us, double bytes);
} RenderListener;

/* Applies every step of profile to image. An error names its step (`where`). */
bool render_profile(const Profile *profile, Image *image, const RenderListener *listener,
                    Error **err);
