/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads rows of the tables into the types of ledger.h. */
#include "daemon/ledger/ledger_internal.h"

void ledger_row_clear(LedgerRow *row)
{
    g_clear_pointer(&row->folder, g_free);
    g_clear_pointer(&row->source, g_free);
}

void ledger_duplicate_clear(LedgerDuplicate *duplicate)
{
    ledger_row_clear(&duplicate->row);
}

void ledger_output_clear(LedgerOutput *output)
{
    g_clear_pointer(&output->path, g_free);
    g_clear_pointer(&output->hidden, g_free);
}

/* As the tables have them. */
static const char *const state_words[] = {
    [LEDGER_QUEUED] = "queued",
    [LEDGER_PROCESSING] = "processing",
    [LEDGER_PUBLISHING] = "publishing",
    [LEDGER_FAILING] = "failing",
    [LEDGER_DONE] = "done",
    [LEDGER_FAILED] = "failed",
};

LedgerState ledger_state_of(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(state_words); i++)
        if (!g_strcmp0(word, state_words[i]))
            return i;
    g_assert_not_reached();
}

void ledger_read_row(DatabaseRow *from, LedgerRow *row)
{
    row->id = database_int(from, 0);
    row->folder = g_strdup(database_text(from, 1));
    row->source = database_bytes(from, 2);
    row->file = database_fileid(from, 3);
    row->file.hash[0] = (uint64_t) database_int(from, 7);
    row->file.hash[1] = (uint64_t) database_int(from, 8);
    row->state = ledger_state_of(database_text(from, 9));
    row->attempt = (int) database_int(from, 10);
    row->crashes = (int) database_int(from, 11);
    row->alone = database_int(from, 12) != 0;
    row->missing = database_int(from, 13) != 0;
    row->file.keyed[0] = (uint64_t) database_int(from, 14);
    row->file.keyed[1] = (uint64_t) database_int(from, 15);
}

bool ledger_read_rows(Ledger *ledger, DatabaseRow *row, bool found, GArray *rows, Error **err)
{
    bool ok = true;

    while (ok && found) {
        LedgerRow read = { 0 };
        ledger_read_row(row, &read);
        g_array_append_val(rows, read);
        ok = database_next(ledger->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

bool ledger_read_next_due(Ledger *ledger, Sql which, const char *folder, int64_t now,
                          int64_t *next_ms, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, which, "ti", folder, now))
        return false;
    *next_ms = found && !database_is_null(row, 0) ? database_int(row, 0) : INT64_MAX;
    database_finish(row);
    return true;
}

bool ledger_find_row(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                     bool *found, Error **err)
{
    DatabaseRow *statement = NULL;

    if (!database_first(ledger->db, err, &statement, found, SQL_FIND, "tb", folder, source))
        return false;
    if (*found)
        ledger_read_row(statement, row);
    database_finish(statement);
    return true;
}
