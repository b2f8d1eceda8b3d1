/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger_internal.h - the inside of the ledger, for the files of this room only. */
#pragma once

#include <pthread.h>

#include "daemon/ledger/database.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/schema.h"

struct Ledger {
    pthread_mutex_t lock;
    Database *db;
    int recovered;
    bool fresh;
    char *damaged_copy;
    char tag[24];
    FileKey key;                 /* does not change after the ledger was opened */
    int64_t earlier_lifetime_ms; /* in earlier runs */
    int64_t opened_ms;
};

/* The state that such a word in the tables names. */
LedgerState ledger_state_of(const char *word);

/* From a row of the columns that schema.c calls ROW; others may follow them. */
enum { LEDGER_ROW_COLUMNS = 16 };
void ledger_read_row(DatabaseRow *from, LedgerRow *row);

/* Appends the rows of a statement of these columns, of which database_first() has read the first,
 * and finishes the statement. Under the lock, as all that follows. */
bool ledger_read_rows(Ledger *ledger, DatabaseRow *row, bool found, GArray *rows, Error **err);

/* When the next row of a folder is due after `now`, by statement `which`; INT64_MAX: none is. */
bool ledger_read_next_due(Ledger *ledger, Sql which, const char *folder, int64_t now,
                          int64_t *next_ms, Error **err);

/* ledger_find() without taking the lock. */
bool ledger_find_row(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                     bool *found, Error **err);

/* How long a hotfolder has had this ledger open, in ms: the time by which history ages. Wall time
 * jumps, and the boot clock starts again at each boot. */
int64_t ledger_lifetime_ms(const Ledger *ledger);

/* Stores it. Without the last call of a run, history is a little too young, no more. */
void ledger_remember_age(Ledger *ledger, Error **err);
