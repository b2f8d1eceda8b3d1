/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* schedule.h - fibers instead of threads, and one clock.
 *
 * All of the world runs in one thread. A fiber belongs to a process; only at a point() or while it
 * waits does another one go on, and which one is a pick of ACTOR_SCHEDULE. Time passes only by
 * point() (a little) and when every fiber waits (up to the first that is due). The C library's
 * threads, mutexes, conditions, semaphores and clocks of the daemon are made of these (threads.c).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A process, and what belongs to it: fibers, descriptors, locks. Any number above 0 (its pid). */
typedef int ProcessId;
enum { PROCESS_WORLD = 1, PROCESS_DAEMON = 100, PROCESS_WORKERS = 1000 /* and up, never reused */ };

extern int64_t now_us;   /* since the world's start: the clock of boots */
extern int64_t wall_us;  /* what is to be added for the time of day; an administrator may set it */
extern int64_t slept_us; /* of it the machine slept: CLOCK_MONOTONIC stood still */
extern long steps;       /* points passed: how long a history is */
extern unsigned hurry;   /* a fiber is interrupted once in so many points; 0: never */

/* Begins a world without fibers, at the time 1 s. */
void schedule_reset(void);

/* Starts a fiber; returns its number, which is reused after fiber_join() or the process's end. It
 * first runs when the scheduler takes it. name: static, for what is said. */
int fiber_start(ProcessId process, const char *name, void (*run)(void *user), void *user);

/* Waits for its end. The second: false where the time is over before it. */
void fiber_join(int fiber);
bool fiber_join_until(int fiber, int64_t until_us);
void fiber_detach(int fiber); /* no one joins it */
bool fiber_done(int fiber);

int fiber_self(void);          /* -1: none, the history's main program */
ProcessId fiber_process(void); /* of the one that runs; PROCESS_WORLD where none does */
const char *fiber_name(int fiber);
void fiber_rename(int fiber, const char *name); /* copies 15 characters */

/* What it used of a processor: its points. The second: of those that the process still has. */
int64_t fiber_cpu_us(int fiber);
int64_t process_cpu_us(ProcessId process);

/* A place where others may go on, and where the daemon may be killed. `what`: static, the call. */
void point(const char *what);

/* Waits for wake_*() with the same key, or until `until_us` on now_us (negative: for ever). False:
 * the time is over. */
bool wait_for(const void *key, int64_t until_us);
void wake_all(const void *key);
void wake_one(const void *key); /* which one: a pick */
void nap_us(int64_t us);

/* Fibers of this process are no more; what they hold on their stacks is lost, as in a kill -9. Does
 * not return to one of them. */
void schedule_kill(ProcessId process);

typedef enum Ending {
    ENDING_STOPPED, /* schedule_stop() was called */
    ENDING_KILL,    /* the daemon has come to the point at which it is to be killed */
    ENDING_STUCK,   /* every fiber waits for ever */
    ENDING_LATE,    /* the limit of time is reached */
} Ending;

/* Runs fibers until one of these. kill_at: the number of steps at which the next point() of
 * PROCESS_DAEMON returns ENDING_KILL; 0: never. It can be called again after each. */
Ending schedule_run(int64_t limit_us, long kill_at);
void schedule_sleep(int64_t us); /* the machine sleeps for this time */
void schedule_stop(void);        /* schedule_run() returns at the next switch */

/* Calls `each` for fibers that wait: for the message of ENDING_STUCK. */
void schedule_each_waiting(void (*each)(void *user, const char *name, const char *last_point,
                                        int64_t until_us),
                           void *user);

/* ---- locks, for judges ---- */

/* How many mutexes the running fiber holds: the rule "a lock is never held across a call that can
 * hang" asks it. *name: the point at which the last of them was taken. */
int locks_held(const char **name);
void locks_changed(int by); /* threads.c says so of the running fiber */
