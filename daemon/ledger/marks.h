/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* marks.h - what ended since when, and how far each notice went: the ledger's part of notices.
 *
 * Each picture that is done or has failed gets the next number, as it ends: no clock decides what
 * came later. A notice is no queue of its own: what happened is asked of the ledger, from the mark
 * of its sender on, and the mark moves when it was delivered. So a crash, a mail server that is
 * down for a day and 10,000 failures lose nothing, and store nothing more. Any thread; errors as
 * ledger.h says. */
#pragma once

#include "daemon/ledger/ledger.h"

/* ---- ends ---- */

/* The number of the picture that ended last, of all folders; it reads no table. A picture that is
 * tried again gets another number at its next end; a probe gets none. */
int64_t ledger_last_end(const Ledger *ledger);

typedef struct LedgerEnd {
    int64_t number; /* 0: none */
    int64_t wall_ms;
} LedgerEnd;

/* The newest end with this state, done or failed, in a folder. */
bool ledger_newest_end(Ledger *ledger, const char *folder, LedgerState state, LedgerEnd *end,
                       Error **err);

/* Those behind the number `after`, up to `until`, which have this state now. */
typedef struct LedgerEnds {
    const char *folder;
    LedgerState state; /* LEDGER_DONE, LEDGER_FAILED */
    int64_t after, until;
} LedgerEnds;

/* How many, and when the first of them ended; 0: there is none. Reads an index, as far as they are.
 */
bool ledger_count_ends(Ledger *ledger, const LedgerEnds *ends, int64_t *count,
                       int64_t *first_wall_ms, Error **err);

/* Appends the last `limit` of them (of LedgerEntry, answers.h), the newest first. */
bool ledger_list_ends(Ledger *ledger, const LedgerEnds *ends, int limit, GArray *entries,
                      Error **err);

/* ---- marks ---- */

typedef struct LedgerMark {
    char *kind;     /* what it is about: "failed", "card" */
    char *subject;  /* of which folder or card; "": of neither */
    int64_t number; /* how far it went; of the kinds failed, done and idle the number of an end */
    char *state;    /* that was sent last: "held"; NULL: none */
} LedgerMark;

void ledger_mark_clear(LedgerMark *mark);

/* An empty array of LedgerMark, which clears them. */
GArray *ledger_marks_new(void);

/* Appends the marks of a sender, which has the name that its caller gives it. */
bool ledger_read_marks(Ledger *ledger, const char *sender, GArray *marks, Error **err);

/* Stores these marks instead of all that the sender had, in one transaction. */
bool ledger_keep_marks(Ledger *ledger, const char *sender, const GArray *marks, Error **err);

/* Forgets the marks of senders that are not among these, which NULL ends: one that comes back later
 * begins at that time. */
bool ledger_retain_marks(Ledger *ledger, const char *const *senders, Error **err);
