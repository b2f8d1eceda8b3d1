/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* at_most.h - the best quality whose file is no larger than a number of bytes. One thread. */
#pragma once

#include "actions/encode.h"

enum { AT_MOST_ENCODES = 8 };

/* Whether the file in fd has at most `most` bytes; 0: any number. Else *err, of kind PICTURE, which
 * ends "it has 1.2MB as HOW". */
bool at_most_holds(int64_t most, int fd, const char *how, const char *fix, Error **err);

/* As encode(), with the best quality, up to that of `encoding` (0: 100), at which the file in fd
 * has at most `most` bytes. The pixels are held in memory, and encoded AT_MOST_ENCODES times at
 * most. An error is also of kind PICTURE, where even the lowest quality takes more. */
bool at_most_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                    int64_t most, int fd, Error **err);
