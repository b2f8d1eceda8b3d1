/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* again.h - pictures that have ended and are queued once more, as a person asks.
 *
 * The original comes back from where it was moved, if that very file is there and nothing has its
 * name; the other files of its shot come with it. The ledger knows it before it appears, so that
 * the watcher makes no second picture of it; a crash at any moment leaves the picture as it was, or
 * queued. The dispatcher is to be woken up.
 *
 * An error of kind CONFIG or TRANSIENT says what a person can do, TAKEN that the picture has
 * changed just now; nothing has changed then. Any thread that may wait for the disk. */
#pragma once

#include "daemon/ledger/answers.h"

/* failed or cancelled -> queued, with all its attempts and its numbers. One that waits for its next
 * attempt is due now. Others are refused. */
bool again_retry(Ledger *ledger, const Folder *folder, const LedgerEntry *entry, Error **err);

/* Whether the picture, which is done, would become something else now: its profile was changed, or
 * its original, or its sidecar, or the folder has another profile. Where the ledger does not know
 * what made it, its outputs say it; if they do not, it would. */
bool again_is_changed(Ledger *ledger, const Folder *folder, const LedgerEntry *entry);

/* done -> queued, as a new picture of the same numbers whose outputs replace those that were not
 * changed since. Also of an original that a person has changed in done/. */
bool again_remake(Ledger *ledger, const Folder *folder, const LedgerEntry *entry, Error **err);
