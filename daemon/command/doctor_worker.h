/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor_worker.h - which formats and fonts this computer has. Main thread. */
#pragma once

#include "daemon/control/finding.h"

/* Asks the worker, and appends what it can read and write, and each format that a folder accepts
 * and it cannot read. `settings` may be NULL. */
void doctor_worker(GPtrArray *list, const Settings *settings);
