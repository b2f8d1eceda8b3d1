/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts_back.h - the other files of a shot come back to their places with its original. Any thread
 * that may wait for the disk; one at a time for a picture. */
#pragma once

#include "daemon/ledger/parts.h"
#include "daemon/originals/put_back.h"
#include "daemon/settings/snapshot.h"

/* A part and where it lies. */
typedef struct PartBack {
    LedgerPart part;
    Spot spot;
} PartBack;

void part_back_clear(PartBack *back);

/* Finds the parts of the row that were moved, in places of `kinds`: *found, an array of PartBack.
 * One that is no longer there is left out; a sidecar that a user has changed in its place is found
 * as it is now. The error says that one is there and cannot come back. */
bool parts_back_find(Ledger *ledger, const Folder *folder, int64_t id, unsigned kinds,
                     GArray **found, Error **err);

/* Moves all to their places, or none. What stat(2) says of them there is in their parts. */
bool parts_back_move(const Folder *folder, const GArray *found, Error **err);

/* The way back. */
void parts_back_revert(const Folder *folder, const GArray *found);

/* Removes what belonged to them in the places that they have left. */
void parts_back_clean(const Folder *folder, const GArray *found);

/* Records that they are at their places, as parts of `row`, which is taken. */
bool parts_back_record(Ledger *ledger, const LedgerRow *row, const GArray *found, Error **err);
