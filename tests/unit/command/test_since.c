/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times as people type them. */
#include <time.h>

#include "command/since.h"
#include "tests/unit/check.h"

/* Wednesday, 2024-05-01 14:30:20 where the tests run. */
static int64_t now(void)
{
    struct tm date = { .tm_year = 124,
                       .tm_mon = 4,
                       .tm_mday = 1,
                       .tm_hour = 14,
                       .tm_min = 30,
                       .tm_sec = 20,
                       .tm_isdst = -1 };

    return (int64_t) mktime(&date);
}

/* As "2024-05-01 14:02:00", or "" where it is no time. */
static const char *read_as(const char *text)
{
    static char shown[64];
    int64_t since = 0;

    if (!since_read(text, now(), &since))
        return "";
    time_t seconds = (time_t) since;
    struct tm date = { 0 };
    localtime_r(&seconds, &date);
    strftime(shown, sizeof(shown), "%Y-%m-%d %H:%M:%S", &date);
    return shown;
}

static void a_time_of_day_is_the_last_one(void **state)
{
    (void) state;
    assert_string_equal(read_as("14:02"), "2024-05-01 14:02:00");
    assert_string_equal(read_as("14:30:20"), "2024-05-01 14:30:20");
    assert_string_equal(read_as("14:31"), "2024-04-30 14:31:00");
    assert_string_equal(read_as("0:00"), "2024-05-01 00:00:00");
}

static void a_date_is_its_begin(void **state)
{
    (void) state;
    assert_string_equal(read_as("2024-04-28"), "2024-04-28 00:00:00");
    assert_string_equal(read_as("2024-04-28 23:59"), "2024-04-28 23:59:00");
    assert_string_equal(read_as("2024-04-28T23:59:58"), "2024-04-28 23:59:58");
}

static void a_duration_counts_back_from_now(void **state)
{
    (void) state;
    assert_string_equal(read_as("30min"), "2024-05-01 14:00:20");
    assert_string_equal(read_as("1d"), "2024-04-30 14:30:20");
}

static void what_is_no_time_or_to_come_is_wrong(void **state)
{
    static const char *const wrong[] = { "",           "soon",       "25:00", "14:02 pm",
                                         "2024-05-02", "2024-13-01", "1400",  "-5min" };

    (void) state;
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_string_equal(read_as(wrong[i]), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_of_day_is_the_last_one),
        cmocka_unit_test(a_date_is_its_begin),
        cmocka_unit_test(a_duration_counts_back_from_now),
        cmocka_unit_test(what_is_no_time_or_to_come_is_wrong),
    };

    return cmocka_run_group_tests_name("since", tests, NULL, NULL);
}
