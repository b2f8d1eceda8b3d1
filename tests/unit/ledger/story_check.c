/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares the ledger with the reference. */
#include "tests/unit/ledger/story.h"

enum { CLOCK_MAY_DIFFER_MS = 500 }; /* an engine may have a clock of its own */

void check_number(Story *story, const char *what, int64_t is, int64_t should)
{
    if (is != should)
        differs(story, "%s: the ledger has %" G_GINT64_FORMAT ", the reference %" G_GINT64_FORMAT,
                what, is, should);
}

void check_text(Story *story, const char *what, const char *is, const char *should)
{
    if (g_strcmp0(is, should) != 0)
        differs(story, "%s: the ledger has '%s', the reference '%s'", what, is ? is : "(none)",
                should ? should : "(none)");
}

void check_time(Story *story, const char *what, int64_t is, int64_t should)
{
    if (is < should - CLOCK_MAY_DIFFER_MS || is > should + CLOCK_MAY_DIFFER_MS)
        check_number(story, what, is, should);
}

void check_done(Story *story, bool ok, const Error *error)
{
    g_autofree char *text = ok ? NULL : error_text(error);

    if (!ok)
        differs(story, "the ledger says: %s", text);
}

void check_answer(Story *story, bool ours, bool ok, const Error *error)
{
    if (ours)
        check_done(story, ok, error);
    else if (ok)
        differs(story, "the ledger changed a row that is not the caller's, or not in this state");
    else if (error->kind != ERROR_TAKEN || error->uncertain)
        check_done(story, false, error);
}

/* ---- rows ---- */

static void check_file(Story *story, const FileId *is, const FileId *should)
{
    check_number(story, "dev", (int64_t) is->dev, (int64_t) should->dev);
    check_number(story, "ino", (int64_t) is->ino, (int64_t) should->ino);
    check_number(story, "size", is->size, should->size);
    check_number(story, "mtime", is->mtime_ns, should->mtime_ns);
}

static void check_content(Story *story, const FileId *is, const FileId *should)
{
    for (int i = 0; i < 2; i++) {
        check_number(story, "hash", (int64_t) is->hash[i], (int64_t) should->hash[i]);
        check_number(story, "keyed hash", (int64_t) is->keyed[i], (int64_t) should->keyed[i]);
    }
}

static void check_place(Story *story, const LedgerRow *is, const ReferenceRow *should)
{
    check_number(story, "id", is->id, should->row.id);
    check_text(story, "folder", is->folder, should->row.folder);
    check_text(story, "source", is->source, should->row.source);
    check_file(story, &is->file, &should->row.file);
    check_number(story, "state", is->state, should->row.state);
    check_number(story, "crashes", is->crashes, should->row.crashes);
    check_number(story, "missing", is->missing, should->row.missing);
    check_number(story, "number in the folder", is->sequence.folder, should->row.sequence.folder);
    check_number(story, "number of the day", is->sequence.day, should->row.sequence.day);
    check_number(story, "number of the run", is->sequence.run, should->row.sequence.run);
    check_number(story, "date of its number", is->sequence.date, should->row.sequence.date);
    check_number(story, "made again", is->remake, should->row.remake);
}

void check_row(Story *story, const LedgerRow *is, const ReferenceRow *should)
{
    check_place(story, is, should);
    check_content(story, &is->file, &should->row.file);
    check_number(story, "attempt", is->attempt, should->row.attempt);
    check_number(story, "alone", is->alone, should->row.alone);
    if (should->row.token && is->token != should->row.token)
        differs(story, "row %" G_GINT64_FORMAT ": its token has changed", is->id);
    if (!should->row.token && g_hash_table_contains(story->tokens, &is->token))
        differs(story, "row %" G_GINT64_FORMAT ": an earlier holder has it still", is->id);
}

void check_key(Story *story, const char *folder, const char *source)
{
    ReferenceRow *should = reference_find(story->reference, folder, source);
    g_auto(LedgerRow) is = { 0 };
    g_autoptr(Error) error = NULL;
    bool found = false;

    check_done(story, ledger_find(story->ledger, folder, source, &is, &found, &error), error);
    if (found != (should != NULL))
        differs(story, "the ledger has %s row of '%s' in '%s'", found ? "a" : "no", source, folder);
    if (!found)
        return;
    if (!should->row.id) { /* new: the ledger chose its id */
        if (reference_by_id(story->reference, is.id))
            differs(story, "row %" G_GINT64_FORMAT ": its id belongs to another one", is.id);
        should->row.id = is.id;
    }
    check_row(story, &is, should);
}

static void check_output(Story *story, const LedgerOutput *is, const LedgerOutput *should)
{
    check_text(story, "path of an output", is->path, should->path);
    check_text(story, "hidden name", is->hidden, should->hidden);
    check_file(story, &is->file, &should->file);
    check_number(story, "replace", is->replace, should->replace);
}

static void check_outputs(Story *story, const ReferenceRow *row)
{
    g_autoptr(GArray) outputs = NULL;
    g_autoptr(Error) error = NULL;

    bool ok = ledger_read_outputs(story->ledger, &row->row, &outputs, &error);
    check_answer(story, row->held, ok, error);
    if (!ok)
        return;
    check_number(story, "outputs", outputs->len, row->outputs->len);
    for (guint i = 0; i < outputs->len; i++)
        check_output(story, &g_array_index(outputs, LedgerOutput, i),
                     &g_array_index(row->outputs, LedgerOutput, i));
}

static void check_why(Story *story, const ReferenceRow *row)
{
    g_autoptr(Error) why = NULL, error = NULL;
    static const Error none = { .what = NULL };
    const Error *should = row->why ? row->why : &none;

    check_done(story, ledger_last_error(story->ledger, &row->row, &why, &error), error);
    const Error *is = why ? why : &none;
    check_text(story, "what", is->what, should->what);
    check_text(story, "where", is->where, should->where);
    check_text(story, "fix", is->fix, should->fix);
    check_number(story, "kind of error", is->kind, should->kind);
}

static void check_report(Story *story, const ReferenceRow *row)
{
    g_autofree char *report = NULL;
    g_autoptr(Error) error = NULL;

    bool ok = unmoved_read_report(story->ledger, &row->row, &report, &error);
    check_answer(story, row->held, ok, error);
    if (ok)
        check_text(story, "report", report, row->report);
}

static void check_is_history(Story *story, const ReferenceRow *row)
{
    g_autoptr(Error) error = NULL;
    bool is = false;

    check_done(story, unmoved_is_history(story->ledger, &row->row, &is, &error), error);
    check_number(story, "is history", is, !row->present);
}

/* ---- questions ---- */

void check_counts(Story *story, const char *folder)
{
    LedgerCounts is = { 0 }, should = reference_count(story->reference, folder);
    g_autoptr(Error) error = NULL;

    check_done(story, ledger_count(story->ledger, folder, &is, &error), error);
    check_number(story, "queued", is.queued, should.queued);
    check_number(story, "processing", is.processing, should.processing);
    check_number(story, "publishing", is.publishing, should.publishing);
    check_number(story, "failing", is.failing, should.failing);
    check_number(story, "done", is.done, should.done);
    check_number(story, "failed", is.failed, should.failed);
    check_number(story, "cancelled", is.cancelled, should.cancelled);
    check_number(story, "superseded", is.superseded, should.superseded);
    check_number(story, "duplicates", is.duplicates, should.duplicates);
}

static void check_unfinished(Story *story)
{
    g_autoptr(GArray) folders = g_array_new(FALSE, FALSE, sizeof(LedgerFolder));
    g_autoptr(Error) error = NULL;
    int64_t all = 0;

    g_array_set_clear_func(folders, (GDestroyNotify) ledger_folder_clear);
    check_done(story, ledger_count_unfinished(story->ledger, &all, &error), error);
    check_number(story, "unfinished", all, reference_count_unfinished(story->reference, NULL));
    check_done(story, ledger_list_unfinished(story->ledger, folders, &error), error);
    for (guint i = 0, at = 0; i < REFERENCE_FOLDERS; i++) {
        int64_t should = reference_count_unfinished(story->reference, reference_folders[i]);

        if (!should)
            continue;
        if (at == folders->len)
            differs(story, "the ledger does not list '%s'", reference_folders[i]);
        const LedgerFolder *is = &g_array_index(folders, LedgerFolder, at++);
        check_text(story, "unfinished folder", is->name, reference_folders[i]);
        check_number(story, "unfinished of a folder", is->unfinished, should);
    }
}

static void check_next_due(Story *story, const char *folder)
{
    g_autoptr(Error) error = NULL;
    int64_t is = 0, should = reference_next_due(story->reference, folder);

    check_done(story, ledger_next_due(story->ledger, folder, &is, &error), error);
    if (should == INT64_MAX)
        check_number(story, "next due", is, should);
    else
        check_time(story, "next due", is, should);
}

/* How many originals of a directory are to be moved; whether one of them has this remedy. */
static int64_t count_unmoved(const Story *story, const char *folder, const char *dir,
                             const char *fix, bool *has_fix)
{
    const GPtrArray *rows = story->reference->rows;
    int64_t count = 0;

    for (guint i = 0; i < rows->len; i++) {
        const ReferenceRow *row = rows->pdata[i];

        if (!reference_is_unmoved(row, folder) || (dir && strcmp(row->dir, dir) != 0))
            continue;
        count++;
        *has_fix |= !g_strcmp0(row->fix, fix);
    }
    return count;
}

static void check_unmoved(Story *story, const char *folder)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t all = 0, sum = 0;
    bool has_fix = false;

    check_done(story, unmoved_count(story->ledger, folder, 100, &all, &groups, &error), error);
    check_number(story, "originals to be moved", all,
                 count_unmoved(story, folder, NULL, NULL, &has_fix));
    for (guint i = 0; i < groups->len; i++) {
        const UnmovedGroup *group = &g_array_index(groups, UnmovedGroup, i);

        has_fix = false;
        check_number(story, "originals of a directory", group->originals,
                     count_unmoved(story, folder, group->dir, group->fix, &has_fix));
        check_number(story, "their remedy is known", has_fix, true);
        sum += group->originals;
        if (i && group->originals > (group - 1)->originals)
            differs(story, "the directory '%s' has more originals than the one before it",
                    group->dir);
    }
    check_number(story, "originals of all directories", sum, all);
}

static void check_files(Story *story)
{
    FileId file = some_known_file(story);
    const char *folder = some_folder(story), *source = some_source(story);
    g_autoptr(Error) error = NULL;
    bool is = false;

    check_done(story, ledger_was_source(story->ledger, &file, &is, &error), error);
    check_number(story, "was a source", is, reference_was_source(story->reference, &file));
    for (int number = 1; number <= story->files; number++) {
        FileId output = file_number(number);

        check_done(story, ledger_is_output(story->ledger, &output, &is, &error), error);
        check_number(story, "is an output", is, reference_is_output(story->reference, &output));
        if (!is)
            continue;
        check_done(story,
                   ledger_has_made(story->ledger, folder, source, "x.jpg", &output, &is, &error),
                   error);
        check_number(story, "was made", is,
                     reference_has_made(story->reference, folder, source, "x.jpg", &output));
    }
}

void check_all(Story *story)
{
    const GPtrArray *rows = story->reference->rows;

    for (guint i = 0; i < REFERENCE_FOLDERS; i++) {
        check_counts(story, reference_folders[i]);
        check_next_due(story, reference_folders[i]);
        check_unmoved(story, reference_folders[i]);
    }
    check_counts(story, NULL);
    check_unfinished(story);
    check_files(story);
    check_answers(story);
    for (guint i = 0; i < rows->len; i++) {
        const ReferenceRow *row = rows->pdata[i];

        check_key(story, row->row.folder, row->row.source);
        check_outputs(story, row);
        check_report(story, row);
        if (!row->row.token) /* no one has it: there is no token to ask with */
            continue;
        check_why(story, row);
        check_is_history(story, row);
    }
}

/* ---- rows that were taken ---- */

/* A queued one comes with the number of its next attempt, and is read again. */
static void check_taken(Story *story, const LedgerRow *is, const ReferenceRow *should)
{
    bool queued = should->row.state == LEDGER_QUEUED;
    static const FileId unread;

    check_place(story, is, should);
    check_content(story, &is->file, queued ? &unread : &should->row.file);
    check_number(story, "attempt", is->attempt, should->row.attempt + queued);
    if (!ledger_has_ended(should->row.state)) /* nothing is decoded of those */
        check_number(story, "alone", is->alone, should->row.alone);
    if (is->token <= 0 || g_hash_table_contains(story->tokens, &is->token))
        differs(story, "row %" G_GINT64_FORMAT ": its token is not new", is->id);
}

void hold(Story *story, const LedgerRow *row)
{
    g_hash_table_add(story->tokens, g_memdup2(&row->token, sizeof(row->token)));
    remember(story->holders, row);
}

void receive(Story *story, const GPtrArray *should, GArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        say(story, "  gets row %" G_GINT64_FORMAT, g_array_index(rows, LedgerRow, i).id);
    check_number(story, "rows that are due", rows->len, should->len);
    for (guint i = 0; i < rows->len; i++) {
        const LedgerRow *is = &g_array_index(rows, LedgerRow, i);

        check_taken(story, is, should->pdata[i]);
        reference_hold(should->pdata[i], is->token);
        hold(story, is);
    }
}
