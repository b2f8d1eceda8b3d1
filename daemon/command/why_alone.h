/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* why_alone.h - what is known of a path while no daemon answers: what the configuration says of it.
 */
#pragma once

#include <cjson/cJSON.h>

#include "command/command.h"

/* An answer with the fields of the daemon's; the caller frees it. `path` is absolute. */
cJSON *why_alone(const char *config, const char *path);

/* The name of the folder of the configuration in which the path lies, newly allocated; NULL: it is
 * in none, or the configuration cannot be read, or has errors. */
char *why_configured(const char *config, const char *path);
