/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rate.h - how many pictures end in a second: over the last minute, or since the start where that
 * is shorter. Any thread. */
#pragma once

#include <stdint.h>

typedef struct Rates Rates;

/* `now_ms` is clock_ms() here and below. */
Rates *rates_new(int64_t now_ms);
void rates_free(Rates *rates);

/* A picture of this folder has ended. */
void rates_count(Rates *rates, const char *folder, int64_t now_ms);

/* Pictures a second of a folder; NULL: of all. */
double rates_read(Rates *rates, const char *folder, int64_t now_ms);
