/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* History: the age of finished rows, whether their files still exist, when they are forgotten. */
#include <inttypes.h>

#include "base/clock.h"
#include "daemon/ledger/ledger_internal.h"

enum { VACUUM_PAGES = 256 }; /* given back to the file system at a time: 1 MB */

int64_t ledger_lifetime_ms(const Ledger *ledger)
{
    return ledger->earlier_lifetime_ms + clock_ms() - ledger->opened_ms;
}

void ledger_remember_age(Ledger *ledger, Error **err)
{
    g_autofree char *lived = g_strdup_printf("%" PRId64, ledger_lifetime_ms(ledger));

    database_run(ledger->db, err, SQL_SET_META, "tt", "lived", lived);
}

bool ledger_list_old(Ledger *ledger, const char *folder, int64_t age_ms, LedgerPlace *after,
                     int limit, GArray *rows, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OLD, "itiii",
                             ledger_lifetime_ms(ledger) - age_ms, folder, after->ended, after->id,
                             (int64_t) limit);
    while (ok && found) {
        LedgerRow old = { 0 };
        ledger_read_row(row, &old);
        *after = (LedgerPlace){ database_int(row, LEDGER_ROW_COLUMNS), old.id };
        g_array_append_val(rows, old);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_mark_absent(Ledger *ledger, int64_t id, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_run(ledger->db, err, SQL_MAKE_HISTORY, "i", id);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool prune(Ledger *ledger, int64_t before, int64_t limit, int *pruned, Error **err)
{
    if (!database_run(ledger->db, err, SQL_PRUNE_OUTPUTS, "ii", before, limit) ||
        !database_run(ledger->db, err, SQL_PRUNE, "ii", before, limit))
        return false;
    *pruned = database_changes(ledger->db);
    return true;
}

bool ledger_prune(Ledger *ledger, int64_t age_ms, int limit, int *pruned, Error **err)
{
    g_autofree char *vacuum = g_strdup_printf("PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
    g_autoptr(Error) ignored = NULL;

    *pruned = 0;
    pthread_mutex_lock(&ledger->lock);
    ledger_remember_age(ledger, &ignored);
    bool ok = database_begin(ledger->db, err) &&
              prune(ledger, ledger_lifetime_ms(ledger) - age_ms, limit, pruned, err);
    ok = database_end(ledger->db, ok, err) && database_execute(ledger->db, vacuum, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

void ledger_folder_clear(LedgerFolder *folder)
{
    g_clear_pointer(&folder->name, g_free);
}

bool ledger_list_unfinished(Ledger *ledger, GArray *folders, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNFINISHED_FOLDERS, "");
    while (ok && found) {
        LedgerFolder folder = { g_strdup(database_text(row, 0)), database_int(row, 1) };
        g_array_append_val(folders, folder);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}
