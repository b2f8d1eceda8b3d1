/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calendar_shift.h - how far a clock was wrong, as people write it: "+1h 30min". Any thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

enum {
    SHIFT_YEAR = 12, /* months */
    SHIFT_MINUTE = 60,
    SHIFT_HOUR = 60 * SHIFT_MINUTE,
    SHIFT_DAY = 24 * SHIFT_HOUR,
    SHIFT_WEEK = 7 * SHIFT_DAY,
};

typedef struct CalendarShift {
    int months;      /* of years too */
    int64_t seconds; /* of days too, which have 24 hours; both are moved by, the months first */
} CalendarShift;

/* Reads "+1h 30min", "-2 months", "1y 3d -4h": a sign holds until the next one. False with *err of
 * kind CONFIG, whose text begins with what is wrong. */
bool calendar_shift_read(const char *text, CalendarShift *shift, Error **err);
