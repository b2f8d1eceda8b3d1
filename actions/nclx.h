/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nclx.h - reads what a HEIC or AVIF says of its colours in numbers: libvips gives its ICC profile
 * only. */
#pragma once

#include "actions/cicp.h"

typedef struct Nclx {
    Cicp cicp;
    bool full_range; /* black is 0; else values are in the limited range of video */
} Nclx;

/* What is said of the picture's main item, of the file open as fd (borrowed; its offset stays).
 * False where nothing is. */
bool nclx_read(int fd, Nclx *nclx);
