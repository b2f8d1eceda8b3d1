/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Originals that could not be moved. */
#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

/* When it is due, by an earlier try; INT64_MAX: there was none. */
static bool read_next_try(SqliteLedger *ledger, const LedgerRow *job, int64_t *next_ms, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_UNMOVED_NEXT_TRY, "i", job->id))
        return false;
    *next_ms = found ? database_int(row, 0) : INT64_MAX;
    database_finish(row);
    return true;
}

/* The other originals of its directory; at the first try of this one, those that are not due. */
static bool postpone(SqliteLedger *ledger, const LedgerRow *row, bool first, int64_t next_ms,
                     Error **err)
{
    return database_run(ledger->db, err, SQL_UNMOVED_POSTPONE, "iii", next_ms, row->id,
                        first ? clock_ms() + 1 : 0);
}

static bool keep(SqliteLedger *ledger, Sql which, const LedgerRow *row, const char *dir, bool shut,
                 const char *fix, int64_t delay_ms, Error **err)
{
    int64_t before_ms = 0, next_ms = clock_ms() + delay_ms;

    if (!read_next_try(ledger, row, &before_ms, err))
        return false;
    bool stays_due = before_ms < 0;
    return SQLITE_RUN_OURS(ledger, err, which, "bitii", dir, stays_due ? 0 : next_ms, fix, row->id,
                           row->token) &&
           (!shut || stays_due || postpone(ledger, row, before_ms == INT64_MAX, next_ms, err));
}

bool sqlite_unmoved_keep(Ledger *common, const LedgerRow *row, const char *dir, bool shut,
                         const char *fix, int64_t delay_ms, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              keep(ledger, SQL_UNMOVED_KEEP, row, dir, shut, fix, delay_ms, err);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

bool sqlite_parts_keep(Ledger *common, const LedgerRow *row, LedgerOriginal original,
                       const char *dir, bool shut, const char *fix, int64_t delay_ms, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              keep(ledger, SQL_PART_KEEP, row, dir, shut, fix, delay_ms, err) &&
              database_run(ledger->db, err, SQL_PART_SETTLE, "iii",
                           (int64_t) (original == ORIGINAL_STAYS),
                           (int64_t) (original == ORIGINAL_MISSING), row->id);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

bool sqlite_unmoved_take(Ledger *common, const char *folder, int limit, GArray *rows, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    guint first = rows->len;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNMOVED_TAKE, "tii", folder,
                             clock_ms(), (int64_t) limit) &&
              sqlite_read_rows(ledger, row, found, rows, err) &&
              sqlite_hold(ledger, rows, first, err);

    for (guint i = first; i < rows->len; i++)
        g_array_index(rows, LedgerRow, i).alone = false; /* nothing is decoded */
    return sqlite_unlock(ledger, ok);
}

bool sqlite_unmoved_is_history(Ledger *common, const LedgerRow *job, bool *is, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNMOVED_HISTORY, "ii", job->id,
                             job->token);

    *is = ok && found && database_int(row, 0);
    if (ok)
        database_finish(row);
    return sqlite_unlock(ledger, ok && (found || sqlite_taken(err)));
}

bool sqlite_unmoved_forget(Ledger *common, const LedgerRow *row, LedgerOriginal original,
                           Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    int64_t due_ms = 0;
    bool ok = database_begin(ledger->db, err) && read_next_try(ledger, row, &due_ms, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_UNMOVED_END, "iiii",
                              (int64_t) (original == ORIGINAL_STAYS),
                              (int64_t) (original == ORIGINAL_MISSING), row->id, row->token) &&
              database_run(ledger->db, err, SQL_UNMOVED_FORGET, "i", row->id) &&
              (due_ms >= 0 || /* else a part has come meanwhile */
               database_run(ledger->db, err, SQL_PART_MAKE_DUE, "bi", "", row->id));

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* The names below `dir` are those from "dir/" to before "dir0": '0' follows '/'. */
bool sqlite_unmoved_make_due(Ledger *common, const char *folder, const char *dir, bool *any,
                             Error **err)
{
    g_autofree char *first = *dir ? g_strconcat(dir, "/", NULL) : g_strdup("");
    g_autofree char *behind = *dir ? g_strconcat(dir, "0", NULL) : NULL;
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok =
        database_run(ledger->db, err, SQL_UNMOVED_MAKE_DUE, "tbbb", folder, dir, first, behind);

    *any = ok && database_changes(ledger->db) > 0;
    return sqlite_unlock(ledger, ok);
}

bool sqlite_unmoved_read_report(Ledger *common, const LedgerRow *job, char **report, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNMOVED_REPORT, "ii", job->id,
                             job->token);

    *report = ok && found ? database_bytes(row, 0) : NULL;
    if (ok)
        database_finish(row);
    return sqlite_unlock(ledger, ok && (found || sqlite_taken(err)));
}

bool sqlite_unmoved_set_report(Ledger *common, const LedgerRow *row, const char *report,
                               Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok =
        database_begin(ledger->db, err) && sqlite_is_ours(ledger, row, err) &&
        database_run(ledger->db, err, SQL_UNMOVED_FORGET_REPORT, "i", row->id) &&
        (!report || database_run(ledger->db, err, SQL_UNMOVED_SET_REPORT, "ib", row->id, report));

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

static bool count_all(SqliteLedger *ledger, const char *folder, int64_t *originals, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_UNMOVED_COUNT, "t", folder))
        return false;
    *originals = found ? database_int(row, 0) : 0;
    database_finish(row);
    return true;
}

static bool read_groups(SqliteLedger *ledger, const char *folder, int limit, GArray *groups,
                        Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNMOVED_GROUPS, "ti", folder,
                             (int64_t) limit);

    while (ok && found) {
        char *dir = database_bytes(row, 0); /* NULL where it is empty */
        UnmovedGroup group = { dir ? dir : g_strdup(""), database_int(row, 1),
                               g_strdup(database_text(row, 2)) };
        g_array_append_val(groups, group);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return ok;
}

bool sqlite_unmoved_count(Ledger *common, const char *folder, int limit, int64_t *originals,
                          GArray **groups, Error **err)
{
    g_autoptr(GArray) read = g_array_new(FALSE, FALSE, sizeof(UnmovedGroup));

    g_array_set_clear_func(read, (GDestroyNotify) unmoved_group_clear);
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = count_all(ledger, folder, originals, err) &&
              (!*originals || read_groups(ledger, folder, limit, read, err));
    if (ok)
        *groups = g_steal_pointer(&read);
    return sqlite_unlock(ledger, ok);
}
