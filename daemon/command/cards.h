/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cards.h - memory cards and cameras that are mounted: disks that can be taken out, with the
 * directory DCIM that cameras make. Any thread. */
#pragma once

#include <glib.h>

#include "daemon/files/mounts.h"

/* Where each of these mounts (of Mount) that is a card is mounted: of char *, newly allocated.
 * `sys` is where sysfs is mounted: /sys. */
GPtrArray *cards_find(const GPtrArray *mounts, const char *sys);
