/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.h - the answers of the commands as JSON, in the style of the daemon's. Main thread only. */
#pragma once

#include "daemon/control/json.h"

/* Prints it on stdout, and frees it. */
void json_print(cJSON *json);
