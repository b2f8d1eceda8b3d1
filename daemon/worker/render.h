/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* render.h - applies all steps of a profile to a picture, or to all pictures of its file. */
#pragma once

#include "worker/profile.h"

/* Called before each step; false with *err set ends the work. */
typedef bool (*RenderStep)(void *user, const Step *step, Error **err);

/* Applies every step of profile to image. An error names its step (`where`). */
bool render_profile(const Profile *profile, Image *image, RenderStep report, void *user,
                    Error **err);
