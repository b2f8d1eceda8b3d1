/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trash.h - the trash of the mount that an original lies on: freedesktop.org Trash specification
 * 1.0. */
#pragma once

#include "daemon/originals/original.h"

/* Moves the original, below `root_fd`, into the trash with its information. False where the mount
 * has no trash that is ours alone. With original->again, finishes what an earlier try began. */
bool trash_move_original(const Original *original, int root_fd);
