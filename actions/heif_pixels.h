/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_pixels.h - what libvips 8.14 leaves out when it reads the pixels of HEIC and AVIF. */
#pragma once

#include "actions/libvips.h"

/* The picture in fd (borrowed), as libvips read it (taken over), with numbers of 10 and 12 bits
 * that reach up to white, with colours that are not premultiplied, and with one band of a picture
 * that is grey. Newly referenced; NULL with libvips' error set. */
VipsImage *heif_pixels(VipsImage *image, int fd);
