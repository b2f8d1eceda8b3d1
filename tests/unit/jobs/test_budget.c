/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that threads share: which of them get it, wait for it, or learn that it never fits. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/jobs/budget.h"
#include "tests/unit/check.h"

enum { TIMEOUT_MS = 20000, MANY = 40, TURNS = 200 };

/* A thread that takes, says so, and gives back when it may. */
typedef struct Taker {
    pthread_t thread;
    Budget *budget;
    int64_t bytes;
    atomic_int grant; /* -1: it waits */
    atomic_bool done; /* it may give back */
} Taker;

static void *take(void *data)
{
    Taker *taker = data;
    Grant grant = budget_take(taker->budget, taker->bytes, NULL, NULL);

    atomic_store(&taker->grant, (int) grant);
    while (grant == GRANT_YES && !atomic_load(&taker->done))
        usleep(500);
    if (grant == GRANT_YES)
        budget_give(taker->budget, taker->bytes);
    return NULL;
}

static void begin(Taker *taker, Budget *budget, int64_t bytes)
{
    taker->budget = budget;
    taker->bytes = bytes;
    atomic_store(&taker->grant, -1);
    atomic_store(&taker->done, false);
    assert_int_equal(pthread_create(&taker->thread, NULL, take, taker), 0);
}

static void end(Taker *taker)
{
    atomic_store(&taker->done, true);
    pthread_join(taker->thread, NULL);
}

static void await_waiting(Budget *budget, int count)
{
    int64_t limit = clock_ms() + TIMEOUT_MS;

    while (budget_use(budget).waiting != count && clock_ms() < limit)
        usleep(500);
    assert_int_equal(budget_use(budget).waiting, count);
}

static void await_grant(const Taker *taker, Grant grant)
{
    int64_t limit = clock_ms() + TIMEOUT_MS;

    while (atomic_load(&taker->grant) < 0 && clock_ms() < limit)
        usleep(500);
    assert_int_equal(atomic_load(&taker->grant), grant);
}

static void what_fits_is_granted_at_once(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);

    (void) state;
    assert_int_equal(budget_take(budget, 60, NULL, NULL), GRANT_YES);
    assert_int_equal(budget_take(budget, 40, NULL, NULL), GRANT_YES);
    assert_int_equal(budget_take(budget, 0, NULL, NULL), GRANT_YES);
    assert_int_equal(budget_use(budget).used, 100);
    budget_give(budget, 60);
    budget_give(budget, 40);
    assert_int_equal(budget_use(budget).used, 0);
}

static void what_never_fits_is_refused(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);

    (void) state;
    assert_int_equal(budget_take(budget, 101, NULL, NULL), GRANT_NEVER);
    assert_int_equal(budget_take(budget, INT64_MAX, NULL, NULL), GRANT_NEVER);
    assert_int_equal(budget_take(budget, 100, NULL, NULL), GRANT_YES);
    assert_int_equal(budget_take(budget, 101, NULL, NULL), GRANT_NEVER);
    budget_give(budget, 100);
}

static void a_large_one_waits_for_the_small_ones_and_is_not_overtaken(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);
    Taker small = { 0 }, large = { 0 }, late = { 0 };

    (void) state;
    begin(&small, budget, 10);
    await_grant(&small, GRANT_YES);
    begin(&large, budget, 95);
    await_waiting(budget, 1);
    begin(&late, budget, 10); /* there would be room for it */
    await_waiting(budget, 2);
    usleep(20 * 1000);
    assert_int_equal(atomic_load(&late.grant), -1);
    end(&small);
    await_grant(&large, GRANT_YES);
    await_waiting(budget, 1);
    assert_int_equal(atomic_load(&late.grant), -1);
    end(&large);
    await_grant(&late, GRANT_YES);
    end(&late);
    assert_int_equal(budget_use(budget).used, 0);
}

static bool care_twice(void *user)
{
    int *looks = user;

    return ++*looks < 2;
}

static void a_wait_that_is_abandoned_makes_room_for_the_next(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);
    Taker late = { 0 };
    int looks = 0;

    (void) state;
    assert_int_equal(budget_take(budget, 60, NULL, NULL), GRANT_YES);
    assert_int_equal(budget_take(budget, 60, care_twice, &looks), GRANT_ABANDONED);
    assert_int_equal(looks, 2);
    begin(&late, budget, 40);
    await_grant(&late, GRANT_YES);
    end(&late);
    budget_give(budget, 60);
    assert_int_equal(budget_use(budget).used, 0);
}

static void a_stop_ends_all_waits(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);
    Taker waiting[3] = { 0 };

    (void) state;
    assert_int_equal(budget_take(budget, 100, NULL, NULL), GRANT_YES);
    for (int i = 0; i < 3; i++)
        begin(&waiting[i], budget, 50);
    await_waiting(budget, 3);
    budget_stop(budget);
    for (int i = 0; i < 3; i++) {
        await_grant(&waiting[i], GRANT_STOPPING);
        end(&waiting[i]);
    }
    assert_int_equal(budget_take(budget, 1, NULL, NULL), GRANT_STOPPING);
    budget_give(budget, 100);
}

static void a_new_size_counts_for_those_that_wait_already(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);
    Taker first = { 0 }, second = { 0 };

    (void) state;
    assert_int_equal(budget_take(budget, 80, NULL, NULL), GRANT_YES);
    begin(&first, budget, 60);
    await_waiting(budget, 1);
    budget_resize(budget, 140);
    await_grant(&first, GRANT_YES);
    begin(&second, budget, 60);
    await_waiting(budget, 1);
    budget_resize(budget, 50); /* 140 are taken: that is so until they come back */
    await_grant(&second, GRANT_NEVER);
    end(&second);
    end(&first);
    budget_give(budget, 80);
    assert_int_equal(budget_use(budget).used, 0);
}

static void what_is_free_is_taken_at_once_and_what_is_not_is_not_waited_for(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);

    (void) state;
    assert_true(budget_try(budget, 60));
    assert_false(budget_try(budget, 60));
    assert_true(budget_try(budget, 40));
    budget_give(budget, 100);
    assert_true(budget_try(budget, 100));
    budget_give(budget, 100);
    budget_stop(budget);
    assert_false(budget_try(budget, 1));
    assert_int_equal(budget_use(budget).used, 0);
}

/* What the threads that take at random have taken, by their own account. */
static atomic_int_fast64_t taken;

static void *take_at_random(void *data)
{
    Budget *budget = data;

    for (int i = 0; i < TURNS; i++) {
        int64_t bytes = 1 + (i * 37) % 90;
        if (budget_take(budget, bytes, NULL, NULL) != GRANT_YES)
            return NULL;
        int64_t now = atomic_fetch_add(&taken, bytes) + bytes;
        if (now > 100)
            return GINT_TO_POINTER(1);
        atomic_fetch_sub(&taken, bytes);
        budget_give(budget, bytes);
    }
    return NULL;
}

static void many_threads_never_take_more_than_there_is(void **state)
{
    g_autoptr(Budget) budget = budget_new(100);
    pthread_t threads[MANY];

    (void) state;
    for (int i = 0; i < MANY; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_at_random, budget), 0);
    for (int i = 0; i < MANY; i++) {
        void *broke = NULL;
        pthread_join(threads[i], &broke);
        assert_null(broke);
    }
    assert_int_equal(budget_use(budget).used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_free_is_taken_at_once_and_what_is_not_is_not_waited_for),
        cmocka_unit_test(what_fits_is_granted_at_once),
        cmocka_unit_test(what_never_fits_is_refused),
        cmocka_unit_test(a_large_one_waits_for_the_small_ones_and_is_not_overtaken),
        cmocka_unit_test(a_wait_that_is_abandoned_makes_room_for_the_next),
        cmocka_unit_test(a_stop_ends_all_waits),
        cmocka_unit_test(a_new_size_counts_for_those_that_wait_already),
        cmocka_unit_test(many_threads_never_take_more_than_there_is),
    };

    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
