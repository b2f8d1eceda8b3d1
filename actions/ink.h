/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ink.h - makes of a second picture what lies over a photo, or behind it: turned, in the photo's
 * colours, and as large as the photo. Pictures are lazy and newly referenced, or NULL with libvips'
 * error set. */
#pragma once

#include "actions/action.h"

extern const Choice ink_turns[];

/* `turn` is one of them. */
VipsImage *ink_turned(VipsImage *picture, int turn);

/* `picture`, of sRGB or grey, in the colours of the photo: grey where that is grey. */
VipsImage *ink_in_colours_of(VipsImage *photo, VipsImage *picture);

/* `picture`, which is laid as `ink` says, transparent where nothing lies. What is tiled has to be
 * in memory: it is read again and again. */
VipsImage *ink_sheet(const Ink *ink, VipsImage *picture, VipsImage *photo);
