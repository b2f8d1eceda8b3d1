/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* at_most.h - a quality whose file is no larger than a number of bytes. One thread. */
#pragma once

#include "actions/encode.h"

enum { AT_MOST_ENCODES = 8 };

/* Whether the file in fd has at most `most` bytes; 0: any number. Else *err, of kind PICTURE, which
 * ends "it has 1.2MB as HOW". */
bool at_most_holds(int64_t most, int fd, const char *how, const char *fix, Error **err);

/* Which of the encodings that at_most_encode() tries takes the most memory. */
Encoding at_most_largest(const Encoding *encoding);

/* As encode(), with a quality at which the file in fd has at most `most` bytes: that of `encoding`,
 * where it fits; else a lower one, whose file mostly has 87 % of `most` or more. Where that of
 * `encoding` is 0, all qualities are looked through in the same way, of JPEG and AVIF also those
 * below 90 with full colours, and parts of the highest ones of JPEG and JPEG XL; it is 100 where
 * even that has less. Less is filled where the file grows more from one quality to the next: as of
 * JPEG 2000, whose encoder takes whole decibels, and of smooth pictures as JPEG and AVIF above 90.
 * The pixels are held in memory, and encoded AT_MOST_ENCODES times at most. An error is also of
 * kind PICTURE, where even the lowest quality takes more. */
bool at_most_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                    int64_t most, int fd, Error **err);
