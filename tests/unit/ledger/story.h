/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* story.h - a random sequence of calls of a ledger, each compared with the reference.
 *
 * The ledger is known by what ledger_open() gets, and by nothing else of its engine. Time passes
 * only where the story says so. */
#pragma once

#include "tests/unit/ledger/bench.h"
#include "tests/unit/ledger/reference.h"

enum { HOUR_MS = 3600 * 1000 };

typedef struct Story {
    guint32 seed;
    bool shown; /* print each line at once */
    GRand *rand;
    GString *lines; /* one for each call */
    char *dir, *spec;
    int crashes;
    Ledger *ledger;
    Reference *reference;
    GArray *holders;    /* of LedgerRow: as they were taken, now or long ago */
    GArray *seen;       /* of LedgerRow: as they were read */
    GHashTable *tokens; /* of all takes */
    int names;          /* of pictures; with few of them more happens to each */
    int files, delays;
} Story;

/* ---- telling ---- */

/* 0 to below `below`. */
int pick(Story *story, int below);
void say(Story *story, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Prints the story up to here, and fails the test. */
void differs(Story *story, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;

const char *some_folder(Story *story);
const char *some_source(Story *story);
FileId some_new_file(Story *story);
FileId some_known_file(Story *story);
int64_t some_delay(Story *story); /* above 0; two are never the same */
Error *some_reason(Story *story); /* newly allocated */

/* A copy with its own texts. */
void remember(GArray *rows, const LedgerRow *row);

/* ---- comparing (story_check.c) ---- */

void check_number(Story *story, const char *what, int64_t is, int64_t should);
void check_text(Story *story, const char *what, const char *is, const char *should);

/* Of two delays. */
void check_time(Story *story, const char *what, int64_t is, int64_t should);

/* A call without a row must succeed; one with a row that was taken must do so if it is ours, and
 * else say that it is taken. */
void check_done(Story *story, bool ok, const Error *error);
void check_answer(Story *story, bool ours, bool ok, const Error *error);

void check_row(Story *story, const LedgerRow *is, const ReferenceRow *should);

/* What the ledger has under a name. */
void check_key(Story *story, const char *folder, const char *source);

/* What it answers to every question. */
void check_counts(Story *story, const char *folder);
void check_all(Story *story);

/* Compares the rows of a take; the story holds them from now on. */
void receive(Story *story, const GPtrArray *should, GArray *rows);

/* The story holds the row from now on, which it took itself. */
void hold(Story *story, const LedgerRow *row);

/* Every answer of answers.h (story_answers.c). */
void check_answers(Story *story);

/* ---- calls (story_job.c, story_intake.c, story_steering.c) ---- */

/* Of a row that was taken, once. */
void use_row(Story *story);

/* Takes all rows that are due, of every kind. */
void take_all(Story *story);
void take_some(Story *story);
void take_unmoved(Story *story);

/* Everything else. */
void do_intake(Story *story);
void do_unmoved(Story *story);
void do_history(Story *story);
void do_steering(Story *story);

/* Of a row that was taken. */
void reopen_row(Story *story, LedgerRow *row);

/* NULL: none was read yet. */
const LedgerRow *some_seen(Story *story);

/* ---- the ledger, its restarts, and time (story.c) ---- */

void story_begin(Story *story, guint32 seed, bool shown);
void story_end(Story *story);

/* Closes the ledger and opens it; or is killed, and opens what is on the disk then. */
void restart(Story *story);
void let_time_pass(Story *story, int hours);
