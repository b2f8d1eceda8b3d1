/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chance.h - the one door through which chance enters a history.
 *
 * 0 is always the plain thing: no switch, no fault, no delay, the usual value. So a history whose
 * lists are empty is the plainest one, and a shorter list is a plainer history. Each actor has a
 * list of its own, so that cutting one list does not shift the others. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum Actor {
    ACTOR_PLAN,     /* what the history is made of: pictures, people, which faults are on, kills */
    ACTOR_SCHEDULE, /* which fiber goes on, and when one is interrupted */
    ACTOR_DISK,     /* faults, delays and order of what disks do; what a power cut leaves */
    ACTOR_EVENTS,   /* inotify: lost, doubled, late, shuffled */
    ACTOR_WORKER,   /* what workers do: how long, dies, hangs, lies */
    ACTOR_DAEMON,   /* chance that the daemon asks for (g_random_*, getrandom, SQLite's) */
    ACTOR_SENDER,
    ACTOR_RENAMER,
    ACTOR_READER,
    ACTOR_ADMINISTRATOR,
    ACTORS
} Actor;

extern const char *const chance_actors[ACTORS]; /* their names, as in a file of lists */

/* One of 0 .. n-1; n is at least 1. With one it is 0 and uses no pick. */
unsigned pick(Actor actor, unsigned n);

/* True once in n times; n == 0: never, and uses no pick. A pick of 0 is false. */
bool once_in(Actor actor, unsigned n);

typedef struct ChanceList {
    unsigned *picks; /* the history's; chance.c owns it */
    long length, room;
} ChanceList;

/* Begins a history: picks are drawn from `seed` and recorded. */
void chance_seed(uint64_t seed);

/* Begins a history that repeats the lists as they are: where one has ended, picks are 0. A pick
 * that is too large for its place counts modulo n. */
void chance_replay(void);

/* The lists of the last history; a caller may change them before chance_replay(). */
ChanceList *chance_list(Actor actor);

/* A file of lists: a line "ACTOR: 0 3 0 1" each, '#' begins a comment. False with a message on
 * standard error. */
bool chance_write(FILE *file);
bool chance_read(FILE *file);
