/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* webp_check.h - finds damage in the coded data of a WebP, which libwebp hides.
 *
 * libwebp decodes whatever the bits say, and does not ask whether they end where the picture does.
 * The data of a whole picture is used up by it: without its last bytes libwebp misses them. Where
 * it does not, the bits have been read wrongly before. */
#pragma once

#include <stdbool.h>

/* Of the first picture in the file open as fd, which is borrowed; its offset stays. False where it,
 * or its transparency, is damaged: then it was reported to damage.h. It is one more decoding. */
bool webp_check(int fd);

/* The same of each frame of an animation, one after the other: *frame is the number, from 1 on, of
 * the last one that was looked at, the damaged one where one is. */
bool webp_check_frames(int fd, int *frame);

/* How much of its first picture can be decoded, 0 to 1; 0 also where libwebp does not say. */
double webp_share(int fd);
