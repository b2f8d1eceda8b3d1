/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* config_with.h - the settings that a configuration would have with one more file: nothing has
 * to be written to see whether they are right. Main thread. */
#pragma once

#include "daemon/settings/snapshot.h"

/* The settings of `config` (NULL: of none) and of `text`, which is to be the file `file`. NULL with
 * every error appended to `errors`; one in the text itself has no place. */
Settings *config_with_load(const char *config, const char *text, const char *file,
                           GPtrArray *errors);
