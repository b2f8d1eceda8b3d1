/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rate.h - how many pictures end in a second: over the last minute, or since the first one in
 * it, as nothing may have been queued before. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Rates Rates;

Rates *rates_new(void);
void rates_free(Rates *rates);

/* A picture of this folder has ended. `now_ms` is clock_ms() here and below. */
void rates_count(Rates *rates, const char *folder, int64_t now_ms);

/* Pictures a second of a folder; NULL: of all. *steady: enough have ended to say how long others
 * take. */
double rates_read(Rates *rates, const char *folder, int64_t now_ms, bool *steady);
