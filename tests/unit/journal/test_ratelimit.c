/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rate limit: the first messages of a kind are logged, the others only counted. */
#include <syslog.h>

#include "daemon/journal/ratelimit.h"
#include "tests/unit/check.h"

static void expect_due(RateLimiter *flood, int64_t now_ms, EventId id, const char *folder,
                       int64_t count)
{
    EventId due = EVENT_MESSAGES_LOST;
    g_autofree char *about = NULL;
    int64_t counted = 0;

    assert_true(ratelimit_take_suppressed(flood, now_ms, &due, &about, &counted));
    assert_int_equal(due, id);
    assert_int_equal(counted, count);
    if (folder)
        assert_string_equal(about, folder);
    else
        assert_null(about);
}

static void expect_none_due(RateLimiter *flood, int64_t now_ms)
{
    EventId due = EVENT_MESSAGES_LOST;
    g_autofree char *about = NULL;
    int64_t counted = 0;

    assert_false(ratelimit_take_suppressed(flood, now_ms, &due, &about, &counted));
}

static int passing(RateLimiter *flood, EventId id, const char *folder, int64_t now_ms, int count)
{
    int passed = 0;

    for (int i = 0; i < count; i++)
        passed += ratelimit_allows(flood, id, folder, now_ms);
    return passed;
}

static void the_first_are_logged_and_the_others_counted(void **state)
{
    RateLimiter *flood = ratelimit_new();

    (void) state;
    assert_int_equal(passing(flood, EVENT_IGNORED, "inbox", 1000, 100000), RATELIMIT_BURST);
    assert_int_equal(ratelimit_next_ms(flood), 1000 + RATELIMIT_INTERVAL_MS);
    expect_none_due(flood, 1000 + RATELIMIT_INTERVAL_MS - 1);
    assert_int_equal(passing(flood, EVENT_IGNORED, "inbox", RATELIMIT_INTERVAL_MS, 1), 0);
    expect_due(flood, 1000 + RATELIMIT_INTERVAL_MS, EVENT_IGNORED, "inbox",
               100001 - RATELIMIT_BURST);
    expect_none_due(flood, 1000 + RATELIMIT_INTERVAL_MS);
    assert_true(ratelimit_next_ms(flood) == RATELIMIT_NEVER);
    assert_int_equal(passing(flood, EVENT_IGNORED, "inbox", 1000 + RATELIMIT_INTERVAL_MS, 50),
                     RATELIMIT_BURST);
    expect_due(flood, RATELIMIT_NEVER, EVENT_IGNORED, "inbox", 50 - RATELIMIT_BURST);
    ratelimit_free(flood);
}

static void few_messages_are_all_logged_minute_after_minute(void **state)
{
    RateLimiter *flood = ratelimit_new();

    (void) state;
    for (int64_t minute = 0; minute < 5; minute++)
        assert_int_equal(
            passing(flood, EVENT_IGNORED, "inbox", minute * RATELIMIT_INTERVAL_MS, RATELIMIT_BURST),
            RATELIMIT_BURST);
    assert_true(ratelimit_next_ms(flood) == RATELIMIT_NEVER);
    expect_none_due(flood, RATELIMIT_NEVER);
    ratelimit_free(flood);
}

static void a_sum_that_was_not_asked_for_yet_goes_on_counting(void **state)
{
    RateLimiter *flood = ratelimit_new();

    (void) state;
    passing(flood, EVENT_IGNORED, "inbox", 0, RATELIMIT_BURST + 1);
    assert_int_equal(passing(flood, EVENT_IGNORED, "inbox", INT64_C(3) * RATELIMIT_INTERVAL_MS, 1),
                     0);
    expect_due(flood, INT64_C(3) * RATELIMIT_INTERVAL_MS, EVENT_IGNORED, "inbox", 2);
    ratelimit_free(flood);
}

static void each_folder_and_each_kind_is_counted_by_itself(void **state)
{
    RateLimiter *flood = ratelimit_new();

    (void) state;
    passing(flood, EVENT_IGNORED, "inbox", 0, RATELIMIT_BURST + 7);
    passing(flood, EVENT_ERROR, NULL, 0, RATELIMIT_BURST + 5);
    assert_int_equal(passing(flood, EVENT_IGNORED, "scans", 0, 3), 3);
    assert_int_equal(passing(flood, EVENT_PENDING, "inbox", 0, 3), 3);
    expect_due(flood, RATELIMIT_INTERVAL_MS, EVENT_IGNORED, "inbox", 7);
    expect_due(flood, RATELIMIT_INTERVAL_MS, EVENT_ERROR, NULL, 5);
    expect_none_due(flood, RATELIMIT_INTERVAL_MS);
    ratelimit_free(flood);
}

static void what_becomes_of_pictures_and_every_error_is_always_logged(void **state)
{
    RateLimiter *flood = ratelimit_new();

    (void) state;
    assert_int_equal(event_row(EVENT_DONE)->rate, RATE_UNLIMITED);
    for (EventId id = 0; id < EVENT_COUNT; id++)
        if (event_row(id)->priority <= LOG_ERR || event_row(id)->rate == RATE_UNLIMITED)
            assert_int_equal(passing(flood, id, "inbox", 0, 1000), 1000);
    expect_none_due(flood, RATELIMIT_NEVER);
    ratelimit_free(flood);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_are_logged_and_the_others_counted),
        cmocka_unit_test(few_messages_are_all_logged_minute_after_minute),
        cmocka_unit_test(a_sum_that_was_not_asked_for_yet_goes_on_counting),
        cmocka_unit_test(each_folder_and_each_kind_is_counted_by_itself),
        cmocka_unit_test(what_becomes_of_pictures_and_every_error_is_always_logged),
    };

    return cmocka_run_group_tests_name("ratelimit", tests, NULL, NULL);
}
