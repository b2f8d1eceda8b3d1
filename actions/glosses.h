/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* glosses.h - lights that shine on a picture, drawn by formula at any size. Pure functions. */
#pragma once

#include "config/choice.h"

/* The words; each one's value is a light of glosses_at(). */
extern const Choice glosses_words[];

/* How much of white the light has at x, y, which is a place on width x height pixels: 0 to 1. */
double glosses_at(int light, double width, double height, double x, double y);
