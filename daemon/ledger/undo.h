/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* undo.h - pictures that were done and are taken back: what is moved for that.
 *
 * The moves are recorded before the first one is made, in the same transaction that makes the row
 * cancelled. From there they are finished, or all taken back; a crash leaves the record, and the
 * next start goes on. Rows, errors, times and threads as ledger.h says; one thread at a time works
 * on a record. */
#pragma once

#include "daemon/ledger/ledger.h"

/* A file that is moved. */
typedef struct UndoMove {
    char *root; /* absolute: the folder, or where the output is */
    char *path; /* bytes, relative to root: its own place */
    FileId file;
    int spot;        /* of an original: where it lies, by the numbers of its room; -1: an output */
    char *spot_path; /* of an original; else NULL */
} UndoMove;

void undo_move_clear(UndoMove *move);

/* An empty array of UndoMove, which clears them. */
GArray *undo_moves_new(void);

/* done -> cancelled, of a row that was read: its file is present from now on, and what else had its
 * name is history. Records the moves. TAKEN where the row has changed since, another one works on
 * it, or a picture of its name has not ended. */
bool undo_begin(Ledger *ledger, const LedgerRow *row, const char *who, const GArray *moves,
                Error **err);

/* All moves are made: `file` is what the original is now, the same content. Forgets the moves. */
bool undo_finish(Ledger *ledger, int64_t id, const FileId *file, Error **err);

/* All moves were taken back: the row is done as it was before. Forgets the moves. */
bool undo_cancel(Ledger *ledger, int64_t id, Error **err);

/* Appends the rows (of LedgerRow) that have moves recorded. */
bool undo_list(Ledger *ledger, GArray *rows, Error **err);

/* Whether moves are recorded for the row, and appends them; *who asked, newly allocated. */
bool undo_read(Ledger *ledger, int64_t id, GArray *moves, char **who, Error **err);

/* The newest row of another picture that was made of this very file, or is made of it now. */
bool undo_find_use(Ledger *ledger, const FileId *file, int64_t id, LedgerRow *row, bool *found,
                   Error **err);
