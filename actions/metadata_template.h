/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_template.h - writes into a picture all that a packet of XMP says of one. One thread. */
#pragma once

#include "actions/metadata_edit.h"

/* Each property of `packet`, which can be read, in place of the picture's own; with `overwrite`
 * false, those of which the picture says nothing. What has a friendly name goes into IPTC and EXIF
 * too, as metadata_edit_set() has it. False with *err of kind PICTURE. */
bool metadata_template_write(MetadataEdit *edit, GBytes *packet, bool overwrite, Error **err);
