/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answers.h - what the ledger tells people. Nothing is changed.
 *
 * Each question reads few rows, found by an index, also where the ledger has 100,000. Any thread;
 * errors as ledger.h says. */
#pragma once

#include "daemon/ledger/steering.h"

/* A row, with what people ask of it. */
typedef struct LedgerEntry {
    LedgerRow row;
    bool present; /* its file lies in the folder, as far as the ledger knows */
    bool held;    /* it was taken: a worker has it, or will in a moment */
    int64_t arrived_wall_ms, changed_wall_ms;
    int64_t retry_ms;        /* until it is due, of one that waits; 0: it is due, or has ended */
    Error *why;              /* the error that was recorded last; NULL: none */
    LedgerOriginal original; /* of an ended one */
    bool unmoved;            /* its original could not be moved, and is tried again */
    char *report;            /* which says that the original stays, in the folder; NULL: none */
    char *profile;           /* which made its outputs; NULL: none has, or it is not known */
    uint64_t profile_hash;   /* ProfileText.hash */
    int outputs;             /* that were made */
    bool duplicate;          /* done without outputs, as its content was finished before */
    char *duplicate_of;      /* which had that content, in the folder; NULL: it is not known */
    char *cancelled_by;      /* of a cancelled one; else NULL */
    int64_t cancelled_wall_ms;
    CancelReason cancelled_why;
} LedgerEntry;

void ledger_entry_clear(LedgerEntry *entry);

/* An empty array of LedgerEntry, which clears them. */
GArray *ledger_entries_new(void);

/* The following append entries (of LedgerEntry). */

/* The row of this number, if there is one. */
bool ledger_entry(Ledger *ledger, int64_t id, GArray *entries, Error **err);

/* What had this name in the folder, the newest first. */
bool ledger_history(Ledger *ledger, const char *folder, const char *source, int limit,
                    GArray *entries, Error **err);

/* What was made of this very file in the folder, whatever its name was, the newest first. */
bool ledger_of_file(Ledger *ledger, const char *folder, const FileId *file, GArray *entries,
                    Error **err);

/* Of each name in the folder what had it last, by name, from behind `after` ("": the first) on. */
bool ledger_newest(Ledger *ledger, const char *folder, const char *after, int limit,
                   GArray *entries, Error **err);

/* How many names it has. Reads an index of all pictures of the folder. */
bool ledger_count_names(Ledger *ledger, const char *folder, int64_t *count, Error **err);

/* What made an output of this name (relative to the folder's output directory), the newest first.
 */
bool ledger_made(Ledger *ledger, const char *folder, const char *path, int limit, GArray *entries,
                 Error **err);

typedef struct LedgerQuery {
    const char *folder;    /* NULL: any */
    unsigned states;       /* 1 << LEDGER_...; 0: any */
    int64_t since_wall_ms; /* it has changed since; 0: at any time */
    const char *reason;    /* the kind of its error, as error_kind_word(), or a part of its text
                              without regard to the case of ASCII letters; NULL: any or none */
    int64_t before_wall_ms, before_id; /* of the last entry of the page before; 0: none */
    int limit;
} LedgerQuery;

/* What fits, the newest change first. */
bool ledger_list(Ledger *ledger, const LedgerQuery *query, GArray *entries, Error **err);

/* How many fit, behind the page before; query->limit has no effect. Reads an index, or with a
 * reason every row that has an error. */
bool ledger_count_list(Ledger *ledger, const LedgerQuery *query, int64_t *count, Error **err);

/* Appends the outputs of a row (of LedgerOutput), in whatever state: of one that is neither
 * publishing nor done some were not published. */
bool ledger_outputs_of(Ledger *ledger, int64_t id, GArray *outputs, Error **err);

/* How many rows of each state are below a directory of the folder; "": all. Duplicates are counted
 * for a whole folder only. */
bool ledger_summary(Ledger *ledger, const char *folder, const char *dir, LedgerCounts *counts,
                    Error **err);

/* How many pictures of its folder begin before a queued one that is due, in `order`; `most` where
 * there are more. Those that are tried again, and those that met a hold, come between them. */
bool ledger_count_before(Ledger *ledger, const LedgerRow *row, Order order, int most,
                         int64_t *before, Error **err);

/* The picture that waits for the longest time, newly allocated, and since when; NULL: none waits.
 * Of those that wait for a time, or met a hold, a thousand are looked at. */
bool ledger_oldest_queued(Ledger *ledger, const char *folder, char **source,
                          int64_t *arrived_wall_ms, Error **err);
