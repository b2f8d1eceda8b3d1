/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw.h - whether a RAW's preview is large enough for a profile. */
#pragma once

#include "worker/profile.h"

/* Where `image` is the preview of a RAW, and a step of the profile would make a larger picture of
 * what the sensor has seen, lets it be developed. False with *err of kind PICTURE where that cannot
 * be. Before any pixel is asked for. */
bool raw_settle(const Profile *profile, Image *image, Error **err);
