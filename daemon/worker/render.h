/* render.h - a picture through all steps of its profile. */
#pragma once

#include "worker/profile.h"

/* Told before each step; false with *err set ends the work. */
typedef bool (*RenderStep)(void *user, const Step *step, Error **err);

/* Applies every step of profile to image. An error says in which step it happened. */
bool render_profile(const Profile *profile, Image *image, RenderStep tell, void *user, Error **err);
