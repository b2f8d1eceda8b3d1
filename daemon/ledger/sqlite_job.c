/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a job: its row is taken, begun, published or failed, or given back. */
#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

/* ---- take ---- */

int64_t sqlite_new_token(void)
{
    uint64_t bits = (uint64_t) g_random_int() << 32 | g_random_int();

    return (int64_t) (bits >> 1 | 1); /* 0 is the token of a row that was never taken */
}

static bool hold(SqliteLedger *ledger, LedgerRow *row, Error **err)
{
    row->token = sqlite_new_token();
    return database_run(ledger->db, err, SQL_TAKE, "ii", row->token, row->id);
}

bool sqlite_hold(SqliteLedger *ledger, GArray *rows, guint first, Error **err)
{
    if (rows->len == first)
        return true;
    bool ok = sqlite_begin_lazy(ledger, err);
    for (guint i = first; ok && i < rows->len; i++)
        ok = hold(ledger, &g_array_index(rows, LedgerRow, i), err);
    ok = sqlite_end_lazy(ledger, ok, err);
    if (!ok)
        g_array_set_size(rows, first);
    return ok;
}

/* The next attempt reads the content again. */
static void number_attempts(GArray *rows, guint first)
{
    for (guint i = first; i < rows->len; i++) {
        LedgerRow *row = &g_array_index(rows, LedgerRow, i);

        if (row->state == LEDGER_QUEUED) {
            row->attempt++;
            fileid_forget_content(&row->file);
        }
    }
}

static Sql statement_of(const LedgerTake *take)
{
    static const Sql others[] = { [ORDER_OLDEST] = SQL_TAKE_OLDEST,
                                  [ORDER_NEWEST] = SQL_TAKE_NEWEST,
                                  [ORDER_NAME] = SQL_TAKE_BY_NAME };

    return take->retries ? SQL_TAKE_RETRIES : others[take->order];
}

bool sqlite_take(Ledger *common, const LedgerTake *take, GArray *rows, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    guint first = rows->len;
    bool found = false;
    bool ok =
        database_first(ledger->db, err, &row, &found, statement_of(take), "tiii", take->folder,
                       clock_ms(), (int64_t) take->alone, (int64_t) take->limit) &&
        sqlite_read_rows(ledger, row, found, rows, err) && sqlite_hold(ledger, rows, first, err);

    number_attempts(rows, first);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_next_due(Ledger *common, const char *folder, int64_t *delay_ms, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    int64_t now = clock_ms(), job_ms = INT64_MAX, move_ms = INT64_MAX;
    bool ok = sqlite_read_next_due(ledger, SQL_NEXT_DUE, folder, now, &job_ms, err) &&
              sqlite_read_next_due(ledger, SQL_UNMOVED_NEXT_DUE, folder, now, &move_ms, err);
    int64_t next_ms = MIN(job_ms, move_ms);

    *delay_ms = next_ms == INT64_MAX ? INT64_MAX : next_ms - now;
    return sqlite_unlock(ledger, ok);
}

/* ---- begin: the attempt counts, and claims its content ---- */

/* By statement `which`; *duplicate stays as it is where there is none. */
static bool find_other(SqliteLedger *ledger, Sql which, const LedgerRow *row,
                       const uint64_t hash[2], LedgerDuplicate *duplicate, Error **err)
{
    DatabaseRow *other = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &other, &found, which, "itii", (int64_t) hash[0],
                        row->folder, (int64_t) hash[1], row->id))
        return false;
    if (found) {
        int64_t next_try = database_int(other, SQLITE_ROW_COLUMNS);

        sqlite_read_row(other, &duplicate->row);
        duplicate->delay_ms = MAX(next_try > 0 ? next_try - clock_ms() : 0, 0);
        duplicate->state =
            duplicate->row.state == LEDGER_DONE ? DUPLICATE_DONE : DUPLICATE_IN_PROGRESS;
    }
    database_finish(other);
    return true;
}

/* The claim is new: the content may have been done, or be in progress, without one, since the
 * folder did not ask for duplicates then, or a version that had no claims began it. */
static bool find_made(SqliteLedger *ledger, const LedgerRow *row, LedgerDuplicate *duplicate,
                      Error **err)
{
    return find_other(ledger, SQL_FIND_MADE, row, row->file.keyed, duplicate, err) &&
           (duplicate->state != DUPLICATE_NONE ||
            find_other(ledger, SQL_FIND_MADE_UNKEYED, row, row->file.hash, duplicate, err)) &&
           (duplicate->state == DUPLICATE_NONE ||
            database_run(ledger->db, err, SQL_GIVE_CONTENT, "ii", duplicate->row.id, row->id));
}

static bool claim_content(SqliteLedger *ledger, const LedgerRow *row, LedgerDuplicate *duplicate,
                          Error **err)
{
    const uint64_t *key = row->file.keyed;

    if (!database_run(ledger->db, err, SQL_CLAIM_CONTENT, "tiii", row->folder, (int64_t) key[0],
                      (int64_t) key[1], row->id))
        return false;
    return database_changes(ledger->db)
               ? find_made(ledger, row, duplicate, err)
               : find_other(ledger, SQL_FIND_CLAIM, row, key, duplicate, err);
}

bool sqlite_begin(Ledger *common, LedgerRow *row, LedgerDuplicate *duplicate, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    bool ok = sqlite_begin_change(ledger, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_BEGIN, "ikiii", (int64_t) row->attempt, &row->file,
                              clock_wall_ms(), row->id, row->token) &&
              (!duplicate || claim_content(ledger, row, duplicate, err));
    bool waits = ok && duplicate && duplicate->state == DUPLICATE_IN_PROGRESS;
    sqlite_expect_next(ledger);
    bool begun = sqlite_end_urgent_change(ledger, ok && !waits, err);

    if (begun)
        row->state = LEDGER_PROCESSING;
    return begun || waits;
}

/* ---- ask, give back ---- */

bool sqlite_ask(Ledger *common, LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    DatabaseRow *now = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &now, &found, SQL_STATE, "ii", row->id, row->token);

    if (ok && found)
        row->state = sqlite_state_of(database_text(now, 0));
    if (ok)
        database_finish(now);
    return sqlite_unlock(ledger, ok && (found || sqlite_taken(err)));
}

/* Alone: it must not be undone with changes of others, as no one has the row then. */
bool sqlite_release(Ledger *common, const LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin_lazy(ledger->db, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_RELEASE, "ii", row->id, row->token);

    return sqlite_unlock(ledger, database_end_lazy(ledger->db, ok, err));
}

/* For LEDGER_BEHIND: a number that no row has, above the ids of all that wait. */
static bool take_place(SqliteLedger *ledger, int64_t delay_ms, Error **err)
{
    return delay_ms != LEDGER_BEHIND || database_run(ledger->db, err, SQL_TAKE_PLACE, "");
}

static int64_t next_try(int64_t delay_ms)
{
    return delay_ms > 0 ? clock_ms() + delay_ms : delay_ms;
}

static bool postpone(SqliteLedger *ledger, const LedgerRow *row, int64_t delay_ms, const Error *why,
                     Error **err)
{
    return SQLITE_RUN_OURS(ledger, err, SQL_POSTPONE, "ieii", next_try(delay_ms), why, row->id,
                           row->token);
}

static bool queue_again(SqliteLedger *ledger, const LedgerRow *row, int64_t delay_ms, bool spend,
                        CrashCause crash, const Error *why, Error **err)
{
    return SQLITE_RUN_OURS(ledger, err, SQL_DEFER, "iiieiii", next_try(delay_ms),
                           (int64_t) row->attempt - !spend, (int64_t) crash, why, clock_wall_ms(),
                           row->id, row->token);
}

bool sqlite_defer(Ledger *common, const LedgerRow *row, int64_t delay_ms, bool spend,
                  CrashCause crash, const Error *why, Error **err)
{
    bool goes_on = row->state == LEDGER_PUBLISHING || row->state == LEDGER_FAILING;
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    bool ok = sqlite_begin_change(ledger, err) && take_place(ledger, delay_ms, err) &&
              (goes_on ? postpone(ledger, row, delay_ms, why, err)
                       : queue_again(ledger, row, delay_ms, spend, crash, why, err));

    return sqlite_end_change(ledger, ok, err);
}

/* ---- outputs ---- */

static bool add_output(SqliteLedger *ledger, int64_t id, int64_t n, const LedgerOutput *output,
                       Error **err)
{
    return database_run(ledger->db, err, SQL_ADD_OUTPUT, "iibbfi", id, n, output->path,
                        output->hidden, &output->file, (int64_t) output->replace);
}

static bool is_in_progress(SqliteLedger *ledger, const LedgerRow *row, Error **err)
{
    bool found = false;

    return database_has_row(ledger->db, err, &found, SQL_IS_IN_PROGRESS, "ii", row->id,
                            row->token) &&
           (found || sqlite_taken(err));
}

static bool begin_publishing(SqliteLedger *ledger, const LedgerRow *row, const ProfileText *profile,
                             Error **err)
{
    return SQLITE_RUN_OURS(ledger, err, SQL_PUBLISH, "itiii", clock_wall_ms(),
                           profile ? profile->name : NULL,
                           profile ? (int64_t) profile->hash : INT64_C(0), row->id, row->token);
}

/* Replaces all outputs of the row. */
static bool set_outputs(SqliteLedger *ledger, const LedgerRow *row, const GArray *outputs,
                        Error **err)
{
    bool ok = database_run(ledger->db, err, SQL_FORGET_OUTPUTS, "i", row->id);

    for (unsigned n = 0; ok && n < outputs->len; n++)
        ok = add_output(ledger, row->id, n, &g_array_index(outputs, LedgerOutput, n), err);
    return ok;
}

bool sqlite_stage(Ledger *common, const LedgerRow *row, const GArray *outputs, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    bool ok = sqlite_begin_change(ledger, err) && is_in_progress(ledger, row, err) &&
              set_outputs(ledger, row, outputs, err);

    return sqlite_end_change(ledger, ok, err);
}

bool sqlite_publish(Ledger *common, const LedgerRow *row, const GArray *outputs,
                    const ProfileText *profile, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    bool ok = sqlite_begin_change(ledger, err) && begin_publishing(ledger, row, profile, err) &&
              set_outputs(ledger, row, outputs, err) &&
              (!row->new_name ||
               database_run(ledger->db, err, SQL_SET_NEW_NAME, "ib", row->id, row->new_name));

    return sqlite_end_change(ledger, ok, err);
}

bool sqlite_append_outputs(SqliteLedger *ledger, int64_t id, GArray *outputs, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OUTPUTS, "i", id);

    while (ok && found) {
        LedgerOutput output = {
            .path = database_bytes(row, 0),
            .hidden = database_bytes(row, 1),
            .file = database_fileid(row, 2),
            .replace = (int) database_int(row, 6),
        };
        g_array_append_val(outputs, output);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return ok;
}

bool sqlite_read_outputs(Ledger *common, const LedgerRow *job, GArray **outputs, Error **err)
{
    g_autoptr(GArray) read = ledger_outputs_new();

    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = sqlite_is_ours(ledger, job, err) && sqlite_append_outputs(ledger, job->id, read, err);
    if (ok)
        *outputs = g_steal_pointer(&read);
    return sqlite_unlock(ledger, ok);
}

/* ---- ends ---- */

#define STAYS(original)      ((int64_t) ((original) == ORIGINAL_STAYS))
#define IS_MISSING(original) ((int64_t) ((original) == ORIGINAL_MISSING))

bool sqlite_done(Ledger *common, const LedgerRow *row, LedgerOriginal original, bool duplicate,
                 Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    bool ok = sqlite_begin_change(ledger, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_DONE, "iiiiiiii", STAYS(original),
                              IS_MISSING(original), clock_wall_ms(), sqlite_lifetime_ms(ledger),
                              (int64_t) duplicate, sqlite_next_end(ledger), row->id, row->token) &&
              database_run(ledger->db, err, SQL_SUPERSEDE, "i", row->id) &&
              sqlite_take_late_parts(ledger, row, err) &&
              (!duplicate || database_run(ledger->db, err, SQL_COUNT_DUPLICATE, "i", row->id));

    return sqlite_end_change(ledger, ok, err);
}

bool sqlite_begin_failing(Ledger *common, const LedgerRow *row, const Error *why, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = SQLITE_RUN_OURS(ledger, err, SQL_FAILING, "ikeiii", (int64_t) row->attempt,
                              &row->file, why, clock_wall_ms(), row->id, row->token);

    return sqlite_unlock(ledger, ok);
}

bool sqlite_fail(Ledger *common, const LedgerRow *row, LedgerOriginal original, const Error *why,
                 Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok =
        database_begin(ledger->db, err) &&
        SQLITE_RUN_OURS(ledger, err, SQL_FAIL, "iieiiiii", STAYS(original), IS_MISSING(original),
                        why, clock_wall_ms(), sqlite_lifetime_ms(ledger), sqlite_next_end(ledger),
                        row->id, row->token) &&
        sqlite_take_late_parts(ledger, row, err);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

bool sqlite_requeue(Ledger *common, LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_REQUEUE, "ii", row->id, row->token) &&
              database_run(ledger->db, err, SQL_FORGET_NEW_NAME, "i", row->id);

    ok = database_end(ledger->db, ok, err);
    if (ok)
        row->state = LEDGER_QUEUED;
    return sqlite_unlock(ledger, ok);
}

bool sqlite_forget(Ledger *common, const LedgerRow *row, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) &&
              SQLITE_RUN_OURS(ledger, err, SQL_FORGET, "ii", row->id, row->token) &&
              database_run(ledger->db, err, SQL_FORGET_OUTPUTS, "i", row->id);

    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* ---- what a row has ---- */

static bool read_error(SqliteLedger *ledger, const LedgerRow *job, Error **why, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_ERROR, "ii", job->id, job->token))
        return false;
    if (found)
        sqlite_read_error(row, 0, why);
    database_finish(row);
    return found || sqlite_taken(err);
}

bool sqlite_last_error(Ledger *common, const LedgerRow *row, Error **why, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, read_error(ledger, row, why, err));
}
