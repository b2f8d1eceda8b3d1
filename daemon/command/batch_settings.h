/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch_settings.h - the settings of a batch or of an import, which a worker has checked that then
 * does its first work. Main thread. */
#pragma once

#include "daemon/process/process.h"

/* As settings_load_batch(); `worker` is started. */
Settings *batch_settings(const char *config, const char *profile, const char *output,
                         Process *worker, GPtrArray *errors);

/* As settings_load_import(). */
Settings *batch_import_settings(const char *config, const char *name, const char *const *copy_to,
                                Process *worker, GPtrArray *errors);
