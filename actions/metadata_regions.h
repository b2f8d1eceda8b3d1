/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_regions.h - faces and other areas that XMP marks: turned, cut and scaled along. */
#pragma once

#include "actions/metadata_change.h"
#include "actions/xmp.h"

/* Changes the regions of the Metadata Working Group (mwg-rs) and of Microsoft's Photo schema (MP).
 * One whose middle is cut off is removed. Regions of other kinds stay: metadata_truth.c removes
 * them. Only for a change whose visible part is known. */
void metadata_regions_change(Xmp *xmp, const MetadataChange *change);
