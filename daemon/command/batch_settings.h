/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch_settings.h - the settings of a batch, whose profile a worker has checked that then makes
 * its first picture. Main thread. */
#pragma once

#include "daemon/process/process.h"

/* As settings_load_batch(); `worker` is started. */
Settings *batch_settings(const char *config, const char *profile, const char *output,
                         Process *worker, GPtrArray *errors);
