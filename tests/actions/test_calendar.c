/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dates of EXIF, IPTC and XMP moved as the calendar counts. */
#include <string.h>

#include "actions/calendar.h"
#include "tests/actions/check.h"

static void reads(const char *text, int months, int64_t seconds)
{
    CalendarShift shift = { 0 };
    g_autoptr(Error) error = NULL;

    if (!calendar_shift_read(text, &shift, &error))
        fail_msg("'%s': %s", text, error->what);
    assert_int_equal(shift.months, months);
    assert_int_equal(shift.seconds, seconds);
}

static void a_shift_has_signs_numbers_and_units(void **state)
{
    (void) state;
    reads("+1h 30min", 0, 5400);
    reads("-1h 30min", 0, -5400);
    reads("1h", 0, 3600);
    reads(" + 2 days, - 3 hours", 0, 2 * 86400 - 3 * 3600);
    reads("1 year 2 months", 14, 0);
    reads("-1y 1mon 1w 1d 1h 1min 1s", -13, -(8 * 86400 + 3661));
    reads("1.5h 0.5 years", 6, 5400);
    reads("-45sec", 0, -45);
    reads("0", 0, 0);
}

static void refuses(const char *text, const char *what)
{
    CalendarShift shift = { 0 };
    g_autoptr(Error) error = NULL;

    assert_false(calendar_shift_read(text, &shift, &error));
    assert_string_equal(error->what, what);
    assert_non_null(error->fix);
}

static void what_is_no_shift_is_refused_with_its_reason(void **state)
{
    (void) state;
    refuses("", "a number is missing");
    refuses("+", "a number is missing at ''");
    refuses("one hour", "a number is missing at 'one hour'");
    refuses("1.2.3 h", "a number is missing at '1.2.3 h'");
    refuses("5", "no unit of time is ''");
    refuses("5 parsecs", "no unit of time is 'parsecs'");
    refuses("5m", "m may be minutes or months");
    refuses("0.3 months", "a part of a month cannot be counted");
    refuses("0.3s", "a part of a second cannot be counted");
    refuses("20000 years", "too far");
    refuses("1e300 days", "no unit of time is 'e'");
    refuses("0x10s", "no unit of time is 'x'");
}

static void moves(const char *by, const char *from, const char *to)
{
    CalendarShift shift = { 0 };
    g_autoptr(Error) error = NULL;

    assert_true(calendar_shift_read(by, &shift, &error));
    g_autofree char *moved = calendar_moved(from, &shift);
    if (g_strcmp0(moved, to) != 0)
        fail_msg("'%s' by '%s' is '%s', not '%s'", from, by, moved, to);
}

static void a_month_after_the_last_day_of_january_is_the_last_day_of_february(void **state)
{
    (void) state;
    moves("+1 month", "2024:01:31 10:00:00", "2024:02:29 10:00:00");
    moves("+1 month", "2023:01:31 10:00:00", "2023:02:28 10:00:00");
    moves("-1 month", "2023:03:31 10:00:00", "2023:02:28 10:00:00");
    moves("+1 year", "2024:02:29 10:00:00", "2025:02:28 10:00:00");
    moves("+4 years", "2024:02:29 10:00:00", "2028:02:29 10:00:00");
    moves("+1 month 1 day", "2024:01:31 10:00:00", "2024:03:01 10:00:00");
}

static void hours_go_over_midnight_years_and_summer_time(void **state)
{
    (void) state;
    moves("+1h 30min", "2023:12:31 23:00:00", "2024:01:01 00:30:00");
    moves("-1s", "2024:03:01 00:00:00", "2024:02:29 23:59:59");
    moves("+2h", "2024:03:31 01:30:00", "2024:03:31 03:30:00");
    moves("+24h", "2024:10:26 12:00:00", "2024:10:27 12:00:00");
}

static void every_form_stays_as_it_is(void **state)
{
    (void) state;
    moves("+1h", "2024-05-01T12:30:00.25+02:00", "2024-05-01T13:30:00.25+02:00");
    moves("+1h", "2024-05-01T12:30:00Z", "2024-05-01T13:30:00Z");
    moves("+1h", "2024-05-01T12:30", "2024-05-01T13:30");
    moves("+1h", "2024-05-01 12:30:00", "2024-05-01 13:30:00");
    moves("+12h", "20240501T123000+0200", "20240502T003000+0200");
    moves("+1d", "20240501", "20240502");
}

static void less_than_the_date_says_does_not_count(void **state)
{
    (void) state;
    moves("-1h", "2024-05-01", "2024-05-01");
    moves("-36h", "2024-05-01", "2024-04-30");
    moves("+45s", "2024-05-01T12:30", "2024-05-01T12:30");
    moves("+40d", "2024-05", "2024-05");
    moves("+1 month", "2024-12", "2025-01");
    moves("+11 months", "2024", "2024");
    moves("+12 months", "2024", "2025");
}

static void what_is_no_date_stays_unknown(void **state)
{
    (void) state;
    moves("+1h", "0000:00:00 00:00:00", NULL);
    moves("+1h", "    :  :     :  :  ", NULL);
    moves("+1h", "2024:13:01 00:00:00", NULL);
    moves("+1h", "2024:02:30 00:00:00", NULL);
    moves("+1h", "2024:05:01 12", NULL);
    moves("+1h", "2024:05:01 12:30:00 pm", "2024:05:01 13:30:00 pm");
    moves("+1h", "yesterday", NULL);
    moves("+1h", "", NULL);
    moves("+8000 years", "2024:05:01 00:00:00", NULL);
    moves("-2024 years", "2024:05:01 00:00:00", NULL);
}

static void zones(const char *from, const char *zone, const char *to)
{
    g_autofree char *zoned = calendar_zoned(from, zone);

    if (g_strcmp0(zoned, to) != 0)
        fail_msg("'%s' in %s is '%s', not '%s'", from, zone, zoned, to);
}

static void a_zone_stands_behind_the_time(void **state)
{
    (void) state;
    zones("2024-05-01T12:30:00", "+02:00", "2024-05-01T12:30:00+02:00");
    zones("2024-05-01T12:30:00.5Z", "-03:30", "2024-05-01T12:30:00.5-03:30");
    zones("2024-05-01T12:30:00+09:00", "+00:00", "2024-05-01T12:30:00+00:00");
    zones("20240501T123000", "+02:00", "20240501T123000+0200");
    zones("20240501T123000+0900", "+02:00", "20240501T123000+0200");
    zones("2024-05-01", "+02:00", NULL);
    assert_true(calendar_is_zone("+14:00"));
    assert_true(calendar_is_zone("-09:30"));
    assert_false(calendar_is_zone("+14:30"));
    assert_false(calendar_is_zone("+02:60"));
    assert_false(calendar_is_zone("+0200"));
    assert_false(calendar_is_zone("02:00"));
    assert_false(calendar_is_zone("+2:000"));
    assert_false(calendar_is_zone(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shift_has_signs_numbers_and_units),
        cmocka_unit_test(what_is_no_shift_is_refused_with_its_reason),
        cmocka_unit_test(a_month_after_the_last_day_of_january_is_the_last_day_of_february),
        cmocka_unit_test(hours_go_over_midnight_years_and_summer_time),
        cmocka_unit_test(every_form_stays_as_it_is),
        cmocka_unit_test(less_than_the_date_says_does_not_count),
        cmocka_unit_test(what_is_no_date_stays_unknown),
        cmocka_unit_test(a_zone_stands_behind_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
