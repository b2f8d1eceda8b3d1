/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jpeg_huffman.h - reads the Huffman codes of a JPEG in place of libjpeg, in half of the time: they
 * are most of what it costs to decode a photo.
 *
 * Of a JPEG with one scan. The coefficients are the same, and of what is damaged libjpeg's own
 * warnings say the same. Others, and all where libjpeg's header jpegint.h is missing, are left to
 * libjpeg. */
#pragma once

#include "actions/jpeg_decoder.h"

/* Takes over its codes, after jpeg_decoder_start(). */
void jpeg_huffman_take(JpegDecoder *decoder);
