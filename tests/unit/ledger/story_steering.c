/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people do: they cancel, reopen, offer again, and pause. */
#include "tests/unit/ledger/story.h"

static const char *some_person(Story *story)
{
    return pick(story, 2) ? "ann" : "bob";
}

/* As the ledger has it now, or as it was read long ago; false: there is none. */
static bool read_some(Story *story, LedgerRow *row)
{
    const LedgerRow *seen = pick(story, 4) ? NULL : some_seen(story);
    const char *folder = some_folder(story), *source = some_source(story);
    g_autoptr(Error) error = NULL;
    bool found = false;

    if (seen) {
        *row = *seen;
        row->folder = g_strdup(seen->folder);
        row->source = g_strdup(seen->source);
        return true;
    }
    check_done(story, ledger_find(story->ledger, folder, source, row, &found, &error), error);
    return found;
}

/* The ledger chose its token. The row may have got another name since it was read. */
static void learn_token(Story *story, const LedgerRow *row)
{
    ReferenceRow *should = reference_by_id(story->reference, row->id);
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    check_done(story,
               ledger_history(story->ledger, should->row.folder, should->row.source, 1000, entries,
                              &error),
               error);
    for (guint i = 0; i < entries->len; i++) {
        const LedgerRow *is = &g_array_index(entries, LedgerEntry, i).row;

        if (is->id != row->id)
            continue;
        if (is->token == row->token || g_hash_table_contains(story->tokens, &is->token))
            differs(story, "an earlier holder has the row still");
        should->row.token = is->token;
    }
}

static void cancel(Story *story)
{
    const char *who = some_person(story);
    CancelReason why = pick(story, 3) ? CANCEL_ASKED : CANCEL_UNDONE;
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };

    if (!read_some(story, &row))
        return;
    say(story, "%s cancels row %" G_GINT64_FORMAT, who, row.id);
    bool ok = ledger_cancel(story->ledger, &row, who, why, &error);
    check_answer(story, reference_cancel(story->reference, &row, who, why), ok, error);
    if (ok)
        learn_token(story, &row);
    check_key(story, row.folder, row.source);
}

static void take_ended(Story *story)
{
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };

    if (!read_some(story, &row))
        return;
    LedgerRow before = row;
    say(story, "take row %" G_GINT64_FORMAT ", which has ended", row.id);
    bool ok = ledger_take_ended(story->ledger, &row, &error);
    check_answer(story, reference_take_ended(story->reference, &before, row.token), ok, error);
    if (ok)
        hold(story, &row);
}

void reopen_row(Story *story, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;

    say(story, "reopen row %" G_GINT64_FORMAT, row->id);
    bool ok = ledger_reopen(story->ledger, row, &error);
    check_answer(story, reference_reopen(story->reference, row), ok, error);
}

static void make_due(Story *story)
{
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };

    if (!read_some(story, &row))
        return;
    say(story, "row %" G_GINT64_FORMAT " is due now", row.id);
    bool ok = ledger_make_due(story->ledger, &row, &error);
    check_answer(story, reference_make_due(story->reference, &row), ok, error);
}

static void offer_again(Story *story)
{
    bool remake = pick(story, 2), known = pick(story, 2);
    Sequence sequence = known ? (Sequence){ 90, 91, 92, 20240501 } : (Sequence){ 0 };
    const LedgerOffer offer = { (char *) (uintptr_t) some_folder(story),
                                (char *) (uintptr_t) some_source(story), some_known_file(story),
                                false, sequence };
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };

    say(story, "offer '%s' in '%s' again, file %d", offer.source, offer.folder,
        (int) offer.file.ino);
    bool ok = ledger_offer_again(story->ledger, &offer, remake, &row, &error);
    ReferenceRow *should = reference_offer_again(story->reference, &offer, remake);
    check_answer(story, should != NULL, ok, error);
    if (!should)
        return;
    should->row.id = row.id;
    reference_hold(should, row.token);
    check_row(story, &row, should);
    row.attempt++;
    hold(story, &row);
}

/* ---- pauses ---- */

static void pause_folder(Story *story)
{
    int which = pick(story, REFERENCE_FOLDERS + 1);
    const char *folder = which < REFERENCE_FOLDERS ? reference_folders[which] : "";
    const char *who = pick(story, 2) ? some_person(story) : NULL;
    char **paused = &story->reference->paused[which];
    g_autoptr(Error) error = NULL;
    bool was = false;

    say(story, who ? "pause '%s'" : "resume '%s'", folder);
    check_done(story,
               who ? ledger_pause(story->ledger, folder, who, &was, &error)
                   : ledger_resume(story->ledger, folder, &was, &error),
               error);
    check_number(story, "was paused", was, *paused != NULL);
    if (who && *paused)
        return;
    g_free(*paused);
    *paused = g_strdup(who);
}

typedef void (*Call)(Story *story);

void do_steering(Story *story)
{
    static const Call calls[] = { cancel,     cancel,      cancel,      cancel,   take_ended,
                                  take_ended, offer_again, offer_again, make_due, pause_folder };

    calls[pick(story, G_N_ELEMENTS(calls))](story);
}
