/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* since.h - a time as people type it. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SINCE_HELP                                                                                 \
    "as 14:02 (the last time that it was so late), 30min (ago), 2024-05-01 or '2024-05-01 14:02'"

/* Reads it as seconds since 1970, in the time zone of this process; `now_s` is the present. False
 * where it is none of these, or lies in the future. */
bool since_read(const char *text, int64_t now_s, int64_t *since_s);
