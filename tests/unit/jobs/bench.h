/* bench.h - one folder, a ledger in memory, and the dispatcher with children that decode
 * nothing and misbehave on demand (tests/tools/fake_worker.c). */
#pragma once

#include "daemon/jobs/dispatch.h"
#include "tests/unit/check.h"

enum { LIMIT_MS = 60 * 1000 };

typedef struct Bench {
    char *dir, *in, *out;
    ProfileText profile;
    Folder folder;
    Settings *settings;
    Ledger *ledger;
    Health *health;
    JobContext context;
    Dispatch *dispatch;
} Bench;

int set_up(void **state);
int tear_down(void **state);

/* From now on one worker does it all; before start(). */
void have_one_worker(Bench *bench);

/* A file that passes for a whole JPEG, and its row in the ledger. */
void drop(const Bench *bench, const char *name);
void start(const Bench *bench);
LedgerCounts counts(const Bench *bench);

/* Turns the dispatcher until `enough`; false when that did not come in time. */
bool turn_until(const Bench *bench, bool (*enough)(const Bench *bench));
bool all_ended(const Bench *bench);
bool is_held(const Bench *bench);
bool one_in_work(const Bench *bench);
