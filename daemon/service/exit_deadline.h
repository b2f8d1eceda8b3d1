/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exit_deadline.h - ends the process in time, even if a thread hangs in a share that does not
 * respond. */
#pragma once

#include <stdint.h>

/* Ends this process with `status` after `ms` (rounded up to seconds), whatever it waits for then.
 * Another call sets the time again. The ledger has what was not finished, as after a power cut. */
void exit_deadline_set(int64_t ms, int status);
