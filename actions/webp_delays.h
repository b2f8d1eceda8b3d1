/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* webp_delays.h - the delays of an animated WebP, which libvips makes 100 ms where they are at most
 * 10. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Gives the frames of the WebP in fd, which libvips wrote with these delays (of int, milliseconds),
 * the delays themselves. libwebp may have made one frame of several that look alike. What is not as
 * expected stays as it is. False with errno where the file cannot be written. */
bool webp_delays_set(int fd, const GArray *delays);
