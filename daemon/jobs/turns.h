/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turns.h - whose turn it is: which folder begins the next picture, and which of its pictures.
 *
 * A folder with a higher priority comes first; among equals, the one that has waited longest since
 * it began a picture. Every TURNS_FAIR-th start is of the folder that has waited longest, whatever
 * its priority. In a folder, retries and all other pictures take turns; of the others, every
 * TURNS_FAIR-th is the oldest, whatever the folder's order. So a picture that is no retry begins
 * within 2 * TURNS_FAIR * TURNS_FAIR * F * n starts. F: how many folders have pictures that are
 * due; n: how many pictures of its folder are as old or older, with itself. Main thread only. */
#pragma once

#include "daemon/ledger/ledger.h"

/* Texts that call it "every eighth": the help of `order` and `priority` (settings/tables.c), Order
 * (settings/snapshot.h), and tests/system/order.py. */
enum { TURNS_FAIR = 8 };

typedef struct Turns Turns;

Turns *turns_new(void);
void turns_free(Turns *turns);

/* Whether a picture that arrives may come before one that was taken: a folder has an order, or a
 * priority that is not that of all. */
bool turns_may_change(const Settings *settings);

/* The folders of settings (of const Folder, borrowed) in a new array: the next picture is of the
 * first one that has one. */
GPtrArray *turns_folders(Turns *turns, const Settings *settings);

/* Takes the row of the folder whose turn it is, if one is due, and appends it to rows (of
 * LedgerRow); also one that has to be alone, with `alone`. */
bool turns_take(Turns *turns, Ledger *ledger, const Folder *folder, bool alone, GArray *rows,
                Error **err);

/* The row that was taken last does not begin now: it does not count as a start. */
void turns_take_back(Turns *turns);
