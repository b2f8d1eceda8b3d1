/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The states of a folder: which change has the last word when the watcher and a check disagree. */
#include "daemon/folders/health.h"
#include "daemon/journal/journal.h"
#include "tests/unit/check.h"

static int set_up(void **state)
{
    *state = health_new();
    return 0;
}

static int tear_down(void **state)
{
    health_free(*state);
    return 0;
}

static HealthState state_of(Health *health)
{
    return health_get(health, "inbox", NULL);
}

static void a_held_folder_works_again_on_trial(void **state)
{
    Health *health = *state;

    health_hold(health, "inbox", "the disk is full", 0);
    health_begin_trial(health, "inbox");
    assert_int_equal(state_of(health), HEALTH_AVAILABLE);
    assert_int_equal(health_count_degraded(health), 1);
    health_end_trial(health, "inbox");
    assert_int_equal(health_count_degraded(health), 0);
}

/* The check of a held folder ends well, but the watcher has lost the directory meanwhile. */
static void a_folder_that_became_unavailable_during_its_check_stays_so(void **state)
{
    Health *health = *state;

    health_hold(health, "inbox", "the disk is full", 0);
    health_set(health, "inbox", HEALTH_UNAVAILABLE, "the directory is gone");
    health_begin_trial(health, "inbox");
    assert_int_equal(state_of(health), HEALTH_UNAVAILABLE);
    health_end_trial(health, "inbox");
    assert_int_equal(state_of(health), HEALTH_UNAVAILABLE);
}

static void a_state_that_goes_on_for_another_reason_keeps_its_beginning(void **state)
{
    Health *health = *state;

    assert_int_equal(health_since(health, "inbox"), 0);
    health_hold(health, "inbox", "the disk is full", 0);
    int64_t since_ms = health_since(health, "inbox");
    assert_true(since_ms > 0);
    g_usleep(2000);
    health_hold(health, "inbox", "the disk is read-only", 0);
    assert_int_equal(health_since(health, "inbox"), since_ms);
    health_begin_trial(health, "inbox");
    assert_int_equal(health_since(health, "inbox"), 0);
    health_hold(health, "inbox", "the disk is full", 0);
    assert_int_equal(health_since(health, "inbox"), since_ms);
    health_set(health, "inbox", HEALTH_UNAVAILABLE, "the directory is gone");
    assert_true(health_since(health, "inbox") > since_ms);
}

static void a_pause_is_beside_the_other_states(void **state)
{
    Health *health = *state;
    g_autofree char *reason = NULL, *who = NULL;
    int64_t since_ms = 0;

    assert_false(health_is_paused(health, "inbox", &who, &since_ms));
    health_pause(health, "inbox", "ann", 1714564800000);
    assert_int_equal(health_get(health, "inbox", &reason), HEALTH_PAUSED);
    assert_true(g_str_has_prefix(reason, "by ann since 2024-05-01 "));
    health_hold(health, "inbox", "the disk is full", 0);
    assert_int_equal(state_of(health), HEALTH_HELD);
    assert_true(health_is_paused(health, "inbox", &who, &since_ms));
    assert_string_equal(who, "ann");
    assert_int_equal(since_ms, 1714564800000);
    health_begin_trial(health, "inbox");
    assert_int_equal(state_of(health), HEALTH_PAUSED);
    assert_int_equal(health_get(health, "other", NULL), HEALTH_AVAILABLE);
    health_resume(health, "inbox");
    assert_int_equal(state_of(health), HEALTH_AVAILABLE);
}

static void a_folder_is_paused_by_its_name_or_with_all_others(void **state)
{
    Health *health = *state;
    g_autofree char *who = NULL;
    int64_t since_ms = 0;

    health_pause(health, "", "ben", 2);
    health_pause(health, "inbox", "ann", 1);
    health_resume(health, "");
    assert_int_equal(state_of(health), HEALTH_PAUSED);
    assert_int_equal(health_get(health, "other", NULL), HEALTH_AVAILABLE);
    health_pause(health, "", "ben", 2);
    health_resume(health, "inbox");
    assert_true(health_is_paused(health, "inbox", &who, &since_ms));
    assert_string_equal(who, "ben");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_held_folder_works_again_on_trial),
        TEST(a_state_that_goes_on_for_another_reason_keeps_its_beginning),
        TEST(a_folder_that_became_unavailable_during_its_check_stays_so),
        TEST(a_pause_is_beside_the_other_states),
        TEST(a_folder_is_paused_by_its_name_or_with_all_others),
    };

    journal_mute();
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
