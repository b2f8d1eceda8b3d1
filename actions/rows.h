/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rows.h - computes a picture from its first row to its last, for an encoder that takes rows.
 *
 * As vips_sink_disc() does, but on the caller's thread: that one computes on a second thread and
 * writes on a third, and waking each other costs a small picture more than they gain. */
#pragma once

#include "actions/libvips.h"

/* Calls take(region, area, user) for strips of whole rows, in their order, until it does not return
 * 0. Returns 0, or -1 with libvips' error set. */
int rows_each(VipsImage *pixels, VipsRegionWrite take, void *user);
