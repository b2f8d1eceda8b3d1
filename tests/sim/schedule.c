/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fibers with stacks of their own, and the clock that goes on with them. */
#include "tests/sim/schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/sim/chance.h"
#include "tests/sim/image.h"
#include "tests/sim/story.h"

enum { FIBERS = 256, STACK = 512 * 1024, GUARD = 4096, TLS_MOST = 8192, NAME = 16 };
enum { POINT_US = 20, TURN_POINTS = 500 /* after so many the next one has its turn */ };

typedef struct Fiber {
    ucontext_t at;
    char *stack, *tls;
    void (*run)(void *user);
    void *user;
    int64_t until_us;      /* of a wait; INT64_MAX: for ever */
    const void *key;       /* of a wait */
    const char *last;      /* the point that it passed last */
    const char *last_lock; /* the point at which it took the last of its locks */
    int64_t cpu_us;
    int locks;         /* how many it holds */
    int code;          /* errno */
    ProcessId process; /* 0: it is free */
    bool runs, done, detached, timed_out;
    char name[NAME];
} Fiber;

static Fiber fibers[FIBERS];
static char first_tls[TLS_MOST];
static ucontext_t top;
static int current = -1, last_run = -1;
static int made; /* of `fibers` those that were used since the world began: the rest is free */
static bool stopping, killed;
static long kill_step, turn;
static int64_t limit;

int64_t now_us, wall_us, slept_us;
long steps;
unsigned hurry;

void schedule_reset(void)
{
    for (int i = 0; i < made; i++)
        fibers[i].process = 0;
    made = 0;
    if (image_tls_size() > TLS_MOST)
        abort();
    if (image_tls_size())
        memcpy(first_tls, image_tls(), image_tls_size());
    now_us = 1000000;
    wall_us = slept_us = 0;
    steps = kill_step = 0;
    hurry = 0;
    stopping = killed = false;
    current = last_run = -1;
}

int fiber_self(void)
{
    return current;
}

ProcessId fiber_process(void)
{
    return current < 0 ? PROCESS_WORLD : fibers[current].process;
}

const char *fiber_name(int fiber)
{
    return fiber < 0 ? "main" : fibers[fiber].name;
}

void fiber_rename(int fiber, const char *name)
{
    if (fiber >= 0)
        snprintf(fibers[fiber].name, NAME, "%s", name);
}

/* ---- switches ---- */

static void exchange(ucontext_t *from, const ucontext_t *to)
{
    swapcontext(from, to); // cppcheck-suppress swapcontextCalled ; threads are what it replaces
}

static void leave(void)
{
    Fiber *fiber = &fibers[current];

    fiber->code = errno;
    exchange(&fiber->at, &top);
    errno = fiber->code;
}

static void enter(void)
{
    Fiber *fiber = &fibers[current];

    fiber->run(fiber->user);
    fiber->done = true;
    fiber->runs = false;
    if (fiber->detached)
        fiber->process = 0;
    wake_all(fiber);
    exchange(&fiber->at, &top);
    abort();
}

static char *new_stack(void)
{
    char *stack = aligned_alloc(GUARD, STACK);

    if (!stack || mprotect(stack, GUARD, PROT_NONE))
        abort();
    return stack;
}

static int free_fiber(void)
{
    for (int i = 0; i < FIBERS; i++)
        if (!fibers[i].process && i != current) {
            made = i < made ? made : i + 1;
            return i;
        }
    tell("there are too many fibers");
    abort();
}

int fiber_start(ProcessId process, const char *name, void (*run)(void *user), void *user)
{
    int index = free_fiber();
    Fiber *fiber = &fibers[index];
    char *stack = fiber->stack ? fiber->stack : new_stack();

    memset(fiber, 0, sizeof(*fiber));
    fiber->stack = stack;
    fiber->tls = stack + STACK - TLS_MOST;
    fiber->process = process;
    fiber->run = run;
    fiber->user = user;
    fiber->runs = true;
    fiber->until_us = INT64_MAX;
    fiber->last = "its start";
    snprintf(fiber->name, NAME, "%s", name);
    memcpy(fiber->tls, first_tls, image_tls_size());
    getcontext(&fiber->at); // cppcheck-suppress getcontextCalled
    fiber->at.uc_stack.ss_sp = stack;
    fiber->at.uc_stack.ss_size = STACK - TLS_MOST;
    fiber->at.uc_link = NULL;
    makecontext(&fiber->at, enter, 0); // cppcheck-suppress makecontextCalled
    return index;
}

bool fiber_done(int fiber)
{
    return fibers[fiber].done;
}

void fiber_join(int fiber)
{
    while (!fibers[fiber].done)
        wait_for(&fibers[fiber], -1);
    fibers[fiber].process = 0;
}

bool fiber_join_until(int fiber, int64_t until_us)
{
    while (!fibers[fiber].done)
        if (!wait_for(&fibers[fiber], until_us))
            return false;
    fibers[fiber].process = 0;
    return true;
}

void fiber_detach(int fiber)
{
    fibers[fiber].detached = true;
    if (fibers[fiber].done)
        fibers[fiber].process = 0;
}

/* ---- points and waits ---- */

void point(const char *what)
{
    if (current < 0)
        return;
    Fiber *fiber = &fibers[current];
    fiber->last = what;
    fiber->cpu_us += POINT_US;
    now_us += POINT_US;
    steps++;
    story_mix((uint64_t) current);
    for (const char *at = what; *at; at++)
        story_mix((unsigned char) *at);
    if (kill_step && fiber->process == PROCESS_DAEMON && steps >= kill_step) {
        killed = true;
        leave();
    } else if (once_in(ACTOR_SCHEDULE, hurry) || ++turn >= TURN_POINTS || now_us > limit) {
        leave();
    }
}

static void wake(Fiber *fiber, bool timed_out)
{
    fiber->runs = true;
    fiber->timed_out = timed_out;
    fiber->key = NULL;
    fiber->until_us = INT64_MAX;
}

/* The history's main program can't wait: what it asks for must be there. */
bool wait_for(const void *key, int64_t until_us)
{
    if (current < 0) {
        tell("the main program would wait for ever");
        abort();
    }
    Fiber *fiber = &fibers[current];
    fiber->key = key;
    fiber->until_us = until_us < 0 ? INT64_MAX : until_us;
    fiber->runs = false;
    leave();
    return !fiber->timed_out;
}

static bool waits(const Fiber *fiber, const void *key)
{
    return key && fiber->process && !fiber->done && !fiber->runs && fiber->key == key;
}

void wake_all(const void *key)
{
    for (int i = 0; i < made; i++)
        if (waits(&fibers[i], key))
            wake(&fibers[i], false);
}

void wake_one(const void *key)
{
    int which[FIBERS];
    unsigned count = 0;

    for (int i = 0; i < made; i++)
        if (waits(&fibers[i], key))
            which[count++] = i;
    if (count)
        wake(&fibers[which[pick(ACTOR_SCHEDULE, count)]], false);
}

void nap_us(int64_t us)
{
    if (current < 0)
        now_us += us;
    else
        wait_for(NULL, now_us + us);
}

void schedule_kill(ProcessId process)
{
    bool own = current >= 0 && fibers[current].process == process;

    for (int i = 0; i < made; i++)
        if (fibers[i].process == process)
            fibers[i].process = 0;
    if (own)
        leave();
}

/* ---- the scheduler ---- */

/* Those that can run, the one after the last first; those whose time has come wake. */
static unsigned find_ready(int ready[FIBERS], int64_t *soonest)
{
    unsigned count = 0;

    *soonest = INT64_MAX;
    for (int k = 1; k <= made; k++) {
        int i = (last_run + k + made) % made;
        Fiber *fiber = &fibers[i];
        if (!fiber->process || fiber->done)
            continue;
        if (!fiber->runs && fiber->until_us <= now_us)
            wake(fiber, true);
        if (fiber->runs)
            ready[count++] = i;
        else if (fiber->until_us < *soonest)
            *soonest = fiber->until_us;
    }
    return count;
}

static void run_fiber(int index)
{
    Fiber *fiber = &fibers[index];
    unsigned long size = image_tls_size();

    current = last_run = index;
    turn = 0;
    memcpy(image_tls(), fiber->tls, size);
    exchange(&top, &fiber->at);
    memcpy(fiber->tls, image_tls(), size);
    current = -1;
}

Ending schedule_run(int64_t limit_us, long kill_at)
{
    int ready[FIBERS];
    int64_t soonest = 0;

    limit = limit_us;
    kill_step = kill_at;
    stopping = killed = false;
    while (!stopping && !killed) {
        unsigned count = find_ready(ready, &soonest);
        if (!count && soonest == INT64_MAX)
            return ENDING_STUCK;
        if (now_us > limit || (!count && soonest > limit))
            return ENDING_LATE;
        if (!count)
            now_us = soonest;
        else
            run_fiber(ready[pick(ACTOR_SCHEDULE, count)]);
    }
    return killed ? ENDING_KILL : ENDING_STOPPED;
}

void schedule_stop(void)
{
    stopping = true;
}

void schedule_sleep(int64_t us)
{
    now_us += us;
    slept_us += us;
}

void schedule_each_waiting(void (*each)(void *user, const char *name, const char *last_point,
                                        int64_t until_us),
                           void *user)
{
    for (int i = 0; i < made; i++) {
        const Fiber *fiber = &fibers[i];
        if (fiber->process && !fiber->done && !fiber->runs)
            each(user, fiber->name, fiber->last, fiber->until_us);
    }
}

int64_t fiber_cpu_us(int fiber)
{
    return fiber < 0 ? 0 : fibers[fiber].cpu_us;
}

int64_t process_cpu_us(ProcessId process)
{
    int64_t sum = 0;

    for (int i = 0; i < made; i++)
        if (fibers[i].process == process)
            sum += fibers[i].cpu_us;
    return sum;
}

/* ---- locks ---- */

void locks_changed(int by)
{
    if (current < 0)
        return;
    fibers[current].locks += by;
    if (by > 0)
        fibers[current].last_lock = fibers[current].last;
}

int locks_held(const char **name)
{
    *name = current < 0 ? NULL : fibers[current].last_lock;
    return current < 0 ? 0 : fibers[current].locks;
}
