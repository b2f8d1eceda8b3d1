/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* marks.h - how far each notice went: the ledger's memory of notices.
 *
 * A notice is no queue of its own. What happened is asked of the ledger, from the mark on; the mark
 * moves when a notice was delivered. So a crash, a mail server that is down for a day and 10,000
 * failures lose nothing and store nothing more. Any thread; errors as ledger.h says. */
#pragma once

#include "daemon/ledger/ledger.h"

/* Of one notice, by one way, about one folder ("": cards, the ledger). */
typedef struct LedgerMark {
    char *notice, *way, *folder; /* owned */
    int64_t wall_ms;             /* all that changed before it was sent */
    int64_t idle_wall_ms;        /* the same of idleness: batches that ended before it */
    char *state;                 /* that was sent last: "available", "held"; owned */
} LedgerMark;

void ledger_mark_clear(LedgerMark *mark);

/* Appends all marks of a notice by one way (of LedgerMark). */
bool ledger_read_marks(Ledger *ledger, const char *notice, const char *way, GArray *marks,
                       Error **err);

/* Stores these marks (of LedgerMark), of whatever notices, in one transaction. */
bool ledger_keep_marks(Ledger *ledger, const GArray *marks, Error **err);

/* Forgets the marks of notices that are not among these names, which NULL ends: one that comes back
 * later begins at that time. */
bool ledger_forget_marks(Ledger *ledger, const char *const *notices, Error **err);
