/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sidecar_write.h - what a picture says, as the XMP file that lies beside it. One thread. */
#pragma once

#include "actions/metadata.h"

/* The packet: the picture's XMP, and what edits have written into EXIF and IPTC, as XMP says it.
 * Newly referenced; NULL where nothing is said. */
GBytes *sidecar_packet(Metadata *metadata);
