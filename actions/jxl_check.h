/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jxl_check.h - refuses a JPEG XL that libvips 8.14 reads wrongly. */
#pragma once

#include <stdbool.h>

/* Of the file open as fd, which is borrowed; its offset stays. False where it is an animation, of
 * which libvips gives the last frame. Then it was reported to damage.h. What cannot be read here is
 * left to the decoder. */
bool jxl_check(int fd);
