/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clock.h - two kinds of time, never mixed.
 *
 * Waiting, back-off and deadlines use the boot clock, which cannot be set and also runs while the
 * machine sleeps; it starts at 0 with each boot. Wall time is for people only. Any thread. */
#pragma once

#include <stdint.h>
#include <time.h>

/* A time that never comes. */
#define CLOCK_NEVER INT64_MAX

/* Milliseconds of CLOCK_BOOTTIME. */
int64_t clock_ms(void);

/* Milliseconds since 1970 of CLOCK_REALTIME: for texts and file names, never for a decision. */
int64_t clock_wall_ms(void);

/* Such a time for people, newly allocated: "14:02", or "2024-05-01 14:02" of another day. */
char *clock_text(int64_t wall_ms);

/* Such a time in UTC as RFC 3339 has it, newly allocated: "2024-05-01T14:02:00Z"; "" where it is
 * beyond the calendar. */
char *clock_rfc3339(int64_t wall_ms);

/* The local day of such a time, as 20240501: for names. */
int clock_local_day(int64_t wall_ms);

/* The kernel's id of this boot, 36 characters, static; "" where it can't be read. */
const char *clock_boot_id(void);

/* The time `ms` (0 or more) from now on CLOCK_MONOTONIC, for pthread_cond_clockwait(3). */
struct timespec clock_after(int64_t ms);
