/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refusals.h - of a request about many pictures: those for which it was refused. */
#pragma once

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct Refusals {
    cJSON *list; /* of the first hundred */
    int64_t count;
} Refusals;

Refusals refusals_new(void);

/* `path` is bytes. */
void refusals_add(Refusals *refusals, const char *path, const Error *why);

/* Puts them into the answer: `refused` and `refusals`. */
void refusals_end(Refusals *refusals, cJSON *answer);
