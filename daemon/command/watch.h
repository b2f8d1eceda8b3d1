/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.h - `hotfolder status --watch`: asks the daemon every second, and draws its answer on the
 * terminal until the person ends it. */
#pragma once

#include "command/command.h"

/* Draws until q, or a signal that ends it; `first` is the first answer. The terminal is as before
 * when it returns, and when a signal ends the process. Returns an exit status. */
int watch_status(const Target *target, const char *first);
