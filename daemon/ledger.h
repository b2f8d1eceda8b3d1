/* ledger.h - the durable queue and memory: every picture that was ever ready, and what became of
 * it.
 *
 * The ledger is the queue; the ring is only the hand-off. A row goes
 *     waiting -> working -> publishing -> done,  or  -> failed
 * and each arrow is one committed transaction (SQLite, WAL, synchronous=FULL). A row is `present`
 * while its file lies in the folder; a place (folder, source) has at most one such row.
 *
 * One lock; every function may be called from any thread. Errors as database.h says. Times are on
 * clock_ms(). */
#pragma once

#include "daemon/fileid.h"
#include "daemon/settings.h"

typedef struct Ledger Ledger;

typedef enum LedgerState {
    LEDGER_WAITING,
    LEDGER_WORKING,
    LEDGER_PUBLISHING, /* outputs are whole and named; link what is missing, then retire */
    LEDGER_DONE,
    LEDGER_FAILED,
} LedgerState;

typedef struct LedgerRow {
    int64_t id;
    char *folder;
    char *source; /* bytes, relative to the folder */
    FileId file;
    LedgerState state;
    int attempt; /* how many were begun */
    int crashes; /* how many of them ended with the death of the worker */
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
 * left: what was `working` is `waiting` again, its attempt counted. */
bool ledger_open(const char *path, Ledger **ledger, Error **err);
void ledger_close(Ledger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_close)

/* Eight characters that no other ledger has, for names of hidden files. */
const char *ledger_tag(const Ledger *ledger);

/* How many rows ledger_open() took back from a crash. */
int ledger_recovered(const Ledger *ledger);

/* The present row of a place; *found says whether there is one. */
bool ledger_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err);

typedef struct LedgerOffer {
    char *folder, *source;
    FileId file;
} LedgerOffer;

/* Makes a waiting row of each offer, in one transaction. A waiting row of the same place takes the
 * new FileId, a finished one becomes history; one in work is left alone: the offer is dropped, and
 * whoever made it offers again. *added (may be NULL) counts new work. */
bool ledger_add(Ledger *ledger, const LedgerOffer *offers, unsigned count, int *added, Error **err);

/* The same content under a new FileId (a touch): only remembered. */
bool ledger_renew(Ledger *ledger, int64_t id, const FileId *file, Error **err);

/* Appends up to `limit` rows of `folder` that are due at `now`, first come first, to rows (of
 * LedgerRow). *next is when the next one will be due, INT64_MAX if none. */
bool ledger_due(Ledger *ledger, const char *folder, int64_t now, int limit, GArray *rows,
                int64_t *next, Error **err);

/* waiting -> working, one attempt more, by compare-and-set: *claimed is false when somebody else
 * has it or it is gone. row->attempt is brought up to date. */
bool ledger_claim(Ledger *ledger, LedgerRow *row, bool *claimed, Error **err);

/* Remembers the content's hash of a row in work. */
bool ledger_hash(Ledger *ledger, int64_t id, const FileId *file, Error **err);

/* working -> waiting until `next_try`. spend: the attempt counts; else it is given back.
 * crashed: a worker died over it. */
bool ledger_defer(Ledger *ledger, int64_t id, int64_t next_try, bool spend, bool crashed,
                  const Error *why, Error **err);

/* Remembers the hidden names of a row in work before they exist, so that a crash leaves no litter.
 */
bool ledger_stage(Ledger *ledger, int64_t id, const GArray *outputs, Error **err);

/* working or publishing -> publishing, with all its outputs, in one transaction. */
bool ledger_publish(Ledger *ledger, int64_t id, const GArray *outputs, Error **err);

/* Publishing again at `next_try`: its outputs stand, retiring the original failed. */
bool ledger_defer_publishing(Ledger *ledger, int64_t id, int64_t next_try, const Error *why,
                             Error **err);

/* The outputs of a row (of LedgerOutput, newly allocated). */
bool ledger_outputs(Ledger *ledger, int64_t id, GArray **outputs, Error **err);

/* publishing -> done. retired: the original is no longer at its place. */
bool ledger_done(Ledger *ledger, int64_t id, bool retired, Error **err);

/* -> failed, with the reason. */
bool ledger_fail(Ledger *ledger, int64_t id, bool retired, const Error *why, Error **err);

/* publishing -> waiting: an output was lost before it was placed; do it again. */
bool ledger_again(Ledger *ledger, int64_t id, Error **err);

/* working -> forgotten: the file went away or was replaced; what is there now is offered anew. */
bool ledger_forget(Ledger *ledger, int64_t id, Error **err);

/* Whether `path` in the folder's output directory is the very file `there` that was made from
 * `source` of this folder. */
bool ledger_made(Ledger *ledger, const char *folder, const char *source, const char *path,
                 const FileId *there, bool *made, Error **err);

/* The row's number in its folder's sequence, given once: 1, 2, 3, ... */
bool ledger_sequence(Ledger *ledger, int64_t id, int64_t *number, Error **err);

typedef struct LedgerCounts {
    int64_t waiting, working, publishing, done, failed;
} LedgerCounts;

/* folder NULL: of all. */
bool ledger_count(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err);

/* Whether it can be written. */
bool ledger_try(Ledger *ledger, Error **err);

/* Rows that a source still has to be worked on: waiting, working and publishing. */
bool ledger_open_rows(Ledger *ledger, int64_t *rows, Error **err);
