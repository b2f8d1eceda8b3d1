/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.h - one folder, a ledger in memory, and the dispatcher with workers that decode nothing and
 * misbehave on demand (tests/tools/fake_worker.c). */
#pragma once

#include <sys/resource.h>

#include "daemon/jobs/dispatch.h"
#include "tests/unit/check.h"
#include "tests/unit/take.h"

enum {
    LIMIT_MS = 60 * 1000, /* what takes longer fails */
    HOUR_MS = 3600 * 1000,
};

typedef struct Bench {
    char *dir, *in, *out;
    ProfileText profile;
    Folder folder;
    Folder other; /* see have_other_folder() */
    Settings *settings;
    Ledger *ledger;
    Health *health;
    JobTimes times; /* the pauses that tests have to wait for are short */
    JobContext context;
    Dispatch *dispatch;
    atomic_int ends, deaths, unrecorded; /* of attempts: how many there were */
} Bench;

int set_up(void **state);
int tear_down(void **state);

/* One worker does it all; before start(). */
void have_one_worker(Bench *bench);

/* A second folder with the same settings: bench->other, and its directory. Before start(). */
void have_other_folder(Bench *bench);

/* The ledger lies in a file from now on; before start(). */
void have_ledger_file(Bench *bench);

/* No file can be written until *before, the limit up to now, is set again. */
void fill_disk(struct rlimit *before);

/* The daemon's clock_ms() goes forward at once. */
void pass_time(int64_t ms);

/* A file that passes for a whole JPEG, and its row in the ledger: in the folder, in another one,
 * one with these bytes, and `count` of them: PREFIX00.jpg, PREFIX01.jpg, ... */
void drop(const Bench *bench, const char *name);
void drop_into(const Bench *bench, const Folder *folder, const char *name);
void drop_bytes(const Bench *bench, const Folder *folder, const char *name, const void *bytes,
                size_t count);
void drop_many(const Bench *bench, const char *prefix, int count);

/* The same for files that pass for a whole HEIC and a whole JPEG 2000. */
void drop_heic(const Bench *bench, const char *name);
void drop_jp2(const Bench *bench, const char *name);

void start(const Bench *bench);

/* Turns the dispatcher once; returns when the next turn is due at the latest. */
int64_t turn(const Bench *bench);

/* Turns the dispatcher until `enough`; false when that did not come in time. */
bool turn_until(const Bench *bench, bool (*enough)(const Bench *bench));
bool all_ended(const Bench *bench);
bool is_held(const Bench *bench);
bool one_is_done(const Bench *bench);

/* The watcher finds a file of that name, and the dispatcher does what is due. After start(). */
void find_file(const Bench *bench, const char *name);

/* For pictures called gate*: whether a worker has come to the gate, and letting all through. */
bool at_gate(const Bench *bench);
void open_gate(const Bench *bench);

/* Drops these pictures, starts, and turns until all have ended. */
void run_pictures(const Bench *bench, const char *const *names);
#define run(bench, ...) run_pictures(bench, (const char *const[]){ __VA_ARGS__, NULL })

/* The same with what was dropped before. */
void run_dropped(const Bench *bench);

LedgerCounts counts(const Bench *bench);
void check_ended(const Bench *bench, int done, int failed);

/* What failed/NAME.txt says, newly allocated; it must be there. */
char *report_of(const Bench *bench, const char *name);

/* Checks that it says each of these. */
void check_report(const Bench *bench, const char *name, const char *const *texts);
#define report_says(bench, name, ...)                                                              \
    check_report(bench, name, (const char *const[]){ __VA_ARGS__, NULL })
