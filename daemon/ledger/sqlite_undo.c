/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures that are taken back: the record of what is moved for that. */
#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"
#include "daemon/ledger/undo.h"

/* ---- begin ---- */

static bool is_ready(SqliteLedger *ledger, const LedgerRow *row, Error **err)
{
    bool ready = false;

    return database_has_row(ledger->db, err, &ready, SQL_UNDO_IS_READY, "ii", row->id,
                            row->token) &&
           (ready || sqlite_taken(err));
}

static bool add_move(SqliteLedger *ledger, int64_t id, int64_t n, const UndoMove *move, Error **err)
{
    return database_run(ledger->db, err, SQL_UNDO_ADD_MOVE, "iibbibfk", id, n, move->root,
                        move->path, (int64_t) move->spot, move->spot_path, &move->file,
                        &move->file);
}

static bool add_moves(SqliteLedger *ledger, int64_t id, const GArray *moves, Error **err)
{
    bool ok = true;

    for (guint n = 0; ok && n < moves->len; n++)
        ok = add_move(ledger, id, n, &g_array_index(moves, UndoMove, n), err);
    return ok;
}

/* What the row was is kept first. */
static bool cancel(SqliteLedger *ledger, const LedgerRow *row, const char *who, Error **err)
{
    return database_run(ledger->db, err, SQL_UNDO_KEEP, "it", row->id, who) &&
           database_run(ledger->db, err, SQL_UNMOVED_FORGET, "i", row->id) &&
           database_run(ledger->db, err, SQL_MAKE_KEY_HISTORY, "tbi", row->folder, row->source,
                        row->id) &&
           database_run(ledger->db, err, SQL_UNDO_CANCEL, "iitii", row->id, sqlite_new_token(), who,
                        clock_wall_ms(), sqlite_lifetime_ms(ledger));
}

bool sqlite_undo_begin(Ledger *common, const LedgerRow *row, const char *who, const GArray *moves,
                       Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) && is_ready(ledger, row, err) &&
              cancel(ledger, row, who, err) && add_moves(ledger, row->id, moves, err);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* ---- end ---- */

static bool forget(SqliteLedger *ledger, int64_t id, Error **err)
{
    return database_run(ledger->db, err, SQL_UNDO_FORGET_MOVES, "i", id) &&
           database_run(ledger->db, err, SQL_UNDO_FORGET, "i", id);
}

bool sqlite_undo_finish(Ledger *common, int64_t id, const FileId *file, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_UNDO_SET_FILE, "fi", file, id) &&
              sqlite_reset_parts(ledger, id, err) && forget(ledger, id, err);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

bool sqlite_undo_cancel(Ledger *common, int64_t id, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_UNDO_RESTORE, "i", id) &&
              database_run(ledger->db, err, SQL_UNDO_RESTORE_MOVE, "i", id) &&
              forget(ledger, id, err);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* ---- read ---- */

bool sqlite_undo_list(Ledger *common, GArray *rows, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNDO_LIST, "") &&
              sqlite_read_rows(ledger, row, found, rows, err);

    return sqlite_unlock(ledger, ok);
}

static bool read_moves(SqliteLedger *ledger, int64_t id, GArray *moves, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNDO_MOVES, "i", id);

    while (ok && found) {
        UndoMove move = {
            .root = database_bytes(row, 0),
            .path = database_bytes(row, 1),
            .spot = (int) database_int(row, 2),
            .spot_path = database_bytes(row, 3),
            .file = database_fileid(row, 4),
        };
        for (int i = 0; i < 2; i++) {
            move.file.hash[i] = (uint64_t) database_int(row, 8 + i);
            move.file.keyed[i] = (uint64_t) database_int(row, 10 + i);
        }
        g_array_append_val(moves, move);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return ok;
}

static bool read_who(SqliteLedger *ledger, int64_t id, char **who, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_UNDO_WHO, "i", id))
        return false;
    *who = found ? g_strdup(database_text(row, 0)) : NULL;
    database_finish(row);
    return true;
}

bool sqlite_undo_read(Ledger *common, int64_t id, GArray *moves, char **who, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = read_who(ledger, id, who, err) && read_moves(ledger, id, moves, err);

    return sqlite_unlock(ledger, ok);
}

bool sqlite_undo_find_use(Ledger *common, const FileId *file, int64_t id, LedgerRow *row,
                          bool *found, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    DatabaseRow *use = NULL;
    bool ok = database_first(ledger->db, err, &use, found, SQL_UNDO_USE, "fi", file, id);

    if (ok && *found)
        sqlite_read_row(use, row);
    if (ok)
        database_finish(use);
    return sqlite_unlock(ledger, ok);
}
