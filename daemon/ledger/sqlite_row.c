/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads rows of the tables into the types of ledger.h. */
#include "daemon/ledger/sqlite_internal.h"

bool sqlite_taken(Error **err)
{
    return error_set(err, ERROR_TAKEN, NULL, "another one has taken the picture over");
}

bool sqlite_changed_ours(const SqliteLedger *ledger, Error **err)
{
    return database_changes(ledger->db) == 1 || sqlite_taken(err);
}

bool sqlite_is_ours(SqliteLedger *ledger, const LedgerRow *row, Error **err)
{
    bool found = false;

    return database_has_row(ledger->db, err, &found, SQL_STATE, "ii", row->id, row->token) &&
           (found || sqlite_taken(err));
}

/* As the tables have them. */
static const char *const state_words[] = {
    [LEDGER_QUEUED] = "queued",
    [LEDGER_PROCESSING] = "processing",
    [LEDGER_PUBLISHING] = "publishing",
    [LEDGER_FAILING] = "failing",
    [LEDGER_DONE] = "done",
    [LEDGER_FAILED] = "failed",
    [LEDGER_CANCELLED] = "cancelled",
    [LEDGER_SUPERSEDED] = "superseded",
};

const char *sqlite_state_word(LedgerState state)
{
    return state_words[state];
}

LedgerState sqlite_state_of(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(state_words); i++)
        if (!g_strcmp0(word, state_words[i]))
            return i;
    g_assert_not_reached();
}

void sqlite_read_row(DatabaseRow *from, LedgerRow *row)
{
    row->id = database_int(from, 0);
    row->folder = g_strdup(database_text(from, 1));
    row->source = database_bytes(from, 2);
    row->file = database_fileid(from, 3);
    row->file.hash[0] = (uint64_t) database_int(from, 7);
    row->file.hash[1] = (uint64_t) database_int(from, 8);
    row->state = sqlite_state_of(database_text(from, 9));
    row->attempt = (int) database_int(from, 10);
    row->crashes = (int) database_int(from, 11);
    row->alone = database_int(from, 12) != 0;
    row->missing = database_int(from, 13) != 0;
    row->file.keyed[0] = (uint64_t) database_int(from, 14);
    row->file.keyed[1] = (uint64_t) database_int(from, 15);
    row->token = database_int(from, 16);
    row->sequence = (Sequence){ database_int(from, 17), database_int(from, 18),
                                database_int(from, 19), (int) database_int(from, 20) };
    row->remake = database_int(from, 21) != 0;
    row->changed_wall_ms = database_int(from, 22);
    row->new_name = database_bytes(from, 23);
}

void sqlite_read_error(DatabaseRow *from, int first_column, Error **why)
{
    if (!database_text(from, first_column + 1))
        return;
    error_set(why, error_kind_from_word(database_text(from, first_column)),
              database_text(from, first_column + 3), "%s", database_text(from, first_column + 1));
    (*why)->where = g_strdup(database_text(from, first_column + 2));
}

bool sqlite_read_rows(SqliteLedger *ledger, DatabaseRow *row, bool found, GArray *rows, Error **err)
{
    bool ok = true;

    while (ok && found) {
        LedgerRow read = { 0 };
        sqlite_read_row(row, &read);
        g_array_append_val(rows, read);
        ok = database_next(ledger->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

bool sqlite_read_next_due(SqliteLedger *ledger, Sql which, const char *folder, int64_t now,
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

bool sqlite_find_row(SqliteLedger *ledger, const char *folder, const char *source, LedgerRow *row,
                     bool *found, Error **err)
{
    DatabaseRow *statement = NULL;

    if (!database_first(ledger->db, err, &statement, found, SQL_FIND, "tb", folder, source))
        return false;
    if (*found)
        sqlite_read_row(statement, row);
    database_finish(statement);
    return true;
}
