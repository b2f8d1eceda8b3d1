/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/calendar_shift.h"

#include <math.h>
#include <string.h>

enum { YEARS_MAX = 9999, SHOWN = 12 /* letters of what is wrong */ };

typedef struct Unit {
    const char *word;
    int months, seconds; /* one of them */
} Unit;

static const Unit units[] = {
    { "s", 0, 1 },
    { "sec", 0, 1 },
    { "second", 0, 1 },
    { "seconds", 0, 1 },
    { "min", 0, SHIFT_MINUTE },
    { "mins", 0, SHIFT_MINUTE },
    { "minute", 0, SHIFT_MINUTE },
    { "minutes", 0, SHIFT_MINUTE },
    { "h", 0, SHIFT_HOUR },
    { "hour", 0, SHIFT_HOUR },
    { "hours", 0, SHIFT_HOUR },
    { "d", 0, SHIFT_DAY },
    { "day", 0, SHIFT_DAY },
    { "days", 0, SHIFT_DAY },
    { "w", 0, SHIFT_WEEK },
    { "week", 0, SHIFT_WEEK },
    { "weeks", 0, SHIFT_WEEK },
    { "mon", 1, 0 },
    { "month", 1, 0 },
    { "months", 1, 0 },
    { "y", SHIFT_YEAR, 0 },
    { "year", SHIFT_YEAR, 0 },
    { "years", SHIFT_YEAR, 0 },
};

static const char fix_shift[] =
    "give a sign and numbers with s, min, h, days, weeks, months or years: \"+1h 30min\"";

static const Unit *unit_of(const char *word, size_t length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strlen(units[i].word) == length && !g_ascii_strncasecmp(units[i].word, word, length))
            return &units[i];
    return NULL;
}

/* Adds `number` of them. A month cannot be divided, and a date has whole seconds. */
static bool add(CalendarShift *shift, double number, const Unit *unit, Error **err)
{
    double months = shift->months + number * unit->months;
    double seconds = (double) shift->seconds + number * unit->seconds;

    if (months != floor(months) || seconds != floor(seconds))
        return error_set(err, ERROR_CONFIG, "give a whole number",
                         "a part of a %s cannot be counted", unit->months ? "month" : "second");
    if (fabs(months) > YEARS_MAX * SHIFT_YEAR ||
        fabs(seconds) > (double) YEARS_MAX * 366 * SHIFT_DAY)
        return error_set(err, ERROR_CONFIG, "give less than 10000 years", "too far");
    shift->months = (int) months;
    shift->seconds = (int64_t) seconds;
    return true;
}

static bool is_letter(char c)
{
    return g_ascii_isalpha(c);
}

/* Reads a number with its unit at *at, which moves behind it. */
static bool take_part(const char **at, bool back, CalendarShift *shift, Error **err)
{
    size_t digits = g_ascii_isdigit(**at) ? strspn(*at, "0123456789.") : 0;
    g_autofree char *number = g_strndup(*at, digits);
    char *end = number;
    double count = g_ascii_strtod(number, &end);

    if (!digits || *end)
        return error_set(err, ERROR_CONFIG, fix_shift, "a number is missing at '%.*s'", SHOWN, *at);
    const char *word = *at + digits + strspn(*at + digits, " ");
    size_t length = 0;
    while (is_letter(word[length]))
        length++;
    const Unit *unit = unit_of(word, length);
    if (length == 1 && g_ascii_tolower(*word) == 'm')
        return error_set(err, ERROR_CONFIG, fix_shift, "m may be minutes or months");
    if (!unit && (count != 0 || length))
        return error_set(err, ERROR_CONFIG, fix_shift, "no unit of time is '%.*s'",
                         (int) MIN(length, SHOWN), word);
    *at = word + length;
    return !unit || add(shift, back ? -count : count, unit, err);
}

bool calendar_shift_read(const char *text, CalendarShift *shift, Error **err)
{
    const char *at = text + strspn(text, " ");
    bool back = false;

    *shift = (CalendarShift){ 0 };
    if (!*at)
        return error_set(err, ERROR_CONFIG, fix_shift, "a number is missing");
    while (*at) {
        if (*at == '+' || *at == '-') {
            back = *at++ == '-';
            at += strspn(at, " ");
        }
        if (!take_part(&at, back, shift, err))
            return false;
        at += strspn(at, " ,");
    }
    return true;
}
