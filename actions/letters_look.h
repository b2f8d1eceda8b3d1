/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* letters_look.h - colours letters, and draws what lies around and behind them: an outline, a halo
 * and a box. */
#pragma once

#include "actions/libvips.h"
#include "config/param.h"

typedef struct LettersLook {
    Colour colour;
    Colour edge;    /* of outline and halo */
    Length outline; /* how far it reaches around the letters: whole pixels, at least one */
    Length halo;    /* how far it reaches around both */
    Colour box;     /* transparent: none */
    Length padding; /* from the letters to the edges of the box */
    Length radius;  /* of its corners */
} LettersLook;

/* Pixels on each side of the letters. */
int letters_look_room(const LettersLook *look);

/* Whether a picture on which they lie has colours. */
bool letters_look_has_colour(const LettersLook *look);

/* A cover (letters.h) in colours, with alpha: grey where all of them
 * are. Lazy and newly referenced; NULL with libvips' error set. */
VipsImage *letters_look_drawn(const LettersLook *look, VipsImage *cover);

/* Bytes that this holds of letters of that size. */
double letters_look_held(const LettersLook *look, double width, double height);
