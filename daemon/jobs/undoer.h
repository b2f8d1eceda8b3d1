/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* undoer.h - undoes pictures for people, and goes on with what a crash or a failing disk has cut
 * off.
 *
 * What is cut off is tried again by a thread of its own: at the start, and every ten seconds while
 * anything is left. Every end is logged with who asked. Any thread may call these functions. */
#pragma once

#include "daemon/ledger/undo.h"

typedef struct Undoer Undoer;

/* The ledger is borrowed. Where no thread can be started, the next start goes on with what is cut
 * off. */
Undoer *undoer_start(Ledger *ledger);

/* Without the thread. */
Undoer *undoer_new(Ledger *ledger);

/* Waits for what is being moved; NULL is ignored. */
void undoer_stop(Undoer *undoer);

/* Undoes a picture that is done; *outputs that were taken to the trash. Waits for the disk. False:
 * nothing was moved, or all was moved back; if the error is of kind ENVIRONMENT and `uncertain`,
 * the disk failed in between, and the thread goes on with it. */
bool undoer_undo(Undoer *undoer, const Folder *folder, const LedgerRow *row, const char *who,
                 int *outputs, Error **err);

/* Goes on once with all that was cut off; how many are left. */
unsigned undoer_go_on(Undoer *undoer);
