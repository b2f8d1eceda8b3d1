/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/ledger/ledger.h"

#include <inttypes.h>

#include "base/clock.h"
#include "daemon/files/filename.h"
#include "daemon/ledger/ledger_internal.h"

/* ---- intake ---- */

bool ledger_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = ledger_find_row(ledger, folder, source, row, found, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_find_elsewhere(Ledger *ledger, const char *folder, const char *source,
                           const FileId *file, int64_t born_ms, GArray *rows, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_FIND_ELSEWHERE, "ftbi", file,
                             folder, source, born_ms) &&
              ledger_read_rows(ledger, row, found, rows, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_rename(Ledger *ledger, const LedgerRow *row, const char *source, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL;

    filename_split(source, &dir, &name);
    pthread_mutex_lock(&ledger->lock);
    bool ok =
        database_begin(ledger->db, err) &&
        database_run(ledger->db, err, SQL_FORGET_QUEUED, "tb", row->folder, source) &&
        database_run(ledger->db, err, SQL_ABANDON_QUEUED, "tb", row->folder, source) &&
        database_run(ledger->db, err, SQL_MAKE_KEY_HISTORY, "tbi", row->folder, source, row->id) &&
        database_run(ledger->db, err, SQL_RENAME, "bii", source, clock_wall_ms(), row->id) &&
        database_run(ledger->db, err, SQL_UNMOVED_RENAME, "bi", dir, row->id);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool add_one(Ledger *ledger, LedgerOffer *offer, int *added, Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    if (!ledger_find_row(ledger, offer->folder, offer->source, &row, &found, err))
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
           database_run(ledger->db, err, SQL_ADD, "tbfi", offer->folder, offer->source,
                        &offer->file, clock_wall_ms());
}

bool ledger_add(Ledger *ledger, LedgerOffer *offers, unsigned count, int *added, Error **err)
{
    int new_work = 0;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err);
    for (unsigned i = 0; ok && i < count; i++)
        ok = add_one(ledger, &offers[i], &new_work, err);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    if (ok && added)
        *added = new_work;
    return ok;
}

/* Runs one statement under the lock, and returns its success. */
#define RUN_LOCKED(ledger, err, ...)                                                               \
    do {                                                                                           \
        pthread_mutex_lock(&(ledger)->lock);                                                       \
        bool run_ok = database_run((ledger)->db, (err), __VA_ARGS__);                              \
        pthread_mutex_unlock(&(ledger)->lock);                                                     \
        return run_ok;                                                                             \
    } while (0)

bool ledger_hash(const Ledger *ledger, int fd, FileId *file)
{
    return fileid_hash_keyed(fd, &ledger->key, file);
}

bool ledger_update_file(Ledger *ledger, int64_t id, const FileId *file, Error **err)
{
    RUN_LOCKED(ledger, err, SQL_UPDATE_FILE, "fiiiii", file, (int64_t) file->hash[0],
               (int64_t) file->hash[1], (int64_t) file->keyed[0], (int64_t) file->keyed[1], id);
}

/* ---- a job's life ---- */

#define STAYS(original)      ((int64_t) ((original) == ORIGINAL_STAYS))
#define IS_MISSING(original) ((int64_t) ((original) == ORIGINAL_MISSING))

bool ledger_list_due(Ledger *ledger, const LedgerDue *due, GArray *rows, int64_t *next_ms,
                     Error **err)
{
    Sql which = due->retries ? SQL_DUE_RETRIES : SQL_DUE_OTHERS;
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, which, "tiii", due->folder, due->now,
                             (int64_t) due->alone, (int64_t) due->limit) &&
              ledger_read_rows(ledger, row, found, rows, err) &&
              ledger_read_next_due(ledger, SQL_NEXT_DUE, due->folder, due->now, next_ms, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_claim(Ledger *ledger, LedgerRow *row, bool *claimed, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_run(ledger->db, err, SQL_CLAIM, "fii", &row->file, clock_wall_ms(), row->id);
    *claimed = ok && database_changes(ledger->db) == 1;
    pthread_mutex_unlock(&ledger->lock);
    if (*claimed) {
        row->state = LEDGER_PROCESSING;
        row->attempt++;
        fileid_forget_content(&row->file); /* as the row has: it is read now */
    }
    return ok;
}

bool ledger_is_current(Ledger *ledger, const LedgerRow *row, bool *current, Error **err)
{
    DatabaseRow *now = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &now, &found, SQL_STATE, "i", row->id);
    *current = ok && found && ledger_state_of(database_text(now, 0)) == row->state;
    if (ok)
        database_finish(now);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool find_by_hash(Ledger *ledger, Sql which, const LedgerRow *row, const uint64_t hash[2],
                         LedgerDuplicate *duplicate, Error **err)
{
    DatabaseRow *other = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &other, &found, which, "itii", (int64_t) hash[0],
                        row->folder, (int64_t) hash[1], row->id))
        return false;
    if (found) {
        ledger_read_row(other, &duplicate->row);
        duplicate->next_try = database_int(other, LEDGER_ROW_COLUMNS);
        duplicate->state =
            duplicate->row.state == LEDGER_DONE ? DUPLICATE_DONE : DUPLICATE_IN_PROGRESS;
    }
    database_finish(other);
    return true;
}

static bool find_duplicate(Ledger *ledger, const LedgerRow *row, LedgerDuplicate *duplicate,
                           Error **err)
{
    return find_by_hash(ledger, SQL_FIND_DUPLICATE, row, row->file.keyed, duplicate, err) &&
           (duplicate->state != DUPLICATE_NONE ||
            find_by_hash(ledger, SQL_FIND_UNKEYED, row, row->file.hash, duplicate, err));
}

bool ledger_set_hash(Ledger *ledger, const LedgerRow *row, LedgerDuplicate *duplicate, Error **err)
{
    const uint64_t *hash = row->file.hash, *keyed = row->file.keyed;

    pthread_mutex_lock(&ledger->lock);
    bool ok = !duplicate || find_duplicate(ledger, row, duplicate, err);
    if (ok && !(duplicate && duplicate->state == DUPLICATE_IN_PROGRESS))
        ok = database_run(ledger->db, err, SQL_HASH, "iiiii", (int64_t) hash[0], (int64_t) hash[1],
                          (int64_t) keyed[0], (int64_t) keyed[1], row->id);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

/* For LEDGER_BEHIND: a number that no row has, above the ids of all that wait. */
static bool take_place(Ledger *ledger, int64_t next_try, Error **err)
{
    return next_try != LEDGER_BEHIND || database_run(ledger->db, err, SQL_TAKE_PLACE, "");
}

bool ledger_defer(Ledger *ledger, int64_t id, int64_t next_try, bool spend, CrashCause crash,
                  const Error *why, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) && take_place(ledger, next_try, err) &&
              database_run(ledger->db, err, SQL_DEFER, "iiieii", next_try, (int64_t) !spend,
                           (int64_t) crash, why, clock_wall_ms(), id);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool add_output(Ledger *ledger, int64_t id, int64_t n, const LedgerOutput *output,
                       Error **err)
{
    return database_run(ledger->db, err, SQL_ADD_OUTPUT, "iibbfi", id, n, output->path,
                        output->hidden, &output->file, (int64_t) output->replace);
}

/* Replaces all outputs of the row; with `publish`, they are to be published from now on. */
static bool set_outputs(Ledger *ledger, int64_t id, const GArray *outputs, bool publish,
                        Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_FORGET_OUTPUTS, "i", id) &&
              (!publish || database_run(ledger->db, err, SQL_PUBLISH, "ii", clock_wall_ms(), id));
    for (unsigned n = 0; ok && n < outputs->len; n++)
        ok = add_output(ledger, id, n, &g_array_index(outputs, LedgerOutput, n), err);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_stage(Ledger *ledger, int64_t id, const GArray *outputs, Error **err)
{
    return set_outputs(ledger, id, outputs, false, err);
}

bool ledger_publish(Ledger *ledger, int64_t id, const GArray *outputs, Error **err)
{
    return set_outputs(ledger, id, outputs, true, err);
}

bool ledger_postpone(Ledger *ledger, int64_t id, int64_t next_try, const Error *why, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) && take_place(ledger, next_try, err) &&
              database_run(ledger->db, err, SQL_POSTPONE, "iei", next_try, why, id);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_read_outputs(Ledger *ledger, int64_t id, GArray **outputs, Error **err)
{
    g_autoptr(GArray) read = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    DatabaseRow *row = NULL;
    bool found = false;

    g_array_set_clear_func(read, (GDestroyNotify) ledger_output_clear);
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OUTPUTS, "i", id);
    while (ok && found) {
        LedgerOutput output = {
            .path = database_bytes(row, 0),
            .hidden = database_bytes(row, 1),
            .file = database_fileid(row, 2),
            .replace = (int) database_int(row, 6),
        };
        g_array_append_val(read, output);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    if (ok)
        *outputs = g_steal_pointer(&read);
    return ok;
}

bool ledger_done(Ledger *ledger, int64_t id, LedgerOriginal original, bool duplicate, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_DONE, "iiiii", STAYS(original),
                           IS_MISSING(original), clock_wall_ms(), ledger_lifetime_ms(ledger), id) &&
              (!duplicate || database_run(ledger->db, err, SQL_COUNT_DUPLICATE, "i", id));
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_begin_failing(Ledger *ledger, int64_t id, const Error *why, Error **err)
{
    RUN_LOCKED(ledger, err, SQL_FAILING, "eii", why, clock_wall_ms(), id);
}

bool ledger_fail(Ledger *ledger, int64_t id, LedgerOriginal original, const Error *why, Error **err)
{
    RUN_LOCKED(ledger, err, SQL_FAIL, "iieiii", STAYS(original), IS_MISSING(original), why,
               clock_wall_ms(), ledger_lifetime_ms(ledger), id);
}

bool ledger_requeue(Ledger *ledger, int64_t id, Error **err)
{
    RUN_LOCKED(ledger, err, SQL_REQUEUE, "i", id);
}

bool ledger_forget(Ledger *ledger, int64_t id, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_FORGET_OUTPUTS, "i", id) &&
              database_run(ledger->db, err, SQL_FORGET, "i", id);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_record_crash(Ledger *ledger, const char *folder, const char *source, const FileId *file,
                         const Error *why, Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = ledger_find_row(ledger, folder, source, &row, &found, err);
    if (ok && !found && file)
        ok =
            database_run(ledger->db, err, SQL_ADD, "tbfi", folder, source, file, clock_wall_ms()) &&
            ledger_find_row(ledger, folder, source, &row, &found, err);
    if (ok && found)
        ok = database_run(ledger->db, err, SQL_RECORD_CRASH, "ei", why, row.id);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

/* ---- questions ---- */

static bool read_error(Ledger *ledger, int64_t id, Error **why, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_ERROR, "i", id))
        return false;
    if (found && database_text(row, 1)) {
        error_set(why, error_kind_from_word(database_text(row, 0)), database_text(row, 3), "%s",
                  database_text(row, 1));
        (*why)->where = g_strdup(database_text(row, 2));
    }
    database_finish(row);
    return true;
}

bool ledger_last_error(Ledger *ledger, int64_t id, Error **why, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = read_error(ledger, id, why, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

/* Whether statement `which` finds a row for the file. */
static bool knows_file(Ledger *ledger, Sql which, const FileId *file, bool *known, Error **err)
{
    DatabaseRow *row = NULL;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, known, which, "f", file);
    if (ok)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_is_output(Ledger *ledger, const FileId *file, bool *is, Error **err)
{
    return knows_file(ledger, SQL_IS_OUTPUT, file, is, err);
}

bool ledger_was_source(Ledger *ledger, const FileId *file, bool *was, Error **err)
{
    return knows_file(ledger, SQL_WAS_SOURCE, file, was, err);
}

bool ledger_has_made(Ledger *ledger, const char *folder, const char *source, const char *path,
                     const FileId *there, bool *made, Error **err)
{
    DatabaseRow *row = NULL;

    pthread_mutex_lock(&ledger->lock);
    bool ok =
        database_first(ledger->db, err, &row, made, SQL_MADE, "btbf", path, folder, source, there);
    if (ok)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool give_sequence(Ledger *ledger, int64_t id, int64_t *number, Error **err)
{
    g_autofree char *folder = NULL;
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_SEQUENCE_OF, "i", id))
        return false;
    *number = found ? database_int(row, 0) : 0;
    folder = found ? g_strdup(database_text(row, 1)) : NULL;
    database_finish(row);
    if (*number || !found)
        return found ||
               error_set(err, ERROR_INTERNAL, NULL, "job %" PRId64 " is not in the ledger", id);
    if (!database_first(ledger->db, err, &row, &found, SQL_NEXT_SEQUENCE, "t", folder))
        return false;
    *number = database_int(row, 0);
    database_finish(row);
    return database_run(ledger->db, err, SQL_SET_SEQUENCE, "ii", *number, id);
}

bool ledger_assign_sequence(Ledger *ledger, int64_t id, int64_t *number, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) && give_sequence(ledger, id, number, err);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_count(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err)
{
    int64_t *const fields[] = {
        [LEDGER_QUEUED] = &counts->queued,         [LEDGER_PROCESSING] = &counts->processing,
        [LEDGER_PUBLISHING] = &counts->publishing, [LEDGER_DONE] = &counts->done,
        [LEDGER_FAILED] = &counts->failed,         [LEDGER_FAILING] = &counts->failing,
    };
    DatabaseRow *row = NULL;
    bool found = false;

    *counts = (LedgerCounts){ 0 };
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT, "t", folder);
    while (ok && found) {
        int64_t rows = database_int(row, 1);
        if (!g_strcmp0(database_text(row, 0), "duplicate"))
            counts->duplicates = rows;
        else
            *fields[ledger_state_of(database_text(row, 0))] = rows;
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_count_configured(Ledger *ledger, const Settings *settings, LedgerCounts *sum,
                             Error **err)
{
    bool ok = true;

    *sum = (LedgerCounts){ 0 };
    for (guint i = 0; ok && i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        LedgerCounts counts = { 0 };
        ok = ledger_count(ledger, folder->name, &counts, err);
        sum->queued += counts.queued;
        sum->processing += counts.processing;
        sum->publishing += counts.publishing;
        sum->failing += counts.failing;
        sum->done += counts.done;
        sum->failed += counts.failed;
        sum->duplicates += counts.duplicates;
    }
    return ok;
}

bool ledger_test_write(Ledger *ledger, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_execute(
        ledger->db, "INSERT OR REPLACE INTO meta VALUES ('tried', strftime('%s', 'now'))", err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_count_unfinished(Ledger *ledger, int64_t *rows, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT_UNFINISHED, "");
    if (ok) {
        *rows = database_int(row, 0);
        database_finish(row);
    }
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}
