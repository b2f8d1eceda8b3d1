/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* undoing.h - takes back what a finished picture became: its outputs go to the trash, its original
 * and its parts come back to their places.
 *
 * Everything is checked before anything is moved. The moves are recorded (ledger/undo.h), each can
 * be made again, and where one can't be made, all are taken back. Any thread that may wait for the
 * disk; one at a time for a picture. */
#pragma once

#include "daemon/ledger/undo.h"

/* Checks that `row`, which is done, can be undone, and appends the moves (of UndoMove) for that.
 * The error names the file that is in the way. */
bool undoing_plan(Ledger *ledger, const Folder *folder, const LedgerRow *row, GArray *moves,
                  Error **err);

/* How many of the moves are those of outputs. */
int undoing_outputs(const GArray *moves);

typedef enum UndoingEnd {
    UNDOING_DONE,
    UNDOING_TAKEN_BACK, /* the picture is done as before */
    UNDOING_STUCK,      /* the disk or the ledger failed: to be called again later */
} UndoingEnd;

/* Makes the moves that are recorded for the row, and records the end. *why (never NULL) is set
 * unless all were made: why not, and which files could not go back, if any. */
UndoingEnd undoing_run(Ledger *ledger, int64_t id, const GArray *moves, Error **why);
