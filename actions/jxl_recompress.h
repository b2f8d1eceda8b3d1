/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jxl_recompress.h - a JPEG XL that holds a JPEG as it is coded, about a fifth smaller: the same
 * pixels, and djxl(1) and others make the same file of it again. Only this file knows libjxl. One
 * thread. */
#pragma once

#include <glib.h>

/* The file, newly allocated, of which the JPEG was made again and is the same byte for byte; NULL
 * where libjxl cannot hold it, with what is wrong in *why, static. `effort` is 1 to 9. */
GByteArray *jxl_recompress(GBytes *jpeg, int effort, const char **why);
