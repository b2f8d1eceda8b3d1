/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/ledger/story.h"

#include <stdio.h>

enum { LINES_MAX = 1 << 20, NAMES = 5 };

/* ---- telling ---- */

int pick(Story *story, int below)
{
    return g_rand_int_range(story->rand, 0, below);
}

void say(Story *story, const char *format, ...)
{
    gsize before = story->lines->len;
    va_list values;

    g_assert(before < LINES_MAX);
    va_start(values, format);
    g_string_append_vprintf(story->lines, format, values);
    va_end(values);
    g_string_append_c(story->lines, '\n');
    if (story->shown)
        print_message("%s", story->lines->str + before);
}

void differs(Story *story, const char *format, ...)
{
    g_autofree char *how = NULL;
    va_list values;

    va_start(values, format);
    how = g_strdup_vprintf(format, values);
    va_end(values);
    if (!story->shown)
        fputs(story->lines->str, stderr); /* cmocka prints no more than a kilobyte */
    print_error("^ %s\nstory %u (test_ledger_model %u tells it alone)\n", how, story->seed,
                story->seed);
    fail();
    abort();
}

const char *some_folder(Story *story)
{
    return reference_folders[pick(story, 3) == 0];
}

const char *some_source(Story *story)
{
    static const char *const sources[NAMES] = { "a.jpg", "b\xff.jpg", "w/c.jpg", "w/x/d.jpg",
                                                "w0/e.jpg" };

    return sources[pick(story, story->names)];
}

FileId some_new_file(Story *story)
{
    return file_number(++story->files);
}

/* That of a row, sometimes with another date; a new one where there is no row. */
FileId some_known_file(Story *story)
{
    const GPtrArray *rows = story->reference->rows;

    if (!rows->len)
        return some_new_file(story);
    const ReferenceRow *row = rows->pdata[pick(story, (int) rows->len)];
    FileId file = row->row.file;
    fileid_forget_content(&file);
    file.mtime_ns += pick(story, 4) == 0 ? 1000 + pick(story, 9) : 0;
    return file;
}

/* The hours decide whether it has passed: time passes in whole hours. */
int64_t some_delay(Story *story)
{
    return (int64_t) HOUR_MS * (1 + pick(story, 4)) + INT64_C(1000) * ++story->delays;
}

Error *some_reason(Story *story)
{
    static const ErrorKind kinds[] = { ERROR_TRANSIENT, ERROR_PICTURE, ERROR_CONFIG,
                                       ERROR_ENVIRONMENT };
    Error *why = NULL;

    error_set(&why, kinds[pick(story, G_N_ELEMENTS(kinds))], pick(story, 2) ? "help it" : NULL,
              "reason %d", pick(story, 1000));
    if (pick(story, 2))
        error_set_where(&why, "here");
    return why;
}

void remember(GArray *rows, const LedgerRow *row)
{
    g_array_append_vals(rows, row, 1);
    LedgerRow *copy = &g_array_index(rows, LedgerRow, rows->len - 1);
    copy->folder = g_strdup(row->folder);
    copy->source = g_strdup(row->source);
}

/* ---- the ledger and its restarts ---- */

static void open_ledger(Story *story)
{
    g_autoptr(Error) error = NULL;

    check_done(story, ledger_open(story->spec, &story->ledger, &error), error);
}

static void copy_file(const char *from, const char *to, const char *suffix)
{
    g_autofree char *source = g_strconcat(from, suffix, NULL);
    g_autofree char *target = g_strconcat(to, suffix, NULL), *bytes = NULL;
    gsize size = 0;

    if (g_file_get_contents(source, &bytes, &size, NULL))
        assert_true(g_file_set_contents_full(target, bytes, (gssize) size, G_FILE_SET_CONTENTS_NONE,
                                             0600, NULL));
}

/* What is on the disk now is what a killed process leaves there. The age of history that was not
 * written is lost with it; a prune writes it. */
static void die(Story *story)
{
    g_autofree char *left = g_strdup_printf("%s/killed-%d.db", story->dir, ++story->crashes);
    g_autoptr(Error) error = NULL;
    int pruned = 0;

    check_done(story, ledger_prune(story->ledger, INT64_MAX / 2, 1, &pruned, &error), error);
    copy_file(story->spec, left, "");
    copy_file(story->spec, left, "-wal");
    ledger_close(story->ledger);
    g_free(story->spec);
    story->spec = g_steal_pointer(&left);
}

void restart(Story *story)
{
    bool dies = pick(story, 2);

    if (!story->spec)
        return;
    say(story, dies ? "it is killed and starts again" : "it ends and starts again");
    if (dies)
        die(story);
    else
        ledger_close(story->ledger);
    open_ledger(story);
    check_number(story, "recovered", ledger_recovered(story->ledger),
                 reference_recover(story->reference));
    check_all(story);
}

void let_time_pass(Story *story, int hours)
{
    say(story, "%d h pass", hours);
    pass_time((int64_t) hours * HOUR_MS);
    story->reference->now_ms += (int64_t) hours * HOUR_MS;
}

/* ---- begin, end ---- */

static GArray *rows_new(void)
{
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    return rows;
}

/* A ledger in memory has no restart, and is made in a moment. */
void story_begin(Story *story, guint32 seed, bool shown)
{
    *story = (Story){ .seed = seed, .shown = shown };
    story->rand = g_rand_new_with_seed(seed);
    story->lines = g_string_new(NULL);
    story->names = pick(story, 2) ? NAMES : 1 + pick(story, NAMES);
    story->reference = reference_new();
    story->holders = rows_new();
    story->seen = rows_new();
    story->tokens = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    if (pick(story, 3) == 0) {
        story->dir = check_mkdir();
        story->spec = g_build_filename(story->dir, "ledger.db", NULL);
    }
    stop_time();
    open_ledger(story);
}

void story_end(Story *story)
{
    ledger_close(story->ledger);
    reference_free(story->reference);
    g_array_unref(story->holders);
    g_array_unref(story->seen);
    g_hash_table_destroy(story->tokens);
    g_string_free(story->lines, TRUE);
    g_rand_free(story->rand);
    if (story->dir)
        check_rmdir(story->dir);
    g_free(story->spec);
}
