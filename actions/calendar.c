/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/calendar.h"

#include <string.h>

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
    int64_t unit = form->parts > PART_SECOND   ? 1
                   : form->parts > PART_MINUTE ? SHIFT_MINUTE
                                               : SHIFT_DAY;

    return (CalendarShift){
        .months =
            form->parts > PART_MONTH ? shift->months : shift->months / SHIFT_YEAR * SHIFT_YEAR,
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
    return minutes < SHIFT_MINUTE && hours * SHIFT_MINUTE + minutes <= HOURS_MAX * SHIFT_MINUTE;
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
