/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mutexes, conditions, semaphores and clocks of fibers do what the C library's do. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "tests/sim/chance.h"
#include "tests/sim/schedule.h"
#include "tests/unit/check.h"

int call_pthread_create(pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
int call_pthread_join(pthread_t, void **);
int call_pthread_mutex_lock(pthread_mutex_t *);
int call_pthread_mutex_unlock(pthread_mutex_t *);
int call_pthread_mutex_trylock(pthread_mutex_t *);
int call_pthread_cond_wait(pthread_cond_t *, pthread_mutex_t *);
int call_pthread_cond_clockwait(pthread_cond_t *, pthread_mutex_t *, clockid_t,
                                const struct timespec *);
int call_pthread_cond_signal(pthread_cond_t *);
int call_pthread_once(pthread_once_t *, void (*)(void));
int call_sem_init(sem_t *, int, unsigned);
int call_sem_post(sem_t *);
int call_sem_wait(sem_t *);
int call_clock_gettime(clockid_t, struct timespec *);

enum { ADDERS = 4, TIMES = 50, SEEDS = 50 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t items;
static int sum, inside, taken, code;
static bool apart; /* two were inside at once */
static int64_t slept_until;

static int begin(void **state)
{
    (void) state;
    schedule_reset();
    memset(&lock, 0, sizeof(lock));
    sum = inside = taken = 0;
    apart = true;
    hurry = 3;
    return 0;
}

static void *add(void *unused)
{
    for (int i = 0; i < TIMES; i++) {
        call_pthread_mutex_lock(&lock);
        apart = apart && ++inside == 1;
        int before = sum;
        point("between");
        sum = before + 1;
        inside--;
        call_pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void add_together(void *user)
{
    pthread_t threads[ADDERS];

    (void) user;
    for (int i = 0; i < ADDERS; i++)
        call_pthread_create(&threads[i], NULL, add, NULL);
    for (int i = 0; i < ADDERS; i++)
        call_pthread_join(threads[i], NULL);
    schedule_stop();
}

static void a_mutex_keeps_threads_apart(void **state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        chance_seed(seed);
        begin(state);
        fiber_start(PROCESS_DAEMON, "main", add_together, NULL);
        assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STOPPED);
        assert_true(apart);
        assert_int_equal(sum, ADDERS * TIMES);
    }
}

static void *take(void *unused)
{
    for (int i = 0; i < TIMES; i++) {
        call_sem_wait(&items);
        taken++;
    }
    return unused;
}

static void hand_out(void *user)
{
    pthread_t thread = 0;

    (void) user;
    call_sem_init(&items, 0, 0);
    call_pthread_create(&thread, NULL, take, NULL);
    for (int i = 0; i < TIMES; i++)
        call_sem_post(&items);
    call_pthread_join(thread, NULL);
    schedule_stop();
}

static void a_semaphore_counts(void **state)
{
    (void) state;
    chance_seed(2);
    fiber_start(PROCESS_DAEMON, "main", hand_out, NULL);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STOPPED);
    assert_int_equal(taken, TIMES);
}

static void *signal_it(void *unused)
{
    call_pthread_mutex_lock(&lock);
    sum = 1;
    call_pthread_cond_signal(&changed);
    call_pthread_mutex_unlock(&lock);
    return unused;
}

static void wait_for_signal(void *user)
{
    pthread_t thread = 0;

    (void) user;
    call_pthread_mutex_lock(&lock);
    call_pthread_create(&thread, NULL, signal_it, NULL);
    while (!sum)
        call_pthread_cond_wait(&changed, &lock);
    call_pthread_mutex_unlock(&lock);
    call_pthread_join(thread, NULL);
    schedule_stop();
}

static void no_signal_is_lost(void **state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        chance_seed(seed);
        begin(state);
        fiber_start(PROCESS_DAEMON, "main", wait_for_signal, NULL);
        assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STOPPED);
    }
}

static void wait_a_second(void *user)
{
    struct timespec until;

    (void) user;
    call_clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    call_pthread_mutex_lock(&lock);
    code = call_pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &until);
    sum = call_pthread_mutex_trylock(&lock);
    slept_until = now_us;
    call_pthread_mutex_unlock(&lock);
}

static void sleep_long(void *user)
{
    (void) user;
    nap_us(500000);
    schedule_sleep(10000000);
}

static void a_wait_ends_at_its_time_and_holds_the_lock_again(void **state)
{
    (void) state;
    chance_seed(1);
    fiber_start(PROCESS_DAEMON, "main", wait_a_second, NULL);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_int_equal(code, ETIMEDOUT);
    assert_int_equal(sum, EBUSY);
    assert_in_range(slept_until, 2000000, 2000200);
}

static void a_wait_does_not_count_the_sleep_of_the_machine(void **state)
{
    (void) state;
    chance_seed(1);
    fiber_start(PROCESS_DAEMON, "main", wait_a_second, NULL);
    fiber_start(PROCESS_WORLD, "sleep", sleep_long, NULL);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_int_equal(code, ETIMEDOUT);
    assert_in_range(slept_until, 12000000, 12000200);
}

static int64_t read_us(clockid_t clock)
{
    struct timespec now;

    call_clock_gettime(clock, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void clocks_jump_and_sleep_as_they_should(void **state)
{
    (void) state;
    int64_t wall = read_us(CLOCK_REALTIME), awake = read_us(CLOCK_MONOTONIC);
    schedule_sleep(5000000);
    wall_us -= 60000000;
    assert_true(read_us(CLOCK_BOOTTIME) == 6000000);
    assert_true(read_us(CLOCK_MONOTONIC) == awake);
    assert_true(read_us(CLOCK_REALTIME) == wall - 55000000);
}

static void count_once(void)
{
    point("once");
    sum++;
}

static void call_once(void *user)
{
    call_pthread_once(user, count_once);
    taken += sum;
}

static void what_is_done_once_is_done_before_others_go_on(void **state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        pthread_once_t once = PTHREAD_ONCE_INIT;
        chance_seed(seed);
        begin(state);
        for (int i = 0; i < 3; i++)
            fiber_start(PROCESS_DAEMON, "once", call_once, &once);
        assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
        assert_int_equal(sum, 1);
        assert_int_equal(taken, 3);
    }
}

static void hold_a_lock(void *user)
{
    const char *at = NULL;

    (void) user;
    call_pthread_mutex_lock(&lock);
    sum = locks_held(&at);
    call_pthread_mutex_unlock(&lock);
    taken = locks_held(&at);
}

static void locks_are_counted(void **state)
{
    (void) state;
    chance_seed(1);
    fiber_start(PROCESS_DAEMON, "main", hold_a_lock, NULL);
    schedule_run(INT64_MAX, 0);
    assert_int_equal(sum, 1);
    assert_int_equal(taken, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mutex_keeps_threads_apart),
        TEST(a_semaphore_counts),
        TEST(no_signal_is_lost),
        TEST(a_wait_ends_at_its_time_and_holds_the_lock_again),
        TEST(a_wait_does_not_count_the_sleep_of_the_machine),
        TEST(clocks_jump_and_sleep_as_they_should),
        TEST(what_is_done_once_is_done_before_others_go_on),
        TEST(locks_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
