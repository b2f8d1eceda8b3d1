/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the intake writes and asks: pictures that arrive, come back, or are known. */
#include "base/clock.h"
#include "daemon/files/filename.h"
#include "daemon/files/shot.h"
#include "daemon/ledger/sqlite_internal.h"

bool sqlite_find(Ledger *common, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, sqlite_find_row(ledger, folder, source, row, found, err));
}

bool sqlite_find_elsewhere(Ledger *common, const char *folder, const char *source,
                           const FileId *file, int64_t born_ms, GArray *rows, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_FIND_ELSEWHERE, "ftbi", file,
                             folder, source, born_ms) &&
              sqlite_read_rows(ledger, row, found, rows, err);

    return sqlite_unlock(ledger, ok);
}

bool sqlite_rename(Ledger *common, const LedgerRow *row, const char *source, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *shot = shot_key(source);

    filename_split(source, &dir, &name);
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok =
        database_begin(ledger->db, err) &&
        SQLITE_RUN_OURS(ledger, err, SQL_LEAVE_NAME, "i", row->id) &&
        database_run(ledger->db, err, SQL_FORGET_QUEUED, "tb", row->folder, source) &&
        database_run(ledger->db, err, SQL_ABANDON_QUEUED, "tb", row->folder, source) &&
        database_run(ledger->db, err, SQL_MAKE_KEY_HISTORY, "tbi", row->folder, source, row->id) &&
        database_run(ledger->db, err, SQL_RENAME, "bbii", source, shot, clock_wall_ms(), row->id) &&
        database_run(ledger->db, err, SQL_UNMOVED_RENAME, "bi", dir, row->id);
    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* The next numbers of the folder. A transaction that fails leaves a gap in those of the run. */
static bool draw(SqliteLedger *ledger, const char *folder, Sequence *sequence, Error **err)
{
    const int today = clock_local_day(clock_wall_ms());
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_DRAW, "ti", folder, (int64_t) today))
        return false;
    *sequence = (Sequence){ database_int(row, 0), database_int(row, 1), ++ledger->run_last, today };
    database_finish(row);
    return true;
}

/* The numbers of the other picture of its shot; they stay 0 where there is none. */
static bool share(SqliteLedger *ledger, const char *folder, const char *source, const FileId *file,
                  Sequence *sequence, Error **err)
{
    const LedgerRow row = { .folder = (char *) (uintptr_t) folder,
                            .source = (char *) (uintptr_t) source,
                            .file = *file };
    g_auto(LedgerRow) twin = { 0 };
    bool found = false;
    bool ok = sqlite_find_twin(ledger, &row, &twin, &found, err);

    *sequence = found ? twin.sequence : (Sequence){ 0 };
    return ok;
}

bool sqlite_add_row(SqliteLedger *ledger, const char *folder, const char *source,
                    const FileId *file, Sequence sequence, Error **err)
{
    g_autofree char *shot = shot_key(source);

    if (sequence.folder == SEQUENCE_OF_SHOT && !share(ledger, folder, source, file, &sequence, err))
        return false;
    return (sequence.folder || draw(ledger, folder, &sequence, err)) &&
           database_run(ledger->db, err, SQL_ADD, "tbfiiiiib", folder, source, file,
                        clock_wall_ms(), sequence.folder, sequence.day, sequence.run,
                        (int64_t) sequence.date, shot);
}

static bool add_one(SqliteLedger *ledger, LedgerOffer *offer, int *added, Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    if (!sqlite_find_row(ledger, offer->folder, offer->source, &row, &found, err))
        return false;
    bool same = found && fileid_same(&row.file, &offer->file);
    offer->postponed = found && !same && ledger_is_in_progress(row.state);
    if (same || offer->postponed)
        return true;

    ++*added;
    if (found && row.state == LEDGER_QUEUED)
        return database_run(ledger->db, err, SQL_REPLACE_QUEUED, "fii", &offer->file,
                            clock_wall_ms(), row.id);
    return (!found || database_run(ledger->db, err, SQL_MAKE_HISTORY, "i", row.id)) &&
           sqlite_add_row(ledger, offer->folder, offer->source, &offer->file, offer->sequence, err);
}

bool sqlite_add(Ledger *common, LedgerOffer *offers, unsigned count, int *added, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    int new_work = 0;
    bool ok = sqlite_begin_change(ledger, err);

    for (unsigned i = 0; ok && i < count; i++)
        ok = add_one(ledger, &offers[i], &new_work, err);
    ok = sqlite_end_urgent_change(ledger, ok, err);
    if (ok && added)
        *added = new_work;
    return ok;
}

bool sqlite_update_file(Ledger *common, const LedgerRow *row, const FileId *file, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok =
        SQLITE_RUN_OURS(ledger, err, SQL_UPDATE_FILE, "fkii", file, file, row->id, row->token);

    return sqlite_unlock(ledger, ok);
}

/* A picture that no row had: the watcher crashed over it. */
static bool record_crash_of_file(SqliteLedger *ledger, const LedgerCrash *crash, const Error *why,
                                 Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false;
    bool ok = sqlite_find_row(ledger, crash->folder, crash->source, &row, &found, err);

    if (ok && !found && crash->file)
        ok = sqlite_add_row(ledger, crash->folder, crash->source, crash->file, (Sequence){ 0 },
                            err) &&
             sqlite_find_row(ledger, crash->folder, crash->source, &row, &found, err);
    return ok && (!found || database_run(ledger->db, err, SQL_RECORD_CRASH, "ei", why, row.id));
}

bool sqlite_record_crash(Ledger *common, const LedgerCrash *crash, const Error *why, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = crash->id ? database_run(ledger->db, err, SQL_RECORD_CRASH_OF_TAKEN, "eii", why,
                                       crash->id, crash->token)
                        : record_crash_of_file(ledger, crash, why, err);

    return sqlite_unlock(ledger, ok);
}

bool sqlite_is_output(Ledger *common, const FileId *file, bool *is, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, database_has_row(ledger->db, err, is, SQL_IS_OUTPUT, "f", file));
}

bool sqlite_was_source(Ledger *common, const FileId *file, bool *was, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, database_has_row(ledger->db, err, was, SQL_WAS_SOURCE, "f", file));
}

bool sqlite_has_made(Ledger *common, const char *folder, const char *source, const char *path,
                     const FileId *there, bool *made, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok =
        database_has_row(ledger->db, err, made, SQL_MADE, "btbf", path, folder, source, there);

    return sqlite_unlock(ledger, ok);
}
