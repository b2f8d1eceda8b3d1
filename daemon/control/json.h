/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.h - texts and errors as JSON: text is UTF-8, and bytes that are none are written as \xNN
 * (text_escape). Any thread. */
#pragma once

#include <cjson/cJSON.h>

#include "base/error.h"

/* Adds bytes as a text. */
void json_add_text(cJSON *object, const char *name, const char *bytes);

/* {"where": ..., "what": ..., "fix": ...}, without what the error does not have. */
cJSON *json_error(const Error *error);
