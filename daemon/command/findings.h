/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* findings.h - what a check of the configuration finds: a line on stderr at once, or all of it as
 * JSON at the end. One check in a process; main thread only. */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/error.h"

/* From now on findings are collected; no line is written. */
void findings_collect(void);

/* `where`: FILE:LINE; `folder`: its name; both are text that is safe to show, and NULL where there
 * is none. A `what` that begins with "warning: " is a warning: the configuration can be used;
 * one that begins with "note: " is no more than that. */
void findings_add(const char *where, const char *folder, const char *what, const char *fix);
void findings_add_errors(const GPtrArray *errors); /* of Error */

/* Adds the lists "errors", "warnings" and "notes" to an object. Only after findings_collect(),
 * once. */
void findings_add_to(cJSON *json);

/* Prints {"configuration": ..., "ok": ..., "errors": [...], "warnings": [...],
 * "notes": [...]}, and the numbers where `counts` is not NULL. Only after findings_collect(). */
typedef struct FindingCounts {
    unsigned folders, imports, profiles, workers;
} FindingCounts;
void findings_print(const char *configuration, const FindingCounts *counts);
