/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* assets.h - the files that the settings of a step name: pictures, masks, colour profiles, GPS
 * tracks. They are opened before the sandbox closes the paths, and read once in it, for every
 * picture. One thread. */
#pragma once

#include "actions/tiles.h"
#include "actions/track.h"
#include "config/param.h"

/* Colour profiles that need no file: the choices of an ICC row, of spaces.h. */
extern const Choice asset_profiles[];

/* Opens every asset of `settings`; it decodes nothing and starts no thread. False with *err of kind
 * CONFIG set, which names the row and the file. */
bool assets_open(const Param *params, void *settings, Error **err);

/* Reads those that were opened. A failure as above. */
bool assets_read(const Param *params, void *settings, Error **err);

/* Closes and frees all of them. */
void assets_release(const Param *params, void *settings);

/* A picture in memory, without metadata: of PICTURE sRGB and alpha, or grey and alpha where no
 * pixel has a colour, of 8 bits; of MASK one band of 8 bits. Borrowed; NULL where the row names
 * none: no file, or a word. */
VipsImage *asset_picture(const Asset *asset);

/* The value of the word that a row of PICTURE or MASK has in place of a file, of its choices; -1:
 * it names a file, or nothing. */
int asset_word(const Asset *asset, const Choice *choices);

/* The pictures of TILES; borrowed. */
const Tiles *asset_tiles(const Asset *asset);

/* The points of TRACK; borrowed. */
const Track *asset_track(const Asset *asset);

/* What a file of XMP says of a picture; borrowed. NULL where the row names none. */
GBytes *asset_xmp(const Asset *asset);

/* The bytes of a colour profile of RGB, grey or CMYK; borrowed. NULL where the row names none. */
const void *asset_profile(const Asset *asset, size_t *size);

/* How many colours it has: 1, 3 or PIXELS_INKS; 3 where there is none. */
int asset_profile_colours(const Asset *asset);
