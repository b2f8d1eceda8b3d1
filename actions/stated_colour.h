/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stated_colour.h - gives a picture the colours that its file states otherwise than by an ICC
 * profile, which is all that libvips reads.
 *
 * These are, each before the next: of a PNG cICP (before its profile), sRGB, gAMA and cHRM, as the
 * PNG specification says; of a HEIC or AVIF the numbers of H.273 ("nclx"); in EXIF the Adobe RGB of
 * cameras (DCF: ColorSpace 2, or R03 of Interoperability). */
#pragma once

#include "actions/libvips.h"
#include "formats/format.h"

/* `image`, which it takes over, as the loader gave it from the file open as fd (borrowed): with the
 * profile of what is stated. One with high dynamic range (PQ, HLG) is converted to sRGB instead,
 * see tone_map.h. NULL with libvips' error set. */
VipsImage *stated_colour_attach(VipsImage *image, Format format, int fd);

/* What is worth knowing of the colours, static; NULL: nothing. */
const char *stated_colour_note(const VipsImage *image);
