/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calendar.h - moves dates, as people and the calendar count: a month after 31 January is the last
 * day of February. A date is what a clock showed: summer time is not looked at. Any thread. */
#pragma once

#include "config/calendar_shift.h"

/* The date `text` moved, newly allocated, in the form that it has: of EXIF, of XMP, or of IPTC as
 * "20240501T123000+0200". Behind the seconds all stays. What is less than the text says does not
 * count: a date without a time moves by whole days. NULL where it is no date, or would be of no
 * year from 1 to 9999. */
char *calendar_moved(const char *text, const CalendarShift *shift);

/* Whether it is an offset from UTC as EXIF has it, "+02:00". */
bool calendar_is_zone(const char *text);

/* A date as above with the offset `zone`, in place of the one that it has; newly allocated. NULL
 * where it has no time. */
char *calendar_zoned(const char *text, const char *zone);
