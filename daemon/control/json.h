/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.h - texts and errors as JSON: text is UTF-8, and bytes that are none are written as \xNN
 * (text_escape). Any thread. */
#pragma once

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"

/* Adds bytes as a text. */
void json_add_text(cJSON *object, const char *name, const char *bytes);

/* Adds a sentence, as of an error, which may quote names as they are shown. */
void json_add_sentence(cJSON *object, const char *name, const char *sentence);

/* Adds a time as RFC 3339 has it, in UTC: "2024-05-01T14:02:00Z". */
void json_add_time(cJSON *object, const char *name, int64_t wall_ms);

/* {"where": ..., "what": ..., "fix": ...}, without what the error does not have. */
cJSON *json_error(const Error *error);
