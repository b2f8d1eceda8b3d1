/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* steering.h - what people change in the ledger: pictures are cancelled, tried again and made
 * again, folders are paused.
 *
 * Each function is one transaction; its caller writes to the journal who asked for it. Rows come
 * from ledger_find() or from answers.h: where one has changed since in such a way that the call no
 * longer fits, nothing is changed, and the error is of kind TAKEN. Any thread; errors and times as
 * ledger.h says. */
#pragma once

#include "daemon/ledger/ledger.h"

typedef enum CancelReason {
    CANCEL_ASKED,  /* it was to be processed, and a person did not want that */
    CANCEL_UNDONE, /* it was done, and a person has taken that back */
} CancelReason;

/* queued or processing -> cancelled. Its file is present, and known to the intake under its name,
 * also when it is renamed: nothing is made of it until ledger_reopen(), or until another file is
 * offered under its name. The row gets a new token: an attempt that has it finds it TAKEN before it
 * publishes anything. A row that is publishing or failing is TAKEN, too: it is nearly done. */
bool ledger_cancel(Ledger *ledger, const LedgerRow *row, const char *who, CancelReason why,
                   Error **err);

/* Takes an ended row, which gets a new token, before its original is put back to its path, where
 * nothing lies: when the file appears there, the intake knows it, and makes no new picture of it.
 * Its state stays. Then comes ledger_reopen(), or ledger_release(), after which the row is as it
 * was before; so it is after a crash. */
bool ledger_take_ended(Ledger *ledger, LedgerRow *row, Error **err);

/* Of a row from ledger_take_ended(), whose original lies at its path now: failed or cancelled ->
 * queued and due, with all its attempts, and its numbers. It has to be alone if it has crashed. It
 * is given back; no move of its original and no report is known any more. */
bool ledger_reopen(Ledger *ledger, const LedgerRow *row, Error **err);

/* A row that waits for its next attempt, or its next move, is due now. */
bool ledger_make_due(Ledger *ledger, const LedgerRow *row, Error **err);

/* Makes a queued row of a file that was done and is to be processed again, under its old numbers
 * (offer->sequence; none: new ones), and takes it: *row, to be cleared by the caller. Ended rows of
 * this file become history, and so does one that has its key. With `remake` its outputs replace
 * those that were made from this source and not changed since. The caller puts the file back to its
 * path, where it does not lie there, and calls ledger_release(), or else ledger_forget(). */
bool ledger_offer_again(Ledger *ledger, const LedgerOffer *offer, bool remake, LedgerRow *row,
                        Error **err);

/* ---- pauses ---- */

typedef struct LedgerPause {
    char *folder; /* "": all folders */
    char *who;
    int64_t since_wall_ms;
} LedgerPause;

void ledger_pause_clear(LedgerPause *pause);

/* `folder` "" is all of them, beside those that are paused by name. *was: it was paused already,
 * and stays so since then. */
bool ledger_pause(Ledger *ledger, const char *folder, const char *who, bool *was, Error **err);

/* *was: it was paused. "" ends the pause of all, and no other one. */
bool ledger_resume(Ledger *ledger, const char *folder, bool *was, Error **err);

/* Appends all pauses (of LedgerPause), by folder. */
bool ledger_paused(Ledger *ledger, GArray *pauses, Error **err);
