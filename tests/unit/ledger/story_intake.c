/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the intake calls, and the calls that concern a whole folder. */
#include "tests/unit/ledger/story.h"

enum { SEEN_MAX = 20, OFFERS_MAX = 3, PAGE = 2 };

static void remember_seen(const Story *story, const LedgerRow *row)
{
    if (story->seen->len >= SEEN_MAX)
        g_array_remove_index(story->seen, 0);
    remember(story->seen, row);
}

const LedgerRow *some_seen(Story *story)
{
    guint count = story->seen->len;

    return count ? &g_array_index(story->seen, LedgerRow, pick(story, (int) count)) : NULL;
}

/* ---- offers ---- */

static void add(Story *story)
{
    LedgerOffer offers[OFFERS_MAX];
    int count = 1 + pick(story, OFFERS_MAX), added = 0, should = 0;
    g_autoptr(Error) error = NULL;

    for (int i = 0; i < count; i++) {
        offers[i] = (LedgerOffer){ (char *) (uintptr_t) some_folder(story),
                                   (char *) (uintptr_t) some_source(story),
                                   pick(story, 4) ? some_new_file(story) : some_known_file(story),
                                   pick(story, 2),
                                   { 0 } };
        say(story, "offer '%s' in '%s', file %d", offers[i].source, offers[i].folder,
            (int) offers[i].file.ino);
    }
    check_done(story, ledger_add(story->ledger, offers, (unsigned) count, &added, &error), error);
    for (int i = 0; i < count; i++) {
        bool postponed = offers[i].postponed;

        should += reference_add(story->reference, &offers[i]);
        check_number(story, "postponed", postponed, offers[i].postponed);
    }
    check_number(story, "added", added, should);
    for (int i = 0; i < count; i++)
        check_key(story, offers[i].folder, offers[i].source);
}

static void find(Story *story)
{
    const char *folder = some_folder(story), *source = some_source(story);
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) error = NULL;
    bool found = false;

    say(story, "look at '%s' in '%s'", source, folder);
    check_done(story, ledger_find(story->ledger, folder, source, &row, &found, &error), error);
    if (found)
        remember_seen(story, &row);
    check_key(story, folder, source);
}

/* The intake renames nothing to a name whose picture is in progress. */
static void rename_row(Story *story, const LedgerRow *row, const char *source)
{
    const ReferenceRow *there = reference_find(story->reference, row->folder, source);
    g_autoptr(Error) error = NULL;

    if (there && there->row.id != row->id && ledger_is_in_progress(there->row.state))
        return;
    say(story, "rename row %" G_GINT64_FORMAT " to '%s'", row->id, source);
    bool ok = ledger_rename(story->ledger, row, source, &error);
    check_answer(story, reference_rename(story->reference, row, source), ok, error);
    check_key(story, row->folder, row->source);
    check_key(story, row->folder, source);
}

static void find_elsewhere(Story *story)
{
    const char *folder = some_folder(story), *source = some_source(story);
    FileId file = some_known_file(story);
    bool later = pick(story, 8) == 0; /* it was made after all rows: it can be none of theirs */
    int64_t born_ms = later ? INT64_MAX : 0;
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    g_autoptr(GPtrArray) should =
        reference_find_elsewhere(story->reference, folder, source, &file, later);
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    say(story, "look for file %d, which is '%s' in '%s' now", (int) file.ino, source, folder);
    check_done(story,
               ledger_find_elsewhere(story->ledger, folder, source, &file, born_ms, rows, &error),
               error);
    check_number(story, "rows elsewhere", rows->len, should->len);
    for (guint i = 0; i < rows->len; i++) {
        check_row(story, &g_array_index(rows, LedgerRow, i), should->pdata[i]);
        remember_seen(story, &g_array_index(rows, LedgerRow, i));
    }
    if (rows->len && pick(story, 3))
        rename_row(story, &g_array_index(rows, LedgerRow, 0), source);
}

static void rename_seen(Story *story)
{
    const LedgerRow *row = some_seen(story);

    if (row)
        rename_row(story, row, some_source(story));
}

static void update_seen(Story *story)
{
    const LedgerRow *row = some_seen(story);
    g_autoptr(Error) error = NULL;

    if (!row)
        return;
    FileId file = row->file;
    file.mtime_ns += 7000;
    say(story, "touch row %" G_GINT64_FORMAT ", which was read", row->id);
    bool ok = ledger_update_file(story->ledger, row, &file, &error);
    check_answer(story, reference_update_file(story->reference, row, &file), ok, error);
    check_key(story, row->folder, row->source);
}

static void crash_over_file(Story *story)
{
    FileId file = some_new_file(story);
    LedgerCrash crash = { 0, 0, some_folder(story), some_source(story),
                          pick(story, 3) ? &file : NULL };
    g_autoptr(Error) why = some_reason(story), error = NULL;

    say(story, "it crashed over '%s' in '%s', %s", crash.source, crash.folder,
        crash.file ? "which is there" : "which is gone");
    check_done(story, ledger_record_crash(story->ledger, &crash, why, &error), error);
    reference_record_crash(story->reference, &crash, why);
    check_key(story, crash.folder, crash.source);
}

typedef void (*Call)(Story *story);

void do_intake(Story *story)
{
    static const Call calls[] = { add,
                                  add,
                                  add,
                                  add,
                                  add,
                                  add,
                                  find,
                                  update_seen,
                                  find_elsewhere,
                                  find_elsewhere,
                                  rename_seen,
                                  crash_over_file };

    calls[pick(story, G_N_ELEMENTS(calls))](story);
}

/* ---- originals that could not be moved ---- */

static const char *some_dir(Story *story)
{
    static const char *const dirs[] = { "", "w", "w/x", "w0" };

    return dirs[pick(story, G_N_ELEMENTS(dirs))];
}

static void make_due(Story *story)
{
    const char *folder = some_folder(story), *dir = some_dir(story);
    bool any = false, must = false, may = false;
    g_autoptr(Error) error = NULL;

    say(story, "move what lies in '%s' in '%s' now", dir, folder);
    check_done(story, unmoved_make_due(story->ledger, folder, dir, &any, &error), error);
    reference_unmoved_make_due(story->reference, folder, dir, &must, &may);
    if (any ? !may : must)
        differs(story, "the ledger made %s due", any ? "some" : "none");
}

void do_unmoved(Story *story)
{
    if (pick(story, 3))
        take_unmoved(story);
    else
        make_due(story);
}

/* ---- history ---- */

/* Whole hours pass: no row has just this age. Below 0: any age. */
static int64_t some_age(Story *story)
{
    return (int64_t) HOUR_MS * pick(story, 5) - HOUR_MS / 2;
}

/* Page by page. */
static void list_old(Story *story)
{
    const char *folder = some_folder(story);
    int64_t age_ms = some_age(story);
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    g_autoptr(GPtrArray) should = reference_list_old(story->reference, folder, age_ms);
    g_autoptr(Error) error = NULL;
    LedgerPlace after = { 0 };

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    say(story, "list what ended in '%s' %" G_GINT64_FORMAT " ms ago", folder, age_ms);
    for (guint pages = 0; pages <= should->len / PAGE; pages++)
        check_done(story,
                   ledger_list_old(story->ledger, folder, age_ms, &after, PAGE, rows, &error),
                   error);
    check_number(story, "old rows", rows->len, should->len);
    for (guint i = 0; i < rows->len; i++) {
        check_row(story, &g_array_index(rows, LedgerRow, i), should->pdata[i]);
        remember_seen(story, &g_array_index(rows, LedgerRow, i));
    }
}

static void mark_absent(Story *story)
{
    const LedgerRow *row = some_seen(story);
    g_autoptr(Error) error = NULL;

    if (!row)
        return;
    say(story, "the file of row %" G_GINT64_FORMAT " is gone", row->id);
    check_done(story, ledger_mark_absent(story->ledger, row, &error), error);
    reference_mark_absent(story->reference, row);
    check_key(story, row->folder, row->source);
}

static void prune(Story *story)
{
    int64_t age_ms = some_age(story);
    g_autoptr(Error) error = NULL;
    int pruned = 0;

    say(story, "prune what is older than %" G_GINT64_FORMAT " ms", age_ms);
    check_done(story, ledger_prune(story->ledger, age_ms, 1000, &pruned, &error), error);
    check_number(story, "pruned", pruned, reference_prune(story->reference, age_ms));
}

void do_history(Story *story)
{
    static const Call calls[] = { list_old, list_old, mark_absent, mark_absent, prune };

    calls[pick(story, G_N_ELEMENTS(calls))](story);
}
