/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sqlite_internal.h - a ledger in one SQLite file, for the files of this engine only.
 *
 * WAL, synchronous=FULL, one connection, one lock around every call. One process has the file: a
 * row that is held when it is opened is held by no one. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/ledger/database.h"
#include "daemon/ledger/ledger_internal.h"
#include "daemon/ledger/schema.h"

typedef struct SqliteChange SqliteChange;

typedef struct SqliteLedger {
    Ledger common;
    pthread_mutex_t lock;
    Database *db;
    atomic_int coming;           /* threads on their way into the lock, to make a change */
    int changes;                 /* in the open transaction */
    int most;                    /* of them: the first one waits for all */
    SqliteChange *waiting;       /* those whose threads wait until it is committed */
    bool limited;                /* one of these waits no longer than the pause */
    bool urgent;                 /* one of the changes is: there is no pause */
    pthread_cond_t committed;    /* it is, or cannot be */
    pthread_t beginner;          /* the thread that began a picture last; */
    int64_t begun_ms;            /* when it did, on clock_ms(); */
    int64_t next_ms;             /* until when another one is expected to */
    int64_t earlier_lifetime_ms; /* in earlier runs */
    int64_t opened_ms;
    int64_t run_last; /* number of the last picture that was taken in since it was opened */
} SqliteLedger;

static inline SqliteLedger *sqlite_of(Ledger *ledger)
{
    return (SqliteLedger *) ledger;
}

/* ---- the engine's table: sqlite_job.c, sqlite_intake.c, sqlite_history.c, sqlite_unmoved.c,
 * sqlite_parts.c, sqlite_steering.c, sqlite_answers.c ---- */

bool sqlite_is_damaged(Ledger *ledger);
bool sqlite_record_crash(Ledger *ledger, const LedgerCrash *crash, const Error *why, Error **err);
bool sqlite_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err);
bool sqlite_find_elsewhere(Ledger *ledger, const char *folder, const char *source,
                           const FileId *file, int64_t born_ms, GArray *rows, Error **err);
bool sqlite_rename(Ledger *ledger, const LedgerRow *row, const char *source, Error **err);
bool sqlite_add(Ledger *ledger, LedgerOffer *offers, unsigned count, int *added, Error **err);
bool sqlite_update_file(Ledger *ledger, const LedgerRow *row, const FileId *file, Error **err);
bool sqlite_take(Ledger *ledger, const LedgerTake *take, GArray *rows, Error **err);
bool sqlite_next_due(Ledger *ledger, const char *folder, int64_t *delay_ms, Error **err);
bool sqlite_begin(Ledger *ledger, LedgerRow *row, LedgerDuplicate *duplicate, Error **err);
bool sqlite_ask(Ledger *ledger, LedgerRow *row, Error **err);
bool sqlite_release(Ledger *ledger, const LedgerRow *row, Error **err);
bool sqlite_defer(Ledger *ledger, const LedgerRow *row, int64_t delay_ms, bool spend,
                  CrashCause crash, const Error *why, Error **err);
bool sqlite_stage(Ledger *ledger, const LedgerRow *row, const GArray *outputs, Error **err);
bool sqlite_publish(Ledger *ledger, const LedgerRow *row, const GArray *outputs,
                    const ProfileText *profile, Error **err);
bool sqlite_read_outputs(Ledger *ledger, const LedgerRow *row, GArray **outputs, Error **err);
bool sqlite_done(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, bool duplicate,
                 Error **err);
bool sqlite_begin_failing(Ledger *ledger, const LedgerRow *row, const Error *why, Error **err);
bool sqlite_fail(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, const Error *why,
                 Error **err);
bool sqlite_requeue(Ledger *ledger, LedgerRow *row, Error **err);
bool sqlite_forget(Ledger *ledger, const LedgerRow *row, Error **err);
bool sqlite_last_error(Ledger *ledger, const LedgerRow *row, Error **why, Error **err);
bool sqlite_has_made(Ledger *ledger, const char *folder, const char *source, const char *path,
                     const FileId *there, bool *made, Error **err);
bool sqlite_is_output(Ledger *ledger, const FileId *file, bool *is, Error **err);
bool sqlite_was_source(Ledger *ledger, const FileId *file, bool *was, Error **err);
bool sqlite_count(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err);
bool sqlite_test_write(Ledger *ledger, Error **err);
bool sqlite_count_unfinished(Ledger *ledger, int64_t *rows, Error **err);
bool sqlite_list_unfinished(Ledger *ledger, GArray *folders, Error **err);
bool sqlite_list_old(Ledger *ledger, const char *folder, int64_t age_ms, LedgerPlace *after,
                     int limit, GArray *rows, Error **err);
bool sqlite_mark_absent(Ledger *ledger, const LedgerRow *row, Error **err);
bool sqlite_prune(Ledger *ledger, int64_t age_ms, int limit, int *pruned, Error **err);
bool sqlite_unmoved_keep(Ledger *ledger, const LedgerRow *row, const char *dir, bool shut,
                         const char *fix, int64_t delay_ms, Error **err);
bool sqlite_unmoved_take(Ledger *ledger, const char *folder, int limit, GArray *rows, Error **err);
bool sqlite_unmoved_forget(Ledger *ledger, const LedgerRow *row, LedgerOriginal original,
                           Error **err);
bool sqlite_unmoved_is_history(Ledger *ledger, const LedgerRow *row, bool *is, Error **err);
bool sqlite_unmoved_make_due(Ledger *ledger, const char *folder, const char *dir, bool *any,
                             Error **err);
bool sqlite_unmoved_read_report(Ledger *ledger, const LedgerRow *row, char **report, Error **err);
bool sqlite_unmoved_set_report(Ledger *ledger, const LedgerRow *row, const char *report,
                               Error **err);
bool sqlite_unmoved_count(Ledger *ledger, const char *folder, int limit, int64_t *originals,
                          GArray **groups, Error **err);
bool sqlite_parts_offer(Ledger *ledger, const PartOffer *offer, PartState *state, Error **err);
bool sqlite_parts_forget(Ledger *ledger, const char *folder, const char *source, Error **err);
bool sqlite_parts_find_shot(Ledger *ledger, const char *folder, const char *shot,
                            ShotPictures *found, Error **err);
bool sqlite_parts_of_others(Ledger *ledger, const LedgerRow *row, GArray *parts, Error **err);
bool sqlite_parts_twin(Ledger *ledger, const LedgerRow *row, LedgerRow *twin, bool *found,
                       Error **err);
bool sqlite_parts_list_waiting(Ledger *ledger, const char *folder, const char *after, int limit,
                               GArray *parts, Error **err);
bool sqlite_parts_take(Ledger *ledger, const LedgerRow *row, GArray *parts, bool *only,
                       Error **err);
bool sqlite_parts_plan(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);
bool sqlite_parts_end(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);
bool sqlite_parts_drop(Ledger *ledger, const LedgerRow *row, const LedgerPart *part, Error **err);
bool sqlite_parts_keep(Ledger *ledger, const LedgerRow *row, LedgerOriginal original,
                       const char *dir, bool shut, const char *fix, int64_t delay_ms, Error **err);
bool sqlite_parts_give(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);
bool sqlite_parts_of(Ledger *ledger, int64_t id, GArray *parts, Error **err);
bool sqlite_cancel(Ledger *ledger, const LedgerRow *row, const char *who, CancelReason why,
                   Error **err);
bool sqlite_take_ended(Ledger *ledger, LedgerRow *row, Error **err);
bool sqlite_reopen(Ledger *ledger, const LedgerRow *row, Error **err);
bool sqlite_make_due(Ledger *ledger, const LedgerRow *row, Error **err);
bool sqlite_offer_again(Ledger *ledger, const LedgerOffer *offer, bool remake, LedgerRow *row,
                        Error **err);
bool sqlite_pause(Ledger *ledger, const char *folder, const char *who, bool *was, Error **err);
bool sqlite_resume(Ledger *ledger, const char *folder, bool *was, Error **err);
bool sqlite_paused(Ledger *ledger, GArray *pauses, Error **err);
bool sqlite_entry(Ledger *ledger, int64_t id, GArray *entries, Error **err);
bool sqlite_history(Ledger *ledger, const char *folder, const char *source, int limit,
                    GArray *entries, Error **err);
bool sqlite_of_file(Ledger *ledger, const char *folder, const FileId *file, GArray *entries,
                    Error **err);
bool sqlite_newest(Ledger *ledger, const char *folder, const char *after, int limit,
                   GArray *entries, Error **err);
bool sqlite_made(Ledger *ledger, const char *folder, const char *path, int limit, GArray *entries,
                 Error **err);
bool sqlite_outputs_of(Ledger *ledger, int64_t id, GArray *outputs, Error **err);
bool sqlite_list(Ledger *ledger, const LedgerQuery *query, GArray *entries, Error **err);
bool sqlite_count_names(Ledger *ledger, const char *folder, int64_t *count, Error **err);
bool sqlite_count_list(Ledger *ledger, const LedgerQuery *query, int64_t *count, Error **err);
bool sqlite_summary(Ledger *ledger, const char *folder, const char *dir, LedgerCounts *counts,
                    Error **err);
bool sqlite_count_before(Ledger *ledger, const LedgerRow *row, Order order, int most,
                         int64_t *before, Error **err);
bool sqlite_oldest_queued(Ledger *ledger, const char *folder, char **source,
                          int64_t *arrived_wall_ms, Error **err);

bool sqlite_read_marks(Ledger *ledger, const char *sender, GArray *marks, Error **err);
bool sqlite_keep_marks(Ledger *ledger, const char *sender, const GArray *marks, Error **err);
bool sqlite_retain_marks(Ledger *ledger, const char *const *senders, Error **err);
bool sqlite_newest_end(Ledger *ledger, const char *folder, LedgerState state, LedgerEnd *end,
                       Error **err);
bool sqlite_count_ends(Ledger *ledger, const LedgerEnds *ends, int64_t *count,
                       int64_t *first_wall_ms, Error **err);
bool sqlite_list_ends(Ledger *ledger, const LedgerEnds *ends, int limit, GArray *entries,
                      Error **err);

bool sqlite_undo_begin(Ledger *ledger, const LedgerRow *row, const char *who, const GArray *moves,
                       Error **err);
bool sqlite_undo_finish(Ledger *ledger, int64_t id, const FileId *file, Error **err);
bool sqlite_undo_cancel(Ledger *ledger, int64_t id, Error **err);
bool sqlite_undo_list(Ledger *ledger, GArray *rows, Error **err);
bool sqlite_undo_read(Ledger *ledger, int64_t id, GArray *moves, char **who, Error **err);
bool sqlite_undo_find_use(Ledger *ledger, const FileId *file, int64_t id, LedgerRow *row,
                          bool *found, Error **err);

/* ---- for the files of the engine, under its lock ---- */

/* Takes the lock, and returns what is behind the pointer. Changes that others have made, and which
 * are not committed yet, are committed by the first, and seen by the second. */
SqliteLedger *sqlite_lock(Ledger *common);
SqliteLedger *sqlite_lock_to_read(Ledger *common);
/* Gives it back, and returns `ok`. */
bool sqlite_unlock(SqliteLedger *ledger, bool ok);

/* A change that others may join, for all changes that a job makes: takes the lock; begins, in the
 * transaction of those that are there; and ends with whether everything went well, else only this
 * change is undone. The last one waits until the disk has it, gives the lock back, and returns
 * whether the change is made. */
SqliteLedger *sqlite_lock_to_change(Ledger *common);
bool sqlite_begin_change(SqliteLedger *ledger, Error **err);
bool sqlite_end_change(SqliteLedger *ledger, bool ok, Error **err);

/* The same where a worker process or the watcher waits for it: the disk is asked at once. */
bool sqlite_end_urgent_change(SqliteLedger *ledger, bool ok, Error **err);

/* This thread begins a picture: where another one did so just before, the next one is expected
 * soon, and changes that are not urgent wait for it. */
void sqlite_expect_next(SqliteLedger *ledger);

/* The same under any lock, for a change that waits for no disk: see database_begin_lazy(). It may
 * be undone with those that it joins. */
bool sqlite_begin_lazy(SqliteLedger *ledger, Error **err);
bool sqlite_end_lazy(SqliteLedger *ledger, bool ok, Error **err);

/* Runs a statement that changes one row, which is ours: else *err says that it is TAKEN. */
#define SQLITE_RUN_OURS(ledger, err, ...)                                                          \
    (database_run((ledger)->db, (err), __VA_ARGS__) && sqlite_changed_ours(ledger, err))
bool sqlite_changed_ours(const SqliteLedger *ledger, Error **err);

/* Whether the row is ours: else *err says that it is TAKEN. */
bool sqlite_is_ours(SqliteLedger *ledger, const LedgerRow *row, Error **err);

/* Sets the error that another one has the row. Always false. */
bool sqlite_taken(Error **err);

/* From a row of the columns that statements.c calls ROW; others may follow them. */
enum { SQLITE_ROW_COLUMNS = 24 };
void sqlite_read_row(DatabaseRow *from, LedgerRow *row);

/* Appends the rows of a statement of these columns, of which database_first() has read the first,
 * and finishes the statement. */
bool sqlite_read_rows(SqliteLedger *ledger, DatabaseRow *row, bool found, GArray *rows,
                      Error **err);

/* parts_twin() without taking the lock; row->id 0: it is not there yet. */
bool sqlite_find_twin(SqliteLedger *ledger, const LedgerRow *row, LedgerRow *twin, bool *found,
                      Error **err);

/* A picture has ended: what came to its shot meanwhile is its, and due. */
bool sqlite_take_late_parts(SqliteLedger *ledger, const LedgerRow *row, Error **err);

/* The parts that an undo of the row has moved are at their places again. */
bool sqlite_reset_parts(SqliteLedger *ledger, int64_t id, Error **err);

/* The state that such a word in the tables names, and the word. */
LedgerState sqlite_state_of(const char *word);
const char *sqlite_state_word(LedgerState state);

/* From four columns of an error; *why is left alone where they have none. */
void sqlite_read_error(DatabaseRow *from, int first_column, Error **why);

const char *sqlite_cancel_word(CancelReason why);

/* Appends the outputs of a row (of LedgerOutput). */
bool sqlite_append_outputs(SqliteLedger *ledger, int64_t id, GArray *outputs, Error **err);

/* For a row that is taken. */
int64_t sqlite_new_token(void);

/* The number of a picture that ends now; and what it goes on from, when the ledger is opened. */
int64_t sqlite_next_end(SqliteLedger *ledger);
bool sqlite_read_last_end(SqliteLedger *ledger, Error **err);

/* Appends the entries of a statement of these columns that database_first() has begun, and
 * finishes it. */
bool sqlite_read_entries(SqliteLedger *ledger, DatabaseRow *row, bool found, GArray *entries,
                         Error **err);

/* Makes a queued row; where sequence.folder is 0, its numbers are drawn. */
bool sqlite_add_row(SqliteLedger *ledger, const char *folder, const char *source,
                    const FileId *file, Sequence sequence, Error **err);

/* sqlite_count() adds these columns, a state's word and a number, of a statement that
 * database_first() has begun, and finishes it. */
bool sqlite_read_counts(SqliteLedger *ledger, DatabaseRow *row, bool found, LedgerCounts *counts,
                        Error **err);

/* The first column of the first row of statement `which`, for a folder and the time `now`;
 * INT64_MAX: none. */
bool sqlite_read_next_due(SqliteLedger *ledger, Sql which, const char *folder, int64_t now,
                          int64_t *next_ms, Error **err);

/* sqlite_find() without taking the lock. */
bool sqlite_find_row(SqliteLedger *ledger, const char *folder, const char *source, LedgerRow *row,
                     bool *found, Error **err);

/* Takes the rows from the index `first` on; where that fails, they are removed from the array. */
bool sqlite_hold(SqliteLedger *ledger, GArray *rows, guint first, Error **err);

/* How long a hotfolder has had this ledger open, in ms: the time by which history ages. Wall time
 * jumps, and the boot clock starts again at each boot. */
int64_t sqlite_lifetime_ms(const SqliteLedger *ledger);

/* Stores it. Without the last call of a run, history is a little too young, no more. */
void sqlite_remember_age(SqliteLedger *ledger, Error **err);
