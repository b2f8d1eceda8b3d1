/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gif_data.h - whether the first picture of a GIF has all of its pixels.
 *
 * libnsgif leaves out rows that are missing without an error, and takes a missing end mark for
 * missing data. This follows the codes of the data and counts the pixels that they stand for. */
#pragma once

#include <stdbool.h>

/* Reports to damage.h, and returns false, where the file open as fd (its offset stays) lacks
 * pixels. True too where there is no picture to judge: the decoder says what is wrong. */
bool gif_data_is_whole(int fd);
