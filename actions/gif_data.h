/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gif_data.h - whether the pictures of a GIF have all of their pixels.
 *
 * libnsgif leaves out rows that are missing without an error, and takes a missing end mark for
 * missing data. This follows the codes of the data and counts the pixels that they stand for. */
#pragma once

#include <stdbool.h>

/* Reports to damage.h, and returns false, where the file open as fd (its offset stays) lacks
 * pixels. True too where there is no picture to judge: the decoder says what is wrong. Of
 * the first picture. */
bool gif_data_is_whole(int fd);

/* The same of all frames, and of the file behind the last one: without an end mark there may have
 * been more, unless it is no animation. *frames is how many there are; where one lacks pixels, its
 * number from 1 on. */
bool gif_frames_are_whole(int fd, int *frames);
