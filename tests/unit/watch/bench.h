/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.h - a hot folder with the real watcher's thread in it, and ways to wait for it.
 *
 * Waiting is for a condition, with an end after BENCH_WAIT_S; that something does not happen is
 * seen by a sentinel: a picture dropped after it, whose offer proves that everything before it was
 * checked. */
#pragma once

#include "tests/unit/sample.h"
#include "tests/unit/watch/fakes.h"

enum { BENCH_WAIT_S = 20 };

typedef struct Bench {
    char *dir;     /* everything is in here */
    char *inbox;   /* dir/inbox, watched as the folder "inbox" */
    char *photo;   /* dir/photo.jpg: whole */
    uint64_t hash; /* of its content */
    Settings *settings;
    Intake *intake;
    Health *health;
    Watch *watch; /* NULL before bench_start() */
    int sentinels;
} Bench;

int bench_setup(void **state);
int bench_teardown(void **state);

/* The only folder, to be changed before the start. */
Folder *bench_folder(Bench *bench);
void bench_start(Bench *bench);

/* Starts, and waits until everything was scanned. */
void bench_start_scanned(Bench *bench);

/* dir/inbox/NAME, or dir/NAME for ../NAME even while the inbox is renamed; newly allocated. */
char *bench_path(const Bench *bench, const char *name);

/* Puts the photo there, by a rename from beside the inbox. */
void bench_drop(Bench *bench, const char *name);
void bench_write(Bench *bench, const char *name, const void *data, size_t length);
void bench_mkdir(Bench *bench, const char *name);

/* Waits until the condition holds, and fails the test when it never does. */
#define BENCH_WAIT(condition)                                                                      \
    for (int64_t bench_until = bench_deadline(); !(condition);)                                    \
    bench_pause(bench_until, #condition)
int64_t bench_deadline(void);
void bench_pause(int64_t until, const char *condition);

/* Drops another picture and waits for its offer. */
void bench_sentinel(Bench *bench);

/* Waits until `name` is offered, once, whole. */
void bench_await(Bench *bench, const char *name);

/* How many files are pending, or ignored, for this reason. */
int bench_pending(Bench *bench, const char *reason);
int bench_ignored(Bench *bench, const char *reason);
int bench_directories(Bench *bench);

/* The files of one reason among rows of ReasonCount. */
int bench_count(const GArray *rows, const char *reason);

/* Runs a program found in PATH; false when it isn't installed. */
#define bench_run(...) bench_run_all((const char *const[]){ __VA_ARGS__, NULL })
bool bench_run_all(const char *const *arguments);
