/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* History: the age of finished rows, whether their files still exist, when they are forgotten; and
 * how many rows there are of each state. */
#include <inttypes.h>

#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

enum { VACUUM_PAGES = 256 }; /* given back to the file system at a time: 1 MB */

int64_t sqlite_lifetime_ms(const SqliteLedger *ledger)
{
    return ledger->earlier_lifetime_ms + clock_ms() - ledger->opened_ms;
}

void sqlite_remember_age(SqliteLedger *ledger, Error **err)
{
    g_autofree char *lived = g_strdup_printf("%" PRId64, sqlite_lifetime_ms(ledger));

    database_run(ledger->db, err, SQL_SET_META, "tt", "lived", lived);
}

bool sqlite_list_old(Ledger *common, const char *folder, int64_t age_ms, LedgerPlace *after,
                     int limit, GArray *rows, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OLD, "itiii",
                             sqlite_lifetime_ms(ledger) - age_ms, folder, after->ended, after->id,
                             (int64_t) limit);

    while (ok && found) {
        LedgerRow old = { 0 };
        sqlite_read_row(row, &old);
        *after = (LedgerPlace){ database_int(row, SQLITE_ROW_COLUMNS), old.id };
        g_array_append_val(rows, old);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}

/* One that was taken meanwhile is marked another time. */
bool sqlite_mark_absent(Ledger *common, const LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_run(ledger->db, err, SQL_MARK_ABSENT, "ii", row->id, row->token);

    return sqlite_unlock(ledger, ok);
}

static bool prune(SqliteLedger *ledger, int64_t before, int64_t limit, int *pruned, Error **err)
{
    if (!database_run(ledger->db, err, SQL_PRUNE_OUTPUTS, "ii", before, limit) ||
        !database_run(ledger->db, err, SQL_PRUNE, "ii", before, limit))
        return false;
    *pruned = database_changes(ledger->db);
    return true;
}

bool sqlite_prune(Ledger *common, int64_t age_ms, int limit, int *pruned, Error **err)
{
    g_autofree char *vacuum = g_strdup_printf("PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
    g_autoptr(Error) ignored = NULL;
    SqliteLedger *ledger = sqlite_lock(common);

    *pruned = 0;
    sqlite_remember_age(ledger, &ignored);
    bool ok = database_begin(ledger->db, err) &&
              prune(ledger, sqlite_lifetime_ms(ledger) - age_ms, limit, pruned, err);
    ok = database_end(ledger->db, ok, err) && database_execute(ledger->db, vacuum, err);
    return sqlite_unlock(ledger, ok);
}

/* ---- counts ---- */

bool sqlite_read_counts(SqliteLedger *ledger, DatabaseRow *row, bool found, LedgerCounts *counts,
                        Error **err)
{
    int64_t *const fields[] = {
        [LEDGER_QUEUED] = &counts->queued,         [LEDGER_PROCESSING] = &counts->processing,
        [LEDGER_PUBLISHING] = &counts->publishing, [LEDGER_DONE] = &counts->done,
        [LEDGER_FAILED] = &counts->failed,         [LEDGER_FAILING] = &counts->failing,
        [LEDGER_CANCELLED] = &counts->cancelled,   [LEDGER_SUPERSEDED] = &counts->superseded,
    };
    bool ok = true;

    while (ok && found) {
        int64_t rows = database_int(row, 1);
        if (!g_strcmp0(database_text(row, 0), "duplicate"))
            counts->duplicates = rows;
        else
            *fields[sqlite_state_of(database_text(row, 0))] = rows;
        ok = database_next(ledger->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

bool sqlite_count(Ledger *common, const char *folder, LedgerCounts *counts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;

    *counts = (LedgerCounts){ 0 };
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT, "t", folder) &&
              sqlite_read_counts(ledger, row, found, counts, err);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_count_unfinished(Ledger *common, int64_t *rows, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT_UNFINISHED, "");

    if (ok) {
        *rows = database_int(row, 0);
        database_finish(row);
    }
    return sqlite_unlock(ledger, ok);
}

bool sqlite_list_unfinished(Ledger *common, GArray *folders, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNFINISHED_FOLDERS, "");

    while (ok && found) {
        LedgerFolder folder = { g_strdup(database_text(row, 0)), database_int(row, 1) };
        g_array_append_val(folders, folder);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}
