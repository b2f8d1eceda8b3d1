/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tone_map.h - brings pictures of high dynamic range (PQ, HLG) into sRGB.
 *
 * Light of 203 cd/m2 is paper white (ITU-R BT.2408). HLG is shown as on a display of 1000 cd/m2
 * (BT.2100). Colours are converted to sRGB's primaries, what lies outside of them is cut off. The
 * largest of the three values stays as it is up to 3/4 of paper white; above, it is pressed
 * together so that 1000 cd/m2 become full white, and the other two keep their proportion to it. */
#pragma once

#include "actions/cicp.h"
#include "actions/libvips.h"

/* `in`, of 8 or 16 bits with or without alpha, as sRGB of 16 bits without a profile, lazily. `kind`
 * is CICP_PQ or CICP_HLG. Newly referenced; NULL with libvips' error set. */
VipsImage *tone_map(VipsImage *in, CicpKind kind, const Primaries *primaries);
