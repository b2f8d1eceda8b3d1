/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger.h - the durable queue and memory: every picture that was ever ready, and its outcome.
 *
 * The ledger is the queue; the ring is only the hand-off. A row goes
 *     queued -> processing -> publishing -> done,  or  -> failing -> failed
 * and each arrow is one committed transaction; people may cancel and reopen it (steering.h). A row
 * is `present` while its file lies in the folder; a key (folder, source) has at most one such row.
 *
 * Whatever works on a row takes it first: ledger_take() gives it a new token, and no other caller
 * gets it until it is given back or has ended. Every function below the take gets the row and
 * compares its token and state. Where another one has the row by now, nothing is changed, and the
 * error is of kind TAKEN: the caller stops, and removes only what carries its own token.
 *
 * An engine keeps the rows (ledger_internal.h). Any thread may call every function. Errors are of
 * kind ENVIRONMENT where the disk is full or broken, CONFIG where another process has the ledger,
 * else INTERNAL. One that is `uncertain` does not say whether the change was made: ledger_ask()
 * does, when the ledger can be read again. Times are delays from now, in milliseconds. */
#pragma once

#include "base/sequence.h"
#include "daemon/files/fileid.h"
#include "daemon/settings/snapshot.h"

typedef struct Ledger Ledger;

typedef enum LedgerState {
    LEDGER_QUEUED,
    LEDGER_PROCESSING,
    LEDGER_PUBLISHING, /* outputs are whole and named: link missing ones, then move the original */
    LEDGER_FAILING, /* no attempt is left, the reason is recorded: move the original to failed/ */
    LEDGER_DONE,
    LEDGER_FAILED,
    LEDGER_CANCELLED,  /* by a person: nothing is made of it until it is reopened (steering.h) */
    LEDGER_SUPERSEDED, /* it was done, and is made again: a newer row has its picture */
} LedgerState;

enum { LEDGER_STATES = LEDGER_SUPERSEDED + 1 };

/* Whether a job processes it: what is offered for its key is postponed. */
static inline bool ledger_is_in_progress(LedgerState state)
{
    return state == LEDGER_PROCESSING || state == LEDGER_PUBLISHING || state == LEDGER_FAILING;
}

/* Whether it is done, failed, cancelled or superseded: nothing more is made. */
static inline bool ledger_has_ended(LedgerState state)
{
    return state == LEDGER_DONE || state == LEDGER_FAILED || state == LEDGER_CANCELLED ||
           state == LEDGER_SUPERSEDED;
}

/* Why a worker crashed over a picture. */
typedef enum CrashCause {
    CRASH_NONE,
    CRASH_TIMEOUT, /* the picture took too long: no other picture can be the cause */
    CRASH_UNKNOWN, /* a signal, too little memory, ...: it is tried again alone */
} CrashCause;

typedef struct LedgerRow {
    int64_t id;
    int64_t token; /* 63 random bits, new with each take; 0: it was never taken */
    char *folder;
    char *source; /* bytes, relative to the folder */
    FileId file;
    LedgerState state;
    int attempt;  /* attempts that were begun; of a taken row: the number of this one */
    int crashes;  /* attempts that ended with a crash of the worker, or of the daemon by its own
                     fault */
    bool alone;   /* it was in progress at a crash of unknown cause, or when the daemon was killed:
                     process nothing beside it: then the next crash has one cause */
    bool missing; /* its picture has ended before, and its original was not at its path then: only
                     the original is left to move */
    Sequence sequence;
    bool remake; /* its outputs replace those that an earlier job made from it, and which were not
                    changed since */
    int64_t changed_wall_ms; /* when its state changed last: of a queued one, when it was queued */
    char *new_name; /* bytes: what its original is called in done/, of a row that publishes or is
                       done; NULL: its own name */
} LedgerRow;

void ledger_row_clear(LedgerRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LedgerRow, ledger_row_clear)

/* An output of a job: staged under a hidden name, then published. */
typedef struct LedgerOutput {
    char *path;   /* bytes, relative to the folder's output directory */
    char *hidden; /* bytes, relative too: where the whole file lies until it is published; NULL:
                     nowhere */
    FileId file;  /* its dev is that of the directory */
    bool replace; /* may replace an existing file */
} LedgerOutput;

void ledger_output_clear(LedgerOutput *output);

/* An empty array of LedgerOutput, which clears them. */
GArray *ledger_outputs_new(void);

/* Opens or makes a ledger: the SQLite file at the path `spec` (NULL: in memory, for a batch).
 * Recovers from a crash: no row is taken any more; what was `processing` is queued again, its
 * attempt counted. A damaged file is renamed, and a new ledger made. */
bool ledger_open(const char *spec, Ledger **ledger, Error **err);
void ledger_close(Ledger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_close)

/* For names of hidden files: eight characters that a ledger made in the place of this one has too,
 * `-`, and eight that no other ledger has. */
const char *ledger_tag(const Ledger *ledger);

/* Whether other machines use it too: a file without a name could be linked by its maker only, so
 * that outputs have hidden names from the start. */
bool ledger_is_shared(const Ledger *ledger);

/* Whether ledger_open() made a new one; and the name that it gave to a damaged one, NULL: there was
 * none. */
bool ledger_is_fresh(const Ledger *ledger);
const char *ledger_damaged_copy(const Ledger *ledger);

/* Whether damage was found since it was opened: only a restart can help. */
bool ledger_is_damaged(Ledger *ledger);

/* How many rows ledger_open() recovered from a crash. */
int ledger_recovered(const Ledger *ledger);

/* A picture over which the daemon crashed by its own fault. */
typedef struct LedgerCrash {
    int64_t id, token; /* of the row that was taken; id 0: it was not, the watcher had the file */
    const char *folder, *source;
    const FileId *file; /* NULL: it is gone */
} LedgerCrash;

/* Records it: one crash more, and the reason. A picture that was not taken and has no row yet gets
 * one of its file. A row that another one has taken since is not to blame. */
bool ledger_record_crash(Ledger *ledger, const LedgerCrash *crash, const Error *why, Error **err);

/* The present row of a key; *found says whether there is one. */
bool ledger_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err);

/* Appends to rows (of LedgerRow) those of a folder that may be about this file, with another
 * source, the newest first: rows in progress, and ended ones whose file lies in the folder or was
 * missing; of these also one with this source, to which its file has come back. A failed picture
 * that lies in the folder is one of them only while its original is to be moved (unmoved.h): under
 * another name it is a new one. The caller checks whether the file still has that other name, too
 * (a hard link). born_ms: when the file was made, by clock_wall_ms(); 0: not known. */
bool ledger_find_elsewhere(Ledger *ledger, const char *folder, const char *source,
                           const FileId *file, int64_t born_ms, GArray *rows, Error **err);

/* Gives an ended row the name that a user has given to its file; what had that name before, which
 * is not in progress, is history. If the original was missing when the row ended, its job is due
 * again, and moves it. The error TAKEN says that the row is no longer an ended one. */
bool ledger_rename(Ledger *ledger, const LedgerRow *row, const char *source, Error **err);

typedef struct LedgerOffer {
    char *folder, *source;
    FileId file;
    bool postponed;    /* by ledger_add(): its key is in progress */
    Sequence sequence; /* its numbers, where the caller knows them; else they are drawn */
} LedgerOffer;

/* Makes a queued row of each offer, in one transaction. A queued row of the same key takes the new
 * FileId and keeps its place and its numbers, a finished one becomes history. Numbers are drawn in
 * the order of the offers. Where a row of the key is in
 * progress, the offer is postponed, to be made again. The same file (fileid_same) as the key has is
 * no new work, whatever the state. *added (may be NULL) counts new work. */
bool ledger_add(Ledger *ledger, LedgerOffer *offers, unsigned count, int *added, Error **err);

/* Reads an open file, of which file->size bytes are its content, and fills its hashes; those with
 * the ledger's key show whether two files have the same content, in this ledger only. No lock is
 * held. False with errno where it can't be read. */
bool ledger_hash(const Ledger *ledger, int fd, FileId *file);

/* Stores a new FileId of the same content (a touch), with its hashes. For a row that was read, not
 * taken, the error TAKEN says that it has changed since. */
bool ledger_update_file(Ledger *ledger, const LedgerRow *row, const FileId *file, Error **err);

/* Which due rows of a folder to take. Retries had to wait for a time, and come in the order of
 * these times; the others come in `order`. What met a hold (LEDGER_BEHIND) has its place among the
 * oldest; in the other orders it comes behind all that did not. Neither of the two kinds may wait
 * for the other: the caller takes of both in turn. */
typedef struct LedgerTake {
    const char *folder;
    bool retries;
    Order order; /* of the others */
    bool alone;  /* also rows that have to be alone */
    int limit;
} LedgerTake;

/* Takes rows and appends them to rows (of LedgerRow), the first to come first. Their states stay;
 * a queued one has its next attempt as its number, which begins with ledger_begin(), and a file
 * whose content is not known. A power cut may undo it, or changes of others that are not committed:
 * the caller then finds that the row is TAKEN. */
bool ledger_take(Ledger *ledger, const LedgerTake *take, GArray *rows, Error **err);

/* In how many milliseconds the next row of the folder, or the next original to be moved
 * (unmoved.h), will be due that is not due yet; INT64_MAX: none. */
bool ledger_next_due(Ledger *ledger, const char *folder, int64_t *delay_ms, Error **err);

/* ---- a row that was taken ---- */

typedef enum DuplicateState {
    DUPLICATE_NONE,
    DUPLICATE_DONE,        /* a picture of the same content is done in this folder */
    DUPLICATE_IN_PROGRESS, /* one is in progress */
} DuplicateState;

typedef struct LedgerDuplicate {
    DuplicateState state;
    int64_t delay_ms; /* until the next try of the one in progress; 0: it does not wait for one */
    LedgerRow row;    /* the other one. Its file has no keyed hash where it was read by a version
                         that had none */
} LedgerDuplicate;

void ledger_duplicate_clear(LedgerDuplicate *duplicate);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LedgerDuplicate, ledger_duplicate_clear)

/* queued -> processing: the attempt is counted before its work begins, and the hashes of the
 * content that row->file has are stored. With duplicate (may be NULL) the row claims its content:
 * of all rows of a folder with the same content one has the claim, until it is queued again, fails
 * or is forgotten. *duplicate is what the folder has of it already; while that is in progress,
 * nothing is stored, and the row stays queued. */
bool ledger_begin(Ledger *ledger, LedgerRow *row, LedgerDuplicate *duplicate, Error **err);

/* Sets row->state to what the ledger has: after an error that was uncertain. */
bool ledger_ask(Ledger *ledger, LedgerRow *row, Error **err);

/* Gives a row back, as if it had not been taken; not one that is `processing`. */
bool ledger_release(Ledger *ledger, const LedgerRow *row, Error **err);

/* As a delay: the row is due at once, behind all rows that wait now, and before those that arrive
 * later. */
enum { LEDGER_BEHIND = -1 };

/* Gives a row back until delay_ms have passed; 0: it is due at once, as when it arrived. Queued or
 * processing -> queued, where `spend` says whether the attempt counts; a row that is publishing or
 * failing goes on with that. */
bool ledger_defer(Ledger *ledger, const LedgerRow *row, int64_t delay_ms, bool spend,
                  CrashCause crash, const Error *why, Error **err);

/* Stores the hidden names of a row in progress before the files exist: after a crash they are found
 * and removed. */
bool ledger_stage(Ledger *ledger, const LedgerRow *row, const GArray *outputs, Error **err);

/* processing or publishing -> publishing, with all its outputs, row->new_name and the profile that
 * made them (NULL: unknown), in one transaction. */
bool ledger_publish(Ledger *ledger, const LedgerRow *row, const GArray *outputs,
                    const ProfileText *profile, Error **err);

/* The outputs of a row (of LedgerOutput, newly allocated), by this attempt or an earlier one. */
bool ledger_read_outputs(Ledger *ledger, const LedgerRow *row, GArray **outputs, Error **err);

/* Where the original is when its picture has ended. */
typedef enum LedgerOriginal {
    ORIGINAL_STAYS,
    ORIGINAL_MOVED,   /* by us */
    ORIGINAL_MISSING, /* it was removed, or renamed: then it is moved when it is offered again */
} LedgerOriginal;

/* publishing or processing -> done. duplicate: nothing was made, as its content was finished
 * before; these are counted apart. Of a row with `remake`: those of its name and content that were
 * done before are superseded; their outputs are remembered. */
bool ledger_done(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, bool duplicate,
                 Error **err);

/* Of a row that has not ended: -> failing, with the reason and the hashes that row->file has; then
 * -> failed. */
bool ledger_begin_failing(Ledger *ledger, const LedgerRow *row, const Error *why, Error **err);
bool ledger_fail(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, const Error *why,
                 Error **err);

/* publishing -> queued, and still taken: an output was lost before it was published; do it again.
 */
bool ledger_requeue(Ledger *ledger, LedgerRow *row, Error **err);

/* queued or processing -> deleted: the file is gone or was replaced; the new one is offered
 * separately. */
bool ledger_forget(Ledger *ledger, const LedgerRow *row, Error **err);

/* The error that was recorded last with the row, newly allocated; *why is left alone where there is
 * none. Of a row that was read, too: TAKEN where another one has taken it since. */
bool ledger_last_error(Ledger *ledger, const LedgerRow *row, Error **why, Error **err);

/* ---- questions ---- */

/* Whether `path` in the folder's output directory is the very file `there`, made from `source` of
 * this folder. */
bool ledger_has_made(Ledger *ledger, const char *folder, const char *source, const char *path,
                     const FileId *there, bool *made, Error **err);

/* Whether one of our jobs made this very file; and whether this file was the source of a job. */
bool ledger_is_output(Ledger *ledger, const FileId *file, bool *is, Error **err);
bool ledger_was_source(Ledger *ledger, const FileId *file, bool *was, Error **err);

typedef struct LedgerCounts {
    int64_t queued, processing, publishing, failing, done, failed, cancelled, superseded;
    int64_t duplicates; /* of `done`, since the ledger was made */
} LedgerCounts;

/* How many were begun and have not ended. */
static inline int64_t ledger_in_progress(const LedgerCounts *counts)
{
    return counts->processing + counts->publishing + counts->failing;
}

/* Without probe pictures that have ended, which people are shown nothing of. folder NULL: of all
 * folders, also of those that the configuration no longer has, with them. */
bool ledger_count(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err);

/* The sum over the folders of `settings`. */
bool ledger_count_configured(Ledger *ledger, const Settings *settings, LedgerCounts *sum,
                             Error **err);

/* Whether the ledger can be written. */
bool ledger_test_write(Ledger *ledger, Error **err);

/* Counts the rows that have not ended. */
bool ledger_count_unfinished(Ledger *ledger, int64_t *rows, Error **err);

/* A folder that has rows that have not ended, also one that the configuration no longer has. */
typedef struct LedgerFolder {
    char *name; /* owned */
    int64_t unfinished;
} LedgerFolder;

void ledger_folder_clear(LedgerFolder *folder);

/* Appends those folders (of LedgerFolder), by their names. */
bool ledger_list_unfinished(Ledger *ledger, GArray *folders, Error **err);

/* History. A row's age counts only the time in which a hotfolder had the ledger open, whatever the
 * wall clock says. Rows that are present stay. */

/* A place among the rows that ended, in the order in which they did. */
typedef struct LedgerPlace {
    int64_t ended, id;
} LedgerPlace;

/* Up to `limit` present rows of a folder that ended at least age_ms ago, those behind *after, which
 * becomes the place of the last one: the caller checks whether their files still exist ... */
bool ledger_list_old(Ledger *ledger, const char *folder, int64_t age_ms, LedgerPlace *after,
                     int limit, GArray *rows, Error **err);
/* ... and says so here where one does not. */
bool ledger_mark_absent(Ledger *ledger, const LedgerRow *row, Error **err);

/* Deletes up to `limit` rows that are not present and older than age_ms, and gives back space. */
bool ledger_prune(Ledger *ledger, int64_t age_ms, int limit, int *pruned, Error **err);
