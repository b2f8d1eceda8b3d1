/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tones.h - curves, each of which changes every value of a picture alike; any number of them in a
 * row cost what one costs. One thread. */
#pragma once

#include "actions/libvips.h"

typedef struct Tones Tones;

/* Curves for pixels of a format, none yet. */
Tones *tones_new(VipsBandFormat format);
void tones_free(Tones *tones);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tones, tones_free)

/* Adds a curve behind the others. It is from 0 (black) to 1 (white), as is its result, which is
 * limited to that; `amount`, 0 to 1, is how much of it counts. */
void tones_add(Tones *tones, double (*curve)(const void *settings, double value),
               const void *settings, double amount);

/* The pixels, of that format, with all curves applied to their colours; lazy and newly referenced.
 * NULL with libvips' error set. Floats outside black and white are limited. */
VipsImage *tones_apply(const Tones *tones, VipsImage *pixels);

/* The same of RGB, of which only `channels` (channels.h) change. */
VipsImage *tones_apply_to(const Tones *tones, VipsImage *pixels, unsigned channels);

/* The pixels, of any format, with a curve of its own for each colour: that of the settings that lie
 * `size` bytes behind those of the colour before; 0: all have the same. Limits as above. */
VipsImage *tones_of_each(VipsImage *pixels, double (*curve)(const void *settings, double value),
                         const void *settings, size_t size);
