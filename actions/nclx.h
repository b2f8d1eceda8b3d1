/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nclx.h - reads what a HEIC or AVIF says of its colours in numbers: libvips gives its ICC profile
 * only. */
#pragma once

#include "actions/cicp.h"

/* The numbers of the picture's main item, of the file open as fd (borrowed; its offset stays).
 * False where it has none. */
bool nclx_read(int fd, Cicp *cicp);
