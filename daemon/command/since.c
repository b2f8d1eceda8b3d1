/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/since.h"

#include <glib.h>
#include <time.h>

#include "base/units.h"

static bool is_read(const char *text, const char *format, struct tm *date)
{
    const char *rest = strptime(text, format, date);

    return rest && !*rest;
}

/* The summer time of that moment is for mktime(3) to find out. */
static int64_t seconds_of(struct tm *date)
{
    date->tm_isdst = -1;
    return (int64_t) mktime(date);
}

static bool read_date(const char *text, int64_t *since_s)
{
    static const char *const formats[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
                                           "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d" };

    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        struct tm date = { 0 };
        if (is_read(text, formats[i], &date)) {
            *since_s = seconds_of(&date);
            return true;
        }
    }
    return false;
}

/* Today, or else yesterday. */
static bool read_time(const char *text, int64_t now_s, int64_t *since_s)
{
    time_t now = (time_t) now_s;
    struct tm date = { 0 };

    if (!localtime_r(&now, &date))
        return false;
    date.tm_sec = 0;
    if (!is_read(text, "%H:%M", &date) && !is_read(text, "%H:%M:%S", &date))
        return false;
    if ((*since_s = seconds_of(&date)) > now_s) {
        date.tm_mday--;
        *since_s = seconds_of(&date);
    }
    return true;
}

bool since_read(const char *text, int64_t now_s, int64_t *since_s)
{
    int64_t ago_ms = 0;

    if (!units_read_duration(text, &ago_ms)) {
        *since_s = now_s - ago_ms / 1000;
        return *since_s >= 0;
    }
    return (read_time(text, now_s, since_s) || read_date(text, since_s)) && *since_s >= 0 &&
           *since_s <= now_s;
}
