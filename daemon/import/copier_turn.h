/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copier_turn.h - imports that write to the same disk take turns: a lock (flock(2)) on a file for
 * each physical disk. Only speed depends on it: where the locks cannot be had, no turns are taken.
 *
 * The one that waits comes before the one that had the last turn. One thread at a time. */
#pragma once

#include <stdbool.h>

#include "daemon/import/medium.h"

typedef struct CopyTurn CopyTurn;

/* directory: where the locks are, which is made; NULL: there are none. */
CopyTurn *copy_turn_new(const char *directory, const Medium *medium);

/* Waits for the turn; false where `stopped` says so first, which is asked every few milliseconds.
 * It may be had already. */
bool copy_turn_begin(CopyTurn *turn, bool (*stopped)(const void *user), const void *user);
void copy_turn_end(CopyTurn *turn);

void copy_turn_free(CopyTurn *turn);
