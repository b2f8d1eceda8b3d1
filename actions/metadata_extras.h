/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_extras.h - what lies beside the pixels of a file and is not written again: a film, a
 * gain map, a depth map, further pictures, content credentials. */
#pragma once

#include "actions/metadata_truth.h"
#include "formats/format.h"

/* Calls `dropped` with each kind that the file open as fd has; its offset stays. What cannot be
 * read is not there. */
void metadata_extras(int fd, Format format, MetadataDropped dropped, void *user);
