/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What jobs call: takes, and calls with a row that was taken, now or long ago. */
#include "tests/unit/ledger/story.h"

enum { HOLDERS_MAX = 30, CONTENTS = 4, ANY_LIMIT = 1000 };

#define ROW_WORDS       "row %" G_GINT64_FORMAT "%s"
#define ROW_VALUES(row) (row)->id, is_ours(story, row) ? "" : " (no longer ours)"

/* ---- take ---- */

static GArray *rows_new(void)
{
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    return rows;
}

static void take(Story *story, const LedgerTake *how)
{
    g_autoptr(GPtrArray) should = reference_take(story->reference, how);
    g_autoptr(GArray) rows = rows_new();
    g_autoptr(Error) error = NULL;

    static const char *const orders[] = { "oldest", "newest", "first by name" };

    say(story, "take up to %d %s of '%s'%s", how->limit,
        how->retries ? "retries" : orders[how->order], how->folder,
        how->alone ? "" : ", none that has to be alone");
    check_done(story, ledger_take(story->ledger, how, rows, &error), error);
    receive(story, should, rows);
}

void take_some(Story *story)
{
    take(story, &(LedgerTake){ .folder = some_folder(story),
                               .retries = pick(story, 2),
                               .order = (Order) pick(story, ORDER_NAME + 1),
                               .alone = pick(story, 4) > 0,
                               .limit = 1 + pick(story, 3) });
}

void take_all(Story *story)
{
    for (int kind = 0; kind < 2 * REFERENCE_FOLDERS; kind++)
        take(story, &(LedgerTake){ .folder = reference_folders[kind / 2],
                                   .retries = kind % 2,
                                   .alone = true,
                                   .limit = ANY_LIMIT });
}

static gint by_id(gconstpointer a, gconstpointer b)
{
    const LedgerRow *one = a, *other = b;

    return (one->id > other->id) - (one->id < other->id);
}

static gint by_id_of(gconstpointer a, gconstpointer b)
{
    return by_id(*(const LedgerRow *const *) a, *(const LedgerRow *const *) b);
}

/* Which are taken is said, their order is not. */
void take_unmoved(Story *story)
{
    const char *folder = some_folder(story);
    int limit = 1 + pick(story, 3);
    g_autoptr(GPtrArray) should = reference_unmoved_take(story->reference, folder, limit);
    g_autoptr(GArray) rows = rows_new();
    g_autoptr(Error) error = NULL;

    say(story, "take up to %d originals of '%s' that are to be moved", limit, folder);
    check_done(story, unmoved_take(story->ledger, folder, limit, rows, &error), error);
    g_array_sort(rows, by_id);
    g_ptr_array_sort(should, by_id_of);
    receive(story, should, rows);
}

/* ---- calls with a row ---- */

static bool is_ours(const Story *story, const LedgerRow *row)
{
    LedgerRow copy = *row;

    return reference_ask(story->reference, &copy);
}

/* The answer may have been lost on its way: then the holder does not know the new state. */
static void know(Story *story, LedgerRow *row, bool ours, LedgerState state)
{
    if (ours && pick(story, 10))
        row->state = state;
}

/* As where it was read: now and then without a key, by a folder that does not ask. */
static void read_content(Story *story, LedgerRow *row, bool asks)
{
    uint64_t content = 1 + (uint64_t) pick(story, CONTENTS);
    bool keyed = asks || pick(story, 4);

    row->file.hash[0] = content;
    row->file.hash[1] = content + 100;
    row->file.keyed[0] = keyed ? content + 200 : 0;
    row->file.keyed[1] = keyed ? content + 300 : 0;
}

static void check_duplicate(Story *story, const LedgerDuplicate *is, DuplicateState state,
                            const ReferenceRow *other)
{
    int64_t now_ms = story->reference->now_ms;

    check_number(story, "duplicate", is->state, state);
    if (!other)
        return;
    check_row(story, &is->row, other);
    check_time(story, "time of the other one", is->delay_ms, MAX(other->retry_ms - now_ms, 0));
}

static void begin(Story *story, LedgerRow *row)
{
    g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };
    DuplicateState state = DUPLICATE_NONE;
    g_autoptr(Error) error = NULL;
    ReferenceRow *other = NULL;
    bool asks = pick(story, 3) > 0;

    read_content(story, row, asks);
    say(story, "begin " ROW_WORDS ", content %d%s", ROW_VALUES(row), (int) row->file.hash[0],
        asks ? ", asks for duplicates" : "");
    LedgerRow before = *row;
    bool ok = ledger_begin(story->ledger, row, asks ? &duplicate : NULL, &error);
    if (asks)
        reference_find_duplicate(story->reference, &before, duplicate.row.id, &state, &other);
    bool ours = reference_begin(story->reference, &before, asks, state, other);
    check_answer(story, ours, ok, error);
    if (!ours)
        return;
    check_duplicate(story, &duplicate, state, other);
    check_number(story, "state after begin", row->state,
                 state == DUPLICATE_IN_PROGRESS ? LEDGER_QUEUED : LEDGER_PROCESSING);
    if (!pick(story, 10)) /* the answer was lost */
        row->state = before.state;
}

static void ask(Story *story, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;
    LedgerRow should = *row;

    say(story, "ask " ROW_WORDS, ROW_VALUES(row));
    bool ok = ledger_ask(story->ledger, row, &error);
    check_answer(story, reference_ask(story->reference, &should), ok, error);
    check_number(story, "state", row->state, should.state);
}

static void release(Story *story, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;

    say(story, "release " ROW_WORDS, ROW_VALUES(row));
    bool ok = ledger_release(story->ledger, row, &error);
    check_answer(story, reference_release(story->reference, row), ok, error);
}

static void defer(Story *story, LedgerRow *row)
{
    int kind = pick(story, 3);
    int64_t delay_ms = kind == 0 ? 0 : kind == 1 ? LEDGER_BEHIND : some_delay(story);
    bool spend = pick(story, 2);
    CrashCause crash = pick(story, 3) ? CRASH_NONE : pick(story, 3);
    g_autoptr(Error) why = pick(story, 4) ? some_reason(story) : NULL, error = NULL;

    say(story, "defer " ROW_WORDS " by %" G_GINT64_FORMAT " ms%s, crash %d", ROW_VALUES(row),
        delay_ms, spend ? ", spent" : "", crash);
    bool ok = ledger_defer(story->ledger, row, delay_ms, spend, crash, why, &error);
    check_answer(story, reference_defer(story->reference, row, delay_ms, spend, crash, why), ok,
                 error);
}

static GArray *some_outputs(Story *story)
{
    static const char *const paths[] = { "x.jpg", "x/y\xfe.jpg", "z.png" };
    GArray *outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    int count = pick(story, 3);

    for (int i = 0; i < count; i++) {
        LedgerOutput output = {
            .path = (char *) (uintptr_t) paths[pick(story, G_N_ELEMENTS(paths))],
            .hidden = pick(story, 2) ? (char *) (uintptr_t) ".hidden" : NULL,
            .file = some_new_file(story),
            .replace = pick(story, 2),
        };
        g_array_append_val(outputs, output);
    }
    return outputs;
}

static void stage(Story *story, LedgerRow *row)
{
    g_autoptr(GArray) outputs = some_outputs(story);
    g_autoptr(Error) error = NULL;

    say(story, "stage " ROW_WORDS ", %u outputs", ROW_VALUES(row), outputs->len);
    bool ok = ledger_stage(story->ledger, row, outputs, &error);
    check_answer(story, reference_stage(story->reference, row, outputs), ok, error);
}

static void publish(Story *story, LedgerRow *row)
{
    g_autoptr(GArray) outputs = some_outputs(story);
    g_autoptr(Error) error = NULL;

    say(story, "publish " ROW_WORDS ", %u outputs", ROW_VALUES(row), outputs->len);
    ProfileText web = { .name = (char *) (uintptr_t) "web", .hash = UINT64_MAX };
    const ProfileText *profile = pick(story, 5) ? &web : NULL;
    bool ok = ledger_publish(story->ledger, row, outputs, profile, &error);
    bool ours = reference_publish(story->reference, row, outputs, profile);
    check_answer(story, ours, ok, error);
    know(story, row, ours, LEDGER_PUBLISHING);
}

static LedgerOriginal some_original(Story *story)
{
    static const LedgerOriginal originals[] = { ORIGINAL_STAYS, ORIGINAL_MOVED, ORIGINAL_MISSING };

    return originals[pick(story, G_N_ELEMENTS(originals))];
}

static void done(Story *story, LedgerRow *row)
{
    LedgerOriginal original = some_original(story);
    g_autoptr(Error) error = NULL;
    bool duplicate = pick(story, 3) == 0;

    say(story, "done " ROW_WORDS ", original %d%s", ROW_VALUES(row), original,
        duplicate ? ", a duplicate" : "");
    bool ok = ledger_done(story->ledger, row, original, duplicate, &error);
    bool ours = reference_done(story->reference, row, original, duplicate);
    check_answer(story, ours, ok, error);
    know(story, row, ours, LEDGER_DONE);
}

static void begin_failing(Story *story, LedgerRow *row)
{
    g_autoptr(Error) why = some_reason(story), error = NULL;

    say(story, "begin failing " ROW_WORDS, ROW_VALUES(row));
    bool ok = ledger_begin_failing(story->ledger, row, why, &error);
    bool ours = reference_begin_failing(story->reference, row, why);
    check_answer(story, ours, ok, error);
    know(story, row, ours, LEDGER_FAILING);
}

static void fail_row(Story *story, LedgerRow *row)
{
    LedgerOriginal original = some_original(story);
    g_autoptr(Error) why = some_reason(story), error = NULL;

    say(story, "fail " ROW_WORDS ", original %d", ROW_VALUES(row), original);
    bool ok = ledger_fail(story->ledger, row, original, why, &error);
    bool ours = reference_fail(story->reference, row, original, why);
    check_answer(story, ours, ok, error);
    know(story, row, ours, LEDGER_FAILED);
}

static void requeue(Story *story, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;

    say(story, "requeue " ROW_WORDS, ROW_VALUES(row));
    bool ok = ledger_requeue(story->ledger, row, &error);
    check_answer(story, reference_requeue(story->reference, row), ok, error);
    if (ok)
        check_number(story, "state after requeue", row->state, LEDGER_QUEUED);
}

static void forget(Story *story, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;

    say(story, "forget " ROW_WORDS, ROW_VALUES(row));
    bool ok = ledger_forget(story->ledger, row, &error);
    check_answer(story, reference_forget(story->reference, row), ok, error);
}

/* A touch, as the content is the same. */
static void update_file(Story *story, LedgerRow *row)
{
    FileId file = row->file;
    g_autoptr(Error) error = NULL;

    file.mtime_ns += 5000;
    say(story, "touch " ROW_WORDS, ROW_VALUES(row));
    bool ok = ledger_update_file(story->ledger, row, &file, &error);
    bool ours = reference_update_file(story->reference, row, &file);
    check_answer(story, ours, ok, error);
    if (ours)
        row->file = file;
}

static void record_crash(Story *story, LedgerRow *row)
{
    const LedgerCrash crash = { row->id, row->token, row->folder, row->source, NULL };
    g_autoptr(Error) why = some_reason(story), error = NULL;

    say(story, "it crashed over " ROW_WORDS, ROW_VALUES(row));
    check_done(story, ledger_record_crash(story->ledger, &crash, why, &error), error);
    reference_record_crash(story->reference, &crash, why);
}

/* ---- originals that could not be moved ---- */

static void keep(Story *story, LedgerRow *row)
{
    g_autofree char *dir = g_path_get_dirname(row->source);
    int64_t delay_ms = pick(story, 3) ? some_delay(story) : 0;
    g_autoptr(Error) error = NULL;
    const char *fix = pick(story, 3) ? "chmod g+w" : NULL;
    bool shut = pick(story, 2);

    if (!strcmp(dir, "."))
        *dir = 0;
    say(story, "keep the original of " ROW_WORDS " for %" G_GINT64_FORMAT " ms%s", ROW_VALUES(row),
        delay_ms, shut ? ", and those beside it" : "");
    bool ok = unmoved_keep(story->ledger, row, dir, shut, fix, delay_ms, &error);
    check_answer(story, reference_unmoved_keep(story->reference, row, dir, shut, fix, delay_ms), ok,
                 error);
}

static void set_report(Story *story, LedgerRow *row)
{
    static const char *const reports[] = { NULL, "failed/a.jpg.txt", "failed/b\xff.jpg.txt" };
    const char *report = reports[pick(story, G_N_ELEMENTS(reports))];
    g_autoptr(Error) error = NULL;

    say(story, "the report of " ROW_WORDS " is %s", ROW_VALUES(row), report ? report : "gone");
    bool ok = unmoved_set_report(story->ledger, row, report, &error);
    check_answer(story, reference_unmoved_set_report(story->reference, row, report), ok, error);
}

static void forget_move(Story *story, LedgerRow *row)
{
    LedgerOriginal original = some_original(story);
    g_autoptr(Error) error = NULL;

    say(story, "move no original of " ROW_WORDS ", original %d", ROW_VALUES(row), original);
    bool ok = unmoved_forget(story->ledger, row, original, &error);
    check_answer(story, reference_unmoved_forget(story->reference, row, original), ok, error);
}

/* ---- which call ---- */

typedef void (*Call)(Story *story, LedgerRow *row);

static const Call calls[] = { begin,         ask,         release,  defer,       stage,
                              publish,       done,        fail_row, requeue,     forget,
                              begin_failing, update_file, keep,     forget_move, record_crash,
                              set_report,    reopen_row };

enum { CHOICES = 10 };

/* Those that a job would make next. */
static const Call usual[][CHOICES] = {
    [LEDGER_QUEUED] = { begin, begin, begin, begin, begin, release, release, defer, forget,
                        begin_failing },
    [LEDGER_PROCESSING] = { stage, stage, publish, publish, publish, done, defer, begin_failing,
                            forget, ask },
    [LEDGER_PUBLISHING] = { publish, done, done, done, done, keep, keep, keep, defer, requeue },
    [LEDGER_FAILING] = { fail_row, fail_row, fail_row, fail_row, keep, keep, set_report, defer,
                         release, ask },
    [LEDGER_DONE] = { forget_move, forget_move, forget_move, forget_move, keep, keep, release,
                      release, ask, update_file },
    [LEDGER_FAILED] = { forget_move, forget_move, reopen_row, reopen_row, keep, set_report, release,
                        release, ask, update_file },
    [LEDGER_CANCELLED] = { reopen_row, reopen_row, reopen_row, reopen_row, reopen_row, release,
                           release, release, ask, update_file },
    [LEDGER_SUPERSEDED] = { release, release, release, release, release, release, reopen_row, ask,
                            ask, update_file },
};

/* Of those that have a row, if there is one. */
static LedgerRow *some_holder(Story *story)
{
    LedgerRow *row = NULL;

    for (int i = 0; i < 12 && (!row || !is_ours(story, row)); i++)
        row = &g_array_index(story->holders, LedgerRow, pick(story, (int) story->holders->len));
    return row;
}

static void forget_old_holders(const Story *story)
{
    for (guint i = 0; i < story->holders->len && story->holders->len > HOLDERS_MAX; i++)
        if (!is_ours(story, &g_array_index(story->holders, LedgerRow, i)))
            g_array_remove_index(story->holders, i--);
}

void use_row(Story *story)
{
    if (!story->holders->len)
        return;
    forget_old_holders(story);
    LedgerRow *row = pick(story, 7) ? some_holder(story)
                                    : &g_array_index(story->holders, LedgerRow,
                                                     pick(story, (int) story->holders->len));
    Call call = pick(story, 8) ? usual[row->state][pick(story, CHOICES)]
                               : calls[pick(story, G_N_ELEMENTS(calls))];
    call(story, row);
    check_key(story, row->folder, row->source);
    check_counts(story, row->folder);
}
