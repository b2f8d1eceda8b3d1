/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fstab.h - what /etc/fstab mounts, and whether it stays mounted. */
#pragma once

#include <glib.h>

/* Mount points, by their real paths -> whether they are mounted at boot and for good (as
 * GPOINTER_TO_INT()). `mounts` are those of now (mounts_read()): what is mounted is not opened, as
 * its server may not respond. A new table. */
GHashTable *fstab_read(const GPtrArray *mounts);
