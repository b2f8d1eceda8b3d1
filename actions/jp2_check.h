/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jp2_check.h - refuses a JPEG 2000 that libvips 8.14 reads wrongly. */
#pragma once

#include <stdbool.h>

/* Of the file open as fd, which is borrowed; its offset stays. False where the picture does not
 * begin in the corner of its grid: libvips puts its tiles in wrong places. Then it was reported to
 * damage.h. What cannot be read here is left to the decoder. */
bool jp2_check(int fd);
