/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff_check.h - finds damage in a TIFF that is packed with deflate, which libtiff hides: each
 * strip or tile ends with a check sum, and libtiff stops before it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Of the page whose directory lies at `directory`, 0: of that which load_tiff() reads, in the file
 * open as fd, which is borrowed; its offset stays. False where a part is damaged: then it was
 * reported to damage.h. A part that lacks its sum counts as whole, and so do all that follow where
 * more than twice the picture was unpacked. Without deflate it costs nothing. */
bool tiff_check(int fd, uint64_t directory);
