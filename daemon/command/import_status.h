/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_status.h - the cards that `hotfolder status` shows beside what the daemon says: those
 * being read, and those of the last week. Of a catalog that this user may not read, or that cannot
 * be read, nothing is shown. Main thread. */
#pragma once

#include <cjson/cJSON.h>

#include "command/command.h"

/* A line each, on stdout. */
void import_status_print(const Target *target);

/* A list, as `hotfolder import status --json` has it; NULL: there is none. */
cJSON *import_status_json(const Target *target);
