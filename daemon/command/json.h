/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.h - JSON in the commands: reading the daemon's answers, and printing, in the same style.
 * Main thread only. */
#pragma once

#include "daemon/control/json.h"

/* A text of an answer; "" where it has none. Borrowed. */
const char *json_text(const cJSON *object, const char *name);

/* 0 where it has none. */
double json_number(const cJSON *object, const char *name);

/* A time of an answer for people: "14:02", or with the date of another day. Newly allocated. */
char *json_time(const cJSON *object, const char *name);

/* An answer as JSON; NULL after a message where it is none. To be deleted. */
cJSON *json_answer(const char *answer);

/* Prints it on stdout, and frees it. */
void json_print(cJSON *json);
