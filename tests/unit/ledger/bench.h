/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ledger for tests of this room: in a file, or in memory. */
#pragma once

#include "daemon/ledger/ledger.h"
#include "tests/unit/check.h"
#include "tests/unit/take.h"

/* A ledger in a file. */
typedef struct Bench {
    char *dir, *path;
    Ledger *ledger;
} Bench;

/* A directory of its own, and the path of the ledger in it, which is not there yet. */
Bench *bench_new(void);

/* Closes the ledger, if it is open, and opens it. */
void reopen(Bench *bench);

/* Lets time pass for everything that asks clock_ms() or clock_wall_ms(). */
void pass_time(int64_t ms);

/* A person, or NTP, sets the wall clock by so much. */
void step_wall_clock(int64_t ms);

/* From now on only pass_time() does. */
void stop_time(void);

/* A file that no other number has. */
FileId file_number(int number);

/* Offers it under this name in the folder "inbox"; how many rows are new work. */
int offer_file(const Bench *bench, const char *source, FileId file);

/* Takes the first row that is due, retries first; and begins its attempt. Its folder is named, its
 * source is not. */
LedgerRow take_first(const Bench *bench);
LedgerRow begin_first(const Bench *bench);

LedgerCounts count_rows(const Bench *bench);

/* How SQLite would run the statement, a line for each step; newly allocated. */
char *plan_of(const char *sql);

/* For tests whose state is a Bench. */
int set_up(void **state);
int tear_down(void **state);

/* For tests whose state is a Ledger in memory. */
int set_up_memory(void **state);
int tear_down_memory(void **state);
