/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ended since when, and the marks of senders of notices. */
#include "daemon/ledger/sqlite_internal.h"

/* ---- ends ---- */

/* One of a change that is undone later has no row. */
int64_t sqlite_next_end(SqliteLedger *ledger)
{
    return atomic_fetch_add(&ledger->common.last_end, 1) + 1;
}

bool sqlite_read_last_end(SqliteLedger *ledger, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_LAST_END, ""))
        return false;
    atomic_store(&ledger->common.last_end, database_int(row, 0));
    database_finish(row);
    return true;
}

bool sqlite_newest_end(Ledger *common, const char *folder, LedgerState state, LedgerEnd *end,
                       Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_NEWEST_END, "tt", folder,
                             sqlite_state_word(state));

    *end = (LedgerEnd){ 0 };
    if (ok && found)
        *end = (LedgerEnd){ database_int(row, 0), database_int(row, 1) };
    if (ok)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_count_ends(Ledger *common, const LedgerEnds *ends, int64_t *count,
                       int64_t *first_wall_ms, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT_ENDS, "ttii", ends->folder,
                             sqlite_state_word(ends->state), ends->after, ends->until);

    *count = ok ? database_int(row, 0) : 0;
    *first_wall_ms = ok ? database_int(row, 1) : 0;
    if (ok)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_list_ends(Ledger *common, const LedgerEnds *ends, int limit, GArray *entries,
                      Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok =
        database_first(ledger->db, err, &row, &found, SQL_LIST_ENDS, "ttiii", ends->folder,
                       sqlite_state_word(ends->state), ends->after, ends->until, (int64_t) limit) &&
        sqlite_read_entries(ledger, row, found, entries, err);

    return sqlite_unlock(ledger, ok);
}

/* ---- marks ---- */

bool sqlite_read_marks(Ledger *common, const char *sender, GArray *marks, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_MARKS, "t", sender);

    while (ok && found) {
        LedgerMark mark = { g_strdup(database_text(row, 0)), g_strdup(database_text(row, 1)),
                            database_int(row, 2), g_strdup(database_text(row, 3)) };
        g_array_append_val(marks, mark);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_keep_marks(Ledger *common, const char *sender, const GArray *marks, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_FORGET_MARKS, "t", sender);

    for (guint i = 0; ok && i < marks->len; i++) {
        const LedgerMark *mark = &g_array_index(marks, LedgerMark, i);
        ok = database_run(ledger->db, err, SQL_ADD_MARK, "tttit", sender, mark->kind, mark->subject,
                          mark->number, mark->state);
    }
    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

static bool read_senders(SqliteLedger *ledger, GPtrArray *senders, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_MARK_SENDERS, "");

    while (ok && found) {
        g_ptr_array_add(senders, g_strdup(database_text(row, 0)));
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return ok;
}

bool sqlite_retain_marks(Ledger *common, const char *const *senders, Error **err)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) && read_senders(ledger, known, err);

    for (guint i = 0; ok && i < known->len; i++)
        ok = g_strv_contains(senders, known->pdata[i]) ||
             database_run(ledger->db, err, SQL_FORGET_MARKS, "t", (char *) known->pdata[i]);
    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}
