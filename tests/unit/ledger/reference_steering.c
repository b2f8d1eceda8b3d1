/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people change in the reference. */
#include <string.h>

#include "tests/unit/ledger/reference_internal.h"

static void forget_move(ReferenceRow *row)
{
    g_clear_pointer(&row->dir, g_free);
    g_clear_pointer(&row->fix, g_free);
}

bool reference_cancel(const Reference *reference, const LedgerRow *row, const char *who,
                      CancelReason why)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    if (!is || (is->row.state != LEDGER_QUEUED && is->row.state != LEDGER_PROCESSING))
        return false;
    reference_set_state(is, LEDGER_CANCELLED);
    reference_queue_first(is);
    is->held = false;
    is->ended_ms = reference->now_ms;
    is->cancelled_by = g_strdup(who);
    is->cancelled_why = why;
    forget_move(is);
    g_clear_pointer(&is->report, g_free);
    return true;
}

/* Whether another row of this key may become history; it does. */
static bool free_key(const Reference *reference, const char *folder, const char *source,
                     const ReferenceRow *but)
{
    ReferenceRow *there = reference_find(reference, folder, source);

    if (!there || there == but)
        return true;
    if (there->held || !ledger_has_ended(there->row.state))
        return false;
    reference_make_history(there);
    return true;
}

bool reference_take_ended(const Reference *reference, const LedgerRow *row, int64_t token)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    if (!is || is->held || is->row.token != row->token || !ledger_has_ended(is->row.state) ||
        !free_key(reference, row->folder, row->source, is))
        return false;
    is->put_back = !is->present;
    is->present = true;
    reference_hold(is, token);
    return true;
}

bool reference_reopen(const Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    if (!is || !is->held || is->row.token != row->token || !is->present ||
        (is->row.state != LEDGER_FAILED && is->row.state != LEDGER_CANCELLED))
        return false;
    reference_set_state(is, LEDGER_QUEUED);
    reference_queue_first(is);
    reference_set_why(is, NULL);
    is->row.alone = is->row.crashes > 0;
    is->row.attempt = is->row.crashes = 0;
    is->row.missing = is->duplicate = is->held = is->put_back = false;
    g_clear_pointer(&is->cancelled_by, g_free);
    forget_move(is);
    g_clear_pointer(&is->report, g_free);
    return true;
}

bool reference_make_due(const Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    if (!is || is->held || ledger_has_ended(is->row.state) || is->row.state == LEDGER_PROCESSING)
        return false;
    reference_queue_first(is);
    return true;
}

ReferenceRow *reference_offer_again(Reference *reference, const LedgerOffer *offer, bool remake)
{
    if (!free_key(reference, offer->folder, offer->source, NULL))
        return NULL;
    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        if (!reference_is_in(row, offer->folder) || !ledger_has_ended(row->row.state) ||
            !fileid_same(&row->row.file, &offer->file))
            continue;
        row->present = row->row.missing = false;
        forget_move(row);
    }
    ReferenceRow *row =
        reference_add_row(reference, offer->folder, offer->source, &offer->file, offer->sequence);
    row->row.remake = remake;
    return row;
}
