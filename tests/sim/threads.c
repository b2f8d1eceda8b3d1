/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The C library's threads, locks, clocks and chance, as the daemon calls them, made of fibers.
 *
 * A mutex lies in the memory of the C library's, whose initializer is all zero: free. */
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "tests/sim/chance.h"
#include "tests/sim/schedule.h"
#include "tests/sim/story.h"

/* Defines what the daemon's object calls in place of `name`. */
#define CALL(type, name, ...)                                                                      \
    type call_##name(__VA_ARGS__);                                                                 \
    type call_##name(__VA_ARGS__)

enum { SECOND_US = 1000000, CPU_OF_THREAD = 1 << 20, CPU_OF_PROCESS = 1 << 21 };
static const int64_t first_second = 1700000000; /* the time of day as the world starts */

/* ---- mutexes ---- */

typedef struct Lock {
    int holder; /* 0: it is free; else the fiber's number + 2, the main program's 1 */
} Lock;
_Static_assert(sizeof(Lock) <= sizeof(pthread_mutex_t), "a lock fits into a mutex");

static Lock *lock_of(pthread_mutex_t *mutex)
{
    return (Lock *) (void *) mutex;
}

static int own_mark(void)
{
    return fiber_self() + 2;
}

static void fail(const char *what)
{
    tell("%s: %s", fiber_name(fiber_self()), what);
    abort();
}

static void take_lock(pthread_mutex_t *mutex)
{
    if (lock_of(mutex)->holder == own_mark())
        fail("locks a mutex that it holds");
    while (lock_of(mutex)->holder)
        wait_for(mutex, -1);
    lock_of(mutex)->holder = own_mark();
    locks_changed(1);
}

static void give_lock(pthread_mutex_t *mutex)
{
    if (lock_of(mutex)->holder != own_mark())
        fail("unlocks a mutex that it does not hold");
    lock_of(mutex)->holder = 0;
    locks_changed(-1);
    wake_all(mutex);
}

CALL(int, pthread_mutex_init, pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    (void) attributes;
    memset(mutex, 0, sizeof(pthread_mutex_t));
    return 0;
}

CALL(int, pthread_mutex_destroy, pthread_mutex_t *mutex)
{
    if (lock_of(mutex)->holder)
        fail("destroys a mutex that is held");
    return 0;
}

CALL(int, pthread_mutex_lock, pthread_mutex_t *mutex)
{
    point("pthread_mutex_lock");
    take_lock(mutex);
    return 0;
}

CALL(int, pthread_mutex_trylock, pthread_mutex_t *mutex)
{
    point("pthread_mutex_trylock");
    if (lock_of(mutex)->holder)
        return EBUSY;
    take_lock(mutex);
    return 0;
}

CALL(int, pthread_mutex_unlock, pthread_mutex_t *mutex)
{
    give_lock(mutex);
    point("pthread_mutex_unlock");
    return 0;
}

/* ---- clocks ---- */

static int64_t clock_us(clockid_t clock)
{
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        return first_second * SECOND_US + now_us + wall_us;
    if (clock == CLOCK_BOOTTIME)
        return now_us;
    if (clock >= CPU_OF_PROCESS)
        return process_cpu_us(clock - CPU_OF_PROCESS);
    if (clock >= CPU_OF_THREAD)
        return fiber_cpu_us(clock - CPU_OF_THREAD);
    if (clock == CLOCK_THREAD_CPUTIME_ID)
        return fiber_cpu_us(fiber_self());
    if (clock == CLOCK_PROCESS_CPUTIME_ID)
        return process_cpu_us(fiber_process());
    return now_us - slept_us; /* CLOCK_MONOTONIC */
}

static int64_t us_of(const struct timespec *time)
{
    return (int64_t) time->tv_sec * SECOND_US + (time->tv_nsec + 999) / 1000;
}

CALL(int, clock_gettime, clockid_t clock, struct timespec *time)
{
    int64_t us = clock_us(clock);

    time->tv_sec = us / SECOND_US;
    time->tv_nsec = us % SECOND_US * 1000;
    return 0;
}

CALL(int, clock_getcpuclockid, pid_t pid, clockid_t *clock)
{
    *clock = CPU_OF_PROCESS + (pid ? pid : fiber_process());
    return 0;
}

CALL(int, pthread_getcpuclockid, pthread_t thread, clockid_t *clock)
{
    *clock = CPU_OF_THREAD + (int) thread - 1;
    return 0;
}

CALL(gint64, g_get_monotonic_time, void)
{
    return clock_us(CLOCK_MONOTONIC);
}

CALL(GDateTime *, g_date_time_new_now_local, void)
{
    int64_t us = clock_us(CLOCK_REALTIME);
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_local(us / SECOND_US);

    return g_date_time_add(second, us % SECOND_US);
}

CALL(int, usleep, useconds_t us)
{
    nap_us(us);
    return 0;
}

CALL(void, g_usleep, gulong us)
{
    nap_us((int64_t) us);
}

/* ---- conditions ---- */

/* Until the clock says so: one that is set, or that stops while the machine sleeps, is asked again.
 */
static int wait_on_clock(const void *key, clockid_t clock, const struct timespec *until)
{
    for (;;) {
        int64_t left = us_of(until) - clock_us(clock);
        if (left <= 0)
            return ETIMEDOUT;
        if (wait_for(key, now_us + left))
            return 0;
    }
}

static int wait_unlocked(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                         const struct timespec *until)
{
    int code = 0;

    point("pthread_cond_wait");
    give_lock(mutex);
    if (until)
        code = wait_on_clock(condition, clock, until);
    else
        wait_for(condition, -1);
    take_lock(mutex);
    return code;
}

CALL(int, pthread_condattr_init, pthread_condattr_t *attributes)
{
    memset(attributes, 0, sizeof(*attributes));
    return 0;
}

CALL(int, pthread_condattr_destroy, pthread_condattr_t *attributes)
{
    (void) attributes;
    return 0;
}

CALL(int, pthread_condattr_setclock, pthread_condattr_t *attributes, clockid_t clock)
{
    memcpy(attributes, &clock, MIN(sizeof(clock), sizeof(*attributes)));
    return 0;
}

CALL(int, pthread_cond_init, pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    memset(condition, 0, sizeof(pthread_cond_t));
    if (attributes)
        memcpy(condition, attributes, sizeof(*attributes));
    return 0;
}

CALL(int, pthread_cond_destroy, pthread_cond_t *condition)
{
    (void) condition;
    return 0;
}

CALL(int, pthread_cond_signal, pthread_cond_t *condition)
{
    wake_one(condition);
    point("pthread_cond_signal");
    return 0;
}

CALL(int, pthread_cond_broadcast, pthread_cond_t *condition)
{
    wake_all(condition);
    point("pthread_cond_broadcast");
    return 0;
}

CALL(int, pthread_cond_wait, pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return wait_unlocked(condition, mutex, CLOCK_MONOTONIC, NULL);
}

CALL(int, pthread_cond_clockwait, pthread_cond_t *condition, pthread_mutex_t *mutex,
     clockid_t clock, const struct timespec *until)
{
    return wait_unlocked(condition, mutex, clock, until);
}

CALL(int, pthread_cond_timedwait, pthread_cond_t *condition, pthread_mutex_t *mutex,
     const struct timespec *until)
{
    clockid_t clock = CLOCK_REALTIME;

    memcpy(&clock, condition, sizeof(clock));
    return wait_unlocked(condition, mutex, clock, until);
}

/* ---- semaphores ---- */

typedef struct Count {
    unsigned value;
} Count;

static Count *count_of(sem_t *semaphore)
{
    return (Count *) (void *) semaphore;
}

CALL(int, sem_init, sem_t *semaphore, int shared, unsigned value)
{
    (void) shared;
    memset(semaphore, 0, sizeof(*semaphore));
    count_of(semaphore)->value = value;
    return 0;
}

CALL(int, sem_destroy, sem_t *semaphore)
{
    (void) semaphore;
    return 0;
}

CALL(int, sem_post, sem_t *semaphore)
{
    count_of(semaphore)->value++;
    wake_one(semaphore);
    point("sem_post");
    return 0;
}

CALL(int, sem_wait, sem_t *semaphore)
{
    point("sem_wait");
    while (!count_of(semaphore)->value)
        wait_for(semaphore, -1);
    count_of(semaphore)->value--;
    return 0;
}

/* ---- threads ---- */

typedef struct Start {
    void *(*run)(void *data);
    void *data;
} Start;

static void run_thread(void *user)
{
    Start start = *(Start *) user;

    g_free(user);
    start.run(start.data);
}

CALL(int, pthread_create, pthread_t *thread, const pthread_attr_t *attributes,
     void *(*run)(void *data), void *data)
{
    (void) attributes;
    Start *start = g_new0(Start, 1);
    start->run = run;
    start->data = data;
    *thread = (pthread_t) fiber_start(fiber_process(), "thread", run_thread, start) + 1;
    point("pthread_create");
    return 0;
}

/* No thread of the daemon returns a value that is asked for. */
CALL(int, pthread_join, pthread_t thread, void **result)
{
    if (result)
        *result = NULL;
    point("pthread_join");
    fiber_join((int) thread - 1);
    return 0;
}

CALL(int, pthread_timedjoin_np, pthread_t thread, void **result, const struct timespec *until)
{
    if (result)
        *result = NULL;
    int64_t left = us_of(until) - clock_us(CLOCK_REALTIME);
    return fiber_join_until((int) thread - 1, now_us + MAX(left, 0)) ? 0 : ETIMEDOUT;
}

CALL(int, pthread_detach, pthread_t thread)
{
    fiber_detach((int) thread - 1);
    return 0;
}

CALL(pthread_t, pthread_self, void)
{
    return (pthread_t) fiber_self() + 1;
}

CALL(int, pthread_setname_np, pthread_t thread, const char *name)
{
    fiber_rename((int) thread - 1, name);
    return 0;
}

/* Signals come to the loop of the main thread alone. */
CALL(int, pthread_sigmask, int how, const sigset_t *set, sigset_t *before)
{
    (void) how, (void) set;
    if (before)
        sigemptyset(before);
    return 0;
}

CALL(int, pthread_once, pthread_once_t *once, void (*run)(void))
{
    enum { NOT_YET, RUNS, DONE };

    while (*once == RUNS)
        wait_for(once, -1);
    if (*once == DONE)
        return 0;
    *once = RUNS;
    run();
    *once = DONE;
    wake_all(once);
    return 0;
}

/* ---- chance ---- */

/* 32 bits; what is plain differs from call to call, as names must that are made of it. */
static uint32_t draw_32(void)
{
    static uint32_t calls;
    uint32_t high = pick(ACTOR_DAEMON, 1 << 16);

    return (high << 16 | pick(ACTOR_DAEMON, 1 << 16)) + ++calls;
}

CALL(guint32, g_random_int, void)
{
    return draw_32();
}

CALL(gdouble, g_random_double, void)
{
    return pick(ACTOR_DAEMON, 1 << 16) / 65536.0;
}

CALL(ssize_t, getrandom, void *to, size_t size, unsigned flags)
{
    (void) flags;
    for (size_t i = 0; i < size; i += sizeof(uint32_t)) {
        uint32_t drawn = draw_32();
        memcpy((char *) to + i, &drawn, MIN(sizeof(drawn), size - i));
    }
    return (ssize_t) size;
}
