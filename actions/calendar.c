/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/calendar.h"

#include <math.h>
#include <string.h>

/* ---- how far ---- */

enum {
    YEAR = 12, /* months */
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    WEEK = 7 * DAY,
    YEARS_MAX = 9999,
    SHOWN = 12, /* letters of what is wrong */
};

typedef struct Unit {
    const char *word;
    int months, seconds; /* one of them */
} Unit;

static const Unit units[] = {
    { "s", 0, 1 },        { "sec", 0, 1 },       { "second", 0, 1 },      { "seconds", 0, 1 },
    { "min", 0, MINUTE }, { "mins", 0, MINUTE }, { "minute", 0, MINUTE }, { "minutes", 0, MINUTE },
    { "h", 0, HOUR },     { "hour", 0, HOUR },   { "hours", 0, HOUR },    { "d", 0, DAY },
    { "day", 0, DAY },    { "days", 0, DAY },    { "w", 0, WEEK },        { "week", 0, WEEK },
    { "weeks", 0, WEEK }, { "mon", 1, 0 },       { "month", 1, 0 },       { "months", 1, 0 },
    { "y", YEAR, 0 },     { "year", YEAR, 0 },   { "years", YEAR, 0 },
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
    if (fabs(months) > YEARS_MAX * YEAR || fabs(seconds) > (double) YEARS_MAX * 366 * DAY)
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

/* ---- forms of dates ---- */

enum { PART_YEAR, PART_MONTH, PART_DAY, PART_HOUR, PART_MINUTE, PART_SECOND, PARTS };

typedef struct Form {
    int parts; /* how many it has, from the year on */
    int value[PARTS];
    size_t at[PARTS]; /* where their digits lie */
    size_t end;       /* behind the last of them */
} Form;

static bool digits_at(const char *text, int count)
{
    for (int i = 0; i < count; i++)
        if (!g_ascii_isdigit(text[i]))
            return false;
    return true;
}

static int width_of(int part)
{
    return part == PART_YEAR ? 4 : 2;
}

/* The signs of which one may stand before a part; all of them may be missing where IPTC's form has
 * none. */
static const char *signs_before(int part)
{
    return part <= PART_DAY ? ":-/." : part == PART_HOUR ? " T" : ":";
}

/* Takes a part at text[at], behind its sign; false where there is none. */
static bool take(const char *text, size_t at, bool compact, Form *form)
{
    int part = form->parts;
    const char *signs = signs_before(part);

    if (part > 0 && (!compact || part == PART_HOUR)) {
        if (!text[at] || !strchr(signs, text[at]))
            return false;
        at++;
    }
    if (!digits_at(text + at, width_of(part)))
        return false;
    form->at[part] = at;
    form->end = at + (size_t) width_of(part);
    for (size_t i = at; i < form->end; i++)
        form->value[part] = form->value[part] * 10 + g_ascii_digit_value(text[i]);
    form->parts++;
    return true;
}

/* False where it is no date. */
static bool read_form(const char *text, Form *form)
{
    bool compact = strspn(text, "0123456789") == 8;

    *form = (Form){ 0 };
    while (form->parts < PARTS && take(text, form->end, compact, form))
        ;
    const char *rest = text + form->end;
    /* a time of EXIF or XMP has minutes, and nothing but a fraction or an offset follows */
    return form->parts && form->parts != PART_HOUR + 1 &&
           (!*rest || (form->parts > PART_HOUR && strchr(".,Z+- ", *rest)));
}

static GDateTime *date_of(const Form *form)
{
    const int *v = form->value;

    return g_date_time_new_utc(v[PART_YEAR], form->parts > PART_MONTH ? v[PART_MONTH] : 1,
                               form->parts > PART_DAY ? v[PART_DAY] : 1, v[PART_HOUR],
                               v[PART_MINUTE], v[PART_SECOND]);
}

/* As far as the form says a date. */
static CalendarShift shift_for(const Form *form, const CalendarShift *shift)
{
    int64_t unit = form->parts > PART_SECOND ? 1 : form->parts > PART_MINUTE ? MINUTE : DAY;

    return (CalendarShift){
        .months = form->parts > PART_MONTH ? shift->months : shift->months / YEAR * YEAR,
        .seconds = form->parts > PART_DAY ? shift->seconds / unit * unit : 0,
    };
}

static GDateTime *moved(const Form *form, const CalendarShift *shift)
{
    const CalendarShift by = shift_for(form, shift);
    g_autoptr(GDateTime) date = date_of(form);
    g_autoptr(GDateTime) later = date ? g_date_time_add_months(date, by.months) : NULL;

    return later ? g_date_time_add(later, by.seconds * G_TIME_SPAN_SECOND) : NULL;
}

/* Writes `number` over that many digits. */
static void write_digits(char *to, int digits, int number)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        to[i] = (char) ('0' + number % 10);
}

char *calendar_moved(const char *text, const CalendarShift *shift)
{
    Form form = { 0 };
    g_autoptr(GDateTime) date = read_form(text, &form) ? moved(&form, shift) : NULL;

    if (!date)
        return NULL;
    const int values[PARTS] = {
        g_date_time_get_year(date),         g_date_time_get_month(date),
        g_date_time_get_day_of_month(date), g_date_time_get_hour(date),
        g_date_time_get_minute(date),       g_date_time_get_second(date),
    };
    char *result = g_strdup(text);
    for (int part = 0; part < form.parts; part++)
        write_digits(result + form.at[part], width_of(part), values[part]);
    return result;
}

/* ---- offsets ---- */

bool calendar_is_zone(const char *text)
{
    enum { LENGTH = 6, COLON = 3, HOURS_MAX = 14 };

    if (strlen(text) != LENGTH || !strchr("+-", *text) || text[COLON] != ':' ||
        !digits_at(text + 1, 2) || !digits_at(text + COLON + 1, 2))
        return false;
    int hours = g_ascii_digit_value(text[1]) * 10 + g_ascii_digit_value(text[2]);
    int minutes = g_ascii_digit_value(text[4]) * 10 + g_ascii_digit_value(text[5]);
    return minutes < MINUTE && hours * MINUTE + minutes <= HOURS_MAX * MINUTE;
}

char *calendar_zoned(const char *text, const char *zone)
{
    Form form = { 0 };

    if (!read_form(text, &form) || form.parts <= PART_HOUR)
        return NULL;
    bool compact = form.at[PART_MONTH] == (size_t) width_of(PART_YEAR);
    size_t end = form.end + strcspn(text + form.end, "Z+- ");
    return g_strdup_printf("%.*s%.3s%s%s", (int) end, text, zone, compact ? "" : ":", zone + 4);
}
