/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xmp_fill.h - says in XMP what a format has no other place for: IPTC, texts of a PNG. As the
 * Metadata Working Group pairs them. What XMP says already stays, but where IPTC is newer. One
 * thread. */
#pragma once

#include "actions/blocks.h"

/* The XMP of `blocks` (NULL: none) with what it lacks of their IPTC, if `iptc` is set, and of the
 * texts of a PNG, if `texts` is. Newly referenced, or NULL when there is still none. */
GBytes *xmp_fill(const MetadataBlocks *blocks, bool iptc, bool texts);
