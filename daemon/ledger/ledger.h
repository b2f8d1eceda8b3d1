/* ledger.h - the durable queue and memory: every picture that was ever ready, and what became of
 * it.
 *
 * The ledger is the queue; the ring is only the hand-off. A row goes
 *     waiting -> working -> publishing -> done,  or  -> failing -> failed
 * and each arrow is one committed transaction (SQLite, WAL, synchronous=FULL). A row is `present`
 * while its file lies in the folder; a place (folder, source) has at most one such row.
 *
 * One lock; every function may be called from any thread. Errors as database.h says. Times are on
 * clock_ms(). */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/settings/snapshot.h"

typedef struct Ledger Ledger;

typedef enum LedgerState {
    LEDGER_WAITING,
    LEDGER_WORKING,
    LEDGER_PUBLISHING, /* outputs are whole and named; link what is missing, then retire */
    LEDGER_FAILING,    /* given up, the reason is recorded; move the original to failed/ */
    LEDGER_DONE,
    LEDGER_FAILED,
} LedgerState;

/* Something is being done about it, or has to be: what is offered for its place has to wait. */
static inline bool ledger_in_work(LedgerState state)
{
    return state == LEDGER_WORKING || state == LEDGER_PUBLISHING || state == LEDGER_FAILING;
}

/* What a worker died of over a picture. */
typedef enum Death {
    DEATH_NONE,
    DEATH_OF_TIME,    /* that it took itself: no other picture can have to do with it */
    DEATH_OF_UNKNOWN, /* a signal, want of memory, ...: it is tried again alone */
} Death;

typedef struct LedgerRow {
    int64_t id;
    char *folder;
    char *source; /* bytes, relative to the folder */
    FileId file;
    LedgerState state;
    int attempt; /* how many were begun */
    int crashes; /* how many of them ended with the death of the worker, or of the daemon by a fault
                    of its own */
    bool alone;  /* it was in hand at a death of unknown cause, or when the daemon was killed: work
                    on nothing beside it, so that the next death has one cause */
} LedgerRow;

void ledger_row_clear(LedgerRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LedgerRow, ledger_row_clear)

/* An output of a job: staged under a name that nobody looks at, or without one, then placed. */
typedef struct LedgerOutput {
    char *path;   /* bytes, relative to the folder's output directory */
    char *hidden; /* bytes, likewise: where the whole file lies until it is placed; NULL: nowhere */
    FileId file;
    bool replace; /* may take the place of a file that is there */
} LedgerOutput;

void ledger_output_clear(LedgerOutput *output);

/* Opens or makes the ledger at `path` (NULL: in memory, for a batch), and makes good what a crash
 * left: what was `working` is `waiting` again, its attempt counted. A damaged file is set aside and
 * a new ledger begun. */
bool ledger_open(const char *path, Ledger **ledger, Error **err);
void ledger_close(Ledger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_close)

/* For names of hidden files: eight characters that every ledger at this place has, `-`, and eight
 * that no other ledger has. */
const char *ledger_tag(const Ledger *ledger);

/* Whether ledger_open() began a new one, and the name of the damaged one that it set aside; NULL:
 * none. */
bool ledger_is_fresh(const Ledger *ledger);
const char *ledger_set_aside(const Ledger *ledger);

/* Whether it was found to be damaged since it was opened: only a new start can help. */
bool ledger_damaged(Ledger *ledger);

/* How many rows ledger_open() took back from a crash. */
int ledger_recovered(const Ledger *ledger);

/* The daemon died by its own fault over this picture, which may not even be known yet (then `file`
 * makes a row of it; NULL: it is gone): one crash more, and the reason. */
bool ledger_blame(Ledger *ledger, const char *folder, const char *source, const FileId *file,
                  const Error *why, Error **err);

/* The present row of a place; *found says whether there is one. */
bool ledger_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err);

typedef struct LedgerOffer {
    char *folder, *source;
    FileId file;
    bool put_off; /* by ledger_add(): its place is in work */
} LedgerOffer;

/* Makes a waiting row of each offer, in one transaction. A waiting row of the same place takes the
 * new FileId, a finished one becomes history; one in work is left alone: the offer is put off, to
 * be made again. *added (may be NULL) counts new work. */
bool ledger_add(Ledger *ledger, LedgerOffer *offers, unsigned count, int *added, Error **err);

/* The same content under a new FileId (a touch): only remembered. */
bool ledger_renew(Ledger *ledger, int64_t id, const FileId *file, Error **err);

/* Appends up to `limit` rows of `folder` that are due at `now`, first come first, to rows (of
 * LedgerRow). *next is when the next one will be due, INT64_MAX if none. */
bool ledger_due(Ledger *ledger, const char *folder, int64_t now, int limit, GArray *rows,
                int64_t *next, Error **err);

/* waiting -> working, one attempt more, by compare-and-set: *claimed is false when somebody else
 * has it, it is gone, or another file took its place since the row was read. row->attempt is
 * brought up to date. */
bool ledger_claim(Ledger *ledger, LedgerRow *row, bool *claimed, Error **err);

/* Whether the row is in row->state still: since it was read, its job may have come to its end. */
bool ledger_still(Ledger *ledger, const LedgerRow *row, bool *still, Error **err);

typedef enum TwinState {
    TWIN_NONE,
    TWIN_DONE,    /* a picture of the same content was finished in this folder */
    TWIN_IN_WORK, /* one is being worked on */
} TwinState;

typedef struct LedgerTwin {
    TwinState state;
    int64_t next_try; /* of one in work that is stuck: not before then, by clock_ms() */
} LedgerTwin;

/* Remembers the content's hash of a row in work. twin (may be NULL) is what the folder has of the
 * same content, told in the same breath: of many that ask, the first goes on. Those that find it in
 * work are not remembered, and ask again with their next attempt. */
bool ledger_hash(Ledger *ledger, const LedgerRow *row, LedgerTwin *twin, Error **err);

/* working -> waiting until `next_try`. spend: the attempt counts; else it is given back. */
bool ledger_defer(Ledger *ledger, int64_t id, int64_t next_try, bool spend, Death death,
                  const Error *why, Error **err);

/* Remembers the hidden names of a row in work before they exist, so that a crash leaves no litter.
 */
bool ledger_stage(Ledger *ledger, int64_t id, const GArray *outputs, Error **err);

/* working or publishing -> publishing, with all its outputs, in one transaction. */
bool ledger_publish(Ledger *ledger, int64_t id, const GArray *outputs, Error **err);

/* Publishing or failing again at `next_try`: moving the original did not work. */
bool ledger_put_off(Ledger *ledger, int64_t id, int64_t next_try, const Error *why, Error **err);

/* The outputs of a row (of LedgerOutput, newly allocated). */
bool ledger_outputs(Ledger *ledger, int64_t id, GArray **outputs, Error **err);

/* publishing -> done. retired: the original is no longer at its place. duplicate: nothing was made,
 * as its content was finished before; these are counted apart. */
bool ledger_done(Ledger *ledger, int64_t id, bool retired, bool duplicate, Error **err);

/* -> failing, with the reason; then -> failed. */
bool ledger_failing(Ledger *ledger, int64_t id, const Error *why, Error **err);
bool ledger_fail(Ledger *ledger, int64_t id, bool retired, const Error *why, Error **err);

/* publishing -> waiting: an output was lost before it was placed; do it again. */
bool ledger_again(Ledger *ledger, int64_t id, Error **err);

/* working -> forgotten: the file went away or was replaced; what is there now is offered anew. */
bool ledger_forget(Ledger *ledger, int64_t id, Error **err);

/* Whether `path` in the folder's output directory is the very file `there` that was made from
 * `source` of this folder. */
bool ledger_made(Ledger *ledger, const char *folder, const char *source, const char *path,
                 const FileId *there, bool *made, Error **err);

/* What was recorded with the row last, newly allocated; left alone when there is nothing. */
bool ledger_error(Ledger *ledger, int64_t id, Error **why, Error **err);

/* Whether this very file was made by one of our jobs; and whether one was taken in as a picture. */
bool ledger_is_output(Ledger *ledger, const FileId *file, bool *is, Error **err);
bool ledger_was_taken(Ledger *ledger, const FileId *file, bool *taken, Error **err);

/* The row's number in its folder's sequence, given once: 1, 2, 3, ... */
bool ledger_sequence(Ledger *ledger, int64_t id, int64_t *number, Error **err);

typedef struct LedgerCounts {
    int64_t waiting, working, publishing, failing, done, failed;
    int64_t duplicates; /* of `done`, ever since the ledger was begun */
} LedgerCounts;

/* folder NULL: of all. */
bool ledger_count(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err);

/* Whether it can be written. */
bool ledger_try(Ledger *ledger, Error **err);

/* Rows that something still has to be done about: not done, not failed. */
bool ledger_open_rows(Ledger *ledger, int64_t *rows, Error **err);

/* History. A row's age counts only the time in which a hotfolder had the ledger open, whatever the
 * wall clock says; rows that are present never expire. */

/* Up to `limit` present rows of a folder that ended at least age_ms ago, with ids above `after`, in
 * their order, for the caller to look whether their files are still there ... */
bool ledger_old(Ledger *ledger, const char *folder, int64_t age_ms, int64_t after, int limit,
                GArray *rows, Error **err);
/* ... and to say so when they are not. */
bool ledger_absent(Ledger *ledger, int64_t id, Error **err);

/* Forgets up to `most` rows that are not present and older than age_ms, and gives back space. */
bool ledger_expire(Ledger *ledger, int64_t age_ms, int most, int *expired, Error **err);
