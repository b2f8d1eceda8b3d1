/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people change: pictures that are cancelled, reopened, offered again; pauses. */
#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

/* ---- cancel ---- */

bool sqlite_cancel(Ledger *common, const LedgerRow *row, const char *who, CancelReason why,
                   Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_CANCEL, "iititi", sqlite_new_token(),
                              sqlite_lifetime_ms(ledger), who, clock_wall_ms(),
                              sqlite_cancel_word(why), row->id) &&
              database_run(ledger->db, err, SQL_UNMOVED_FORGET, "i", row->id) &&
              database_run(ledger->db, err, SQL_UNMOVED_FORGET_REPORT, "i", row->id);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* ---- once more ---- */

/* No other row of its key may be queued, in progress or taken; an ended one becomes history. */
static bool free_key(SqliteLedger *ledger, const char *folder, const char *source, int64_t id,
                     Error **err)
{
    bool busy = false;

    return database_has_row(ledger->db, err, &busy, SQL_IS_BUSY, "tbi", folder, source, id) &&
           (!busy || sqlite_taken(err)) &&
           database_run(ledger->db, err, SQL_MAKE_KEY_HISTORY, "tbi", folder, source, id);
}

bool sqlite_take_ended(Ledger *common, LedgerRow *row, Error **err)
{
    int64_t token = sqlite_new_token();
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              free_key(ledger, row->folder, row->source, row->id, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_TAKE_ENDED, "iii", token, row->id, row->token);

    ok = database_end(ledger->db, ok, err);
    if (ok)
        row->token = token;
    return sqlite_unlock(ledger, ok);
}

bool sqlite_reopen(Ledger *common, const LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok =
        database_begin(ledger->db, err) &&
        SQLITE_RUN_OURS(ledger, err, SQL_REOPEN, "iii", clock_wall_ms(), row->id, row->token) &&
        database_run(ledger->db, err, SQL_FORGET_NEW_NAME, "i", row->id) &&
        database_run(ledger->db, err, SQL_UNMOVED_FORGET, "i", row->id) &&
        database_run(ledger->db, err, SQL_UNMOVED_FORGET_REPORT, "i", row->id);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

bool sqlite_make_due(Ledger *common, const LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);

    return sqlite_unlock(ledger, SQLITE_RUN_OURS(ledger, err, SQL_MAKE_DUE, "i", row->id));
}

/* Where its file appears again, it is that of the new row. */
static bool settle_file(SqliteLedger *ledger, const LedgerOffer *offer, Error **err)
{
    return database_run(ledger->db, err, SQL_FORGET_FILE_MOVES, "ft", &offer->file,
                        offer->folder) &&
           database_run(ledger->db, err, SQL_SETTLE_FILE, "ft", &offer->file, offer->folder);
}

static bool add_taken(SqliteLedger *ledger, const LedgerOffer *offer, bool remake, LedgerRow *row,
                      Error **err)
{
    bool found = false;

    if (!sqlite_add_row(ledger, offer->folder, offer->source, &offer->file, offer->sequence, err) ||
        !sqlite_find_row(ledger, offer->folder, offer->source, row, &found, err))
        return false;
    row->token = sqlite_new_token();
    row->remake = remake;
    return database_run(ledger->db, err, SQL_TAKE, "ii", row->token, row->id) &&
           database_run(ledger->db, err, SQL_SET_REMAKE, "ii", (int64_t) remake, row->id);
}

bool sqlite_offer_again(Ledger *common, const LedgerOffer *offer, bool remake, LedgerRow *row,
                        Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              free_key(ledger, offer->folder, offer->source, 0, err) &&
              settle_file(ledger, offer, err) && add_taken(ledger, offer, remake, row, err);

    ok = database_end(ledger->db, ok, err);
    if (!ok)
        ledger_row_clear(row);
    return sqlite_unlock(ledger, ok);
}

/* ---- pauses ---- */

bool sqlite_pause(Ledger *common, const char *folder, const char *who, bool *was, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_run(ledger->db, err, SQL_PAUSE, "tti", folder, who, clock_wall_ms());

    *was = ok && !database_changes(ledger->db);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_resume(Ledger *common, const char *folder, bool *was, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_run(ledger->db, err, SQL_RESUME, "t", folder);

    *was = ok && database_changes(ledger->db);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_paused(Ledger *common, GArray *pauses, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_PAUSED, "");

    while (ok && found) {
        LedgerPause pause = { g_strdup(database_text(row, 0)), g_strdup(database_text(row, 1)),
                              database_int(row, 2) };
        g_array_append_val(pauses, pause);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}
