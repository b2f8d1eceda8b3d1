/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/ledger/marks.h"

#include "daemon/ledger/ledger_internal.h"

int64_t ledger_last_end(const Ledger *ledger)
{
    return atomic_load(&ledger->last_end);
}

void ledger_mark_clear(LedgerMark *mark)
{
    g_clear_pointer(&mark->kind, g_free);
    g_clear_pointer(&mark->subject, g_free);
    g_clear_pointer(&mark->state, g_free);
}

GArray *ledger_marks_new(void)
{
    GArray *marks = g_array_new(FALSE, FALSE, sizeof(LedgerMark));

    g_array_set_clear_func(marks, (GDestroyNotify) ledger_mark_clear);
    return marks;
}

bool ledger_newest_end(Ledger *ledger, const char *folder, LedgerState state, LedgerEnd *end,
                       Error **err)
{
    return ledger->engine->newest_end(ledger, folder, state, end, err);
}

bool ledger_count_ends(Ledger *ledger, const LedgerEnds *ends, int64_t *count,
                       int64_t *first_wall_ms, Error **err)
{
    return ledger->engine->count_ends(ledger, ends, count, first_wall_ms, err);
}

bool ledger_list_ends(Ledger *ledger, const LedgerEnds *ends, int limit, GArray *entries,
                      Error **err)
{
    return ledger->engine->list_ends(ledger, ends, limit, entries, err);
}

bool ledger_read_marks(Ledger *ledger, const char *sender, GArray *marks, Error **err)
{
    return ledger->engine->read_marks(ledger, sender, marks, err);
}

bool ledger_keep_marks(Ledger *ledger, const char *sender, const GArray *marks, Error **err)
{
    return ledger->engine->keep_marks(ledger, sender, marks, err);
}

bool ledger_retain_marks(Ledger *ledger, const char *const *senders, Error **err)
{
    return ledger->engine->retain_marks(ledger, senders, err);
}
