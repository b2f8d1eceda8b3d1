/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox.h - takes from the process what talking to a camera does not need: whatever a camera
 * sends to break the library that reads it stays in here. */
#pragma once

#include "base/error.h"

/* From now on this process reads libraries and what /sys and udev say, uses devices at USB, and
 * writes no file but those that are open; it starts no program, and uses no network. `port` may
 * name a directory ("disk:/..."), which it then reads. Before any thread. */
bool ptp_sandbox_enter(const char *port, Error **err);
