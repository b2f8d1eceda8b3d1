/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* medium_internal.h - the media of a machine, which in tests is a recorded one. Any thread. */
#pragma once

#include "daemon/import/machine.h"
#include "daemon/import/medium.h"

/* Of a mount. Its size is that of its device; 0 where it has none. */
Medium *medium_of_mount(const Machine *machine, const Mount *mount);

/* Of a device that is there. */
Medium *medium_of_block(const Machine *machine, const char *device);
