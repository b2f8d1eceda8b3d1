#include "daemon/ledger.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/clock.h"
#include "daemon/database.h"
#include "daemon/ledger_sql.h"

struct Ledger {
    pthread_mutex_t lock;
    Database *db;
    int recovered;
    char tag[16];
};

void ledger_row_clear(LedgerRow *row)
{
    g_clear_pointer(&row->folder, g_free);
    g_clear_pointer(&row->source, g_free);
}

void ledger_output_clear(LedgerOutput *output)
{
    g_clear_pointer(&output->path, g_free);
    g_clear_pointer(&output->hidden, g_free);
}

static const char *const state_words[] = {
    [LEDGER_WAITING] = "waiting",       [LEDGER_WORKING] = "working", [LEDGER_DONE] = "done",
    [LEDGER_PUBLISHING] = "publishing", [LEDGER_FAILED] = "failed",
};

static LedgerState state_of(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(state_words); i++)
        if (!g_strcmp0(word, state_words[i]))
            return i;
    g_assert_not_reached();
}

static void read_row(DatabaseRow *from, LedgerRow *row)
{
    row->id = database_int(from, 0);
    row->folder = g_strdup(database_text(from, 1));
    row->source = database_bytes(from, 2);
    row->file = database_file(from, 3);
    row->file.hash[0] = (uint64_t) database_int(from, 7);
    row->file.hash[1] = (uint64_t) database_int(from, 8);
    row->state = state_of(database_text(from, 9));
    row->attempt = (int) database_int(from, 10);
    row->crashes = (int) database_int(from, 11);
}

/* ---- opening ---- */

static bool check_version(Ledger *ledger, const char *path, Error **err)
{
    g_autofree char *version = NULL;

    if (!database_value(ledger->db, "PRAGMA user_version", &version, err))
        return false;
    if (version && g_ascii_strtoll(version, NULL, 10) > LEDGER_VERSION)
        return error_set(err, ERROR_SETUP, "use that hotfolder, or another state directory",
                         "the ledger '%s' was written by a newer hotfolder", path);
    return true;
}

/* A crash is the normal start: what was in work waits again, its attempt counted. Waiting times
 * are on the boot clock, so another boot makes everything due. */
static bool recover(Ledger *ledger, Error **err)
{
    g_autofree char *reset =
        g_strdup_printf("UPDATE job SET next_try = 0 WHERE next_try > 0 AND NOT EXISTS"
                        " (SELECT 1 FROM meta WHERE name = 'boot' AND value = '%s');"
                        "INSERT OR REPLACE INTO meta VALUES ('boot', '%s')",
                        clock_boot_id(), clock_boot_id());

    if (!database_execute(ledger->db,
                          "UPDATE job SET state = 'waiting', next_try = 0"
                          " WHERE state = 'working'",
                          err))
        return false;
    ledger->recovered = database_changes(ledger->db);
    return database_execute(ledger->db, reset, err);
}

static bool read_tag(Ledger *ledger, Error **err)
{
    g_autofree char *make =
        g_strdup_printf("INSERT OR IGNORE INTO meta VALUES ('tag', '%08x')", g_random_int());
    g_autofree char *tag = NULL;

    if (!database_execute(ledger->db, make, err) ||
        !database_value(ledger->db, "SELECT value FROM meta WHERE name = 'tag'", &tag, err))
        return false;
    g_strlcpy(ledger->tag, tag ? tag : "", sizeof(ledger->tag));
    return true;
}

bool ledger_open(const char *path, Ledger **ledger, Error **err)
{
    g_autoptr(Ledger) opened = g_new0(Ledger, 1);
    g_autofree char *version = g_strdup_printf("PRAGMA user_version = %d", LEDGER_VERSION);

    pthread_mutex_init(&opened->lock, NULL);
    if (!database_open(path, &opened->db, err) || !check_version(opened, path, err) ||
        !database_execute(opened->db, ledger_schema, err) ||
        !database_execute(opened->db, version, err) || !recover(opened, err) ||
        !read_tag(opened, err) || !database_prepare(opened->db, ledger_sql, SQL_STATEMENTS, err))
        return false;

    *ledger = g_steal_pointer(&opened);
    return true;
}

void ledger_close(Ledger *ledger)
{
    if (!ledger)
        return;
    database_close(ledger->db);
    pthread_mutex_destroy(&ledger->lock);
    g_free(ledger);
}

const char *ledger_tag(const Ledger *ledger)
{
    return ledger->tag;
}

int ledger_recovered(const Ledger *ledger)
{
    return ledger->recovered;
}

/* ---- intake ---- */

static bool find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err)
{
    DatabaseRow *statement = NULL;

    if (!database_first(ledger->db, err, &statement, found, SQL_FIND, "tb", folder, source))
        return false;
    if (*found)
        read_row(statement, row);
    database_finish(statement);
    return true;
}

bool ledger_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = find(ledger, folder, source, row, found, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool add_one(Ledger *ledger, const LedgerOffer *offer, int *added, Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    if (!find(ledger, offer->folder, offer->source, &row, &found, err))
        return false;
    if (found && (fileid_same(&row.file, &offer->file) || row.state == LEDGER_WORKING ||
                  row.state == LEDGER_PUBLISHING))
        return true;

    ++*added;
    if (found && row.state == LEDGER_WAITING)
        return database_run(ledger->db, err, SQL_REPLACE_WAITING, "fii", &offer->file,
                            clock_wall_ms(), row.id);
    return (!found || database_run(ledger->db, err, SQL_MAKE_HISTORY, "i", row.id)) &&
           database_run(ledger->db, err, SQL_ADD, "tbfi", offer->folder, offer->source,
                        &offer->file, clock_wall_ms());
}

bool ledger_add(Ledger *ledger, const LedgerOffer *offers, unsigned count, int *added, Error **err)
{
    int fresh = 0;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err);
    for (unsigned i = 0; ok && i < count; i++)
        ok = add_one(ledger, &offers[i], &fresh, err);
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    if (ok && added)
        *added = fresh;
    return ok;
}

/* A statement of its own, under the lock. */
#define LOCKED_RUN(ledger, err, ...)                                                               \
    do {                                                                                           \
        pthread_mutex_lock(&(ledger)->lock);                                                       \
        bool locked_ok = database_run((ledger)->db, (err), __VA_ARGS__);                           \
        pthread_mutex_unlock(&(ledger)->lock);                                                     \
        return locked_ok;                                                                          \
    } while (0)

bool ledger_renew(Ledger *ledger, int64_t id, const FileId *file, Error **err)
{
    LOCKED_RUN(ledger, err, SQL_RENEW, "fi", file, id);
}

/* ---- a job's life ---- */

bool ledger_due(Ledger *ledger, const char *folder, int64_t now, int limit, GArray *rows,
                int64_t *next_ms, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok =
        database_first(ledger->db, err, &row, &found, SQL_DUE, "tii", folder, now, (int64_t) limit);
    while (ok && found) {
        LedgerRow due = { 0 };
        read_row(row, &due);
        g_array_append_val(rows, due);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    ok = ok && database_first(ledger->db, err, &row, &found, SQL_NEXT_DUE, "ti", folder, now);
    if (ok) {
        *next_ms = found && !database_null(row, 0) ? database_int(row, 0) : INT64_MAX;
        database_finish(row);
    }
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_claim(Ledger *ledger, LedgerRow *row, bool *claimed, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_run(ledger->db, err, SQL_CLAIM, "ii", clock_wall_ms(), row->id);
    *claimed = ok && database_changes(ledger->db) == 1;
    pthread_mutex_unlock(&ledger->lock);
    if (*claimed) {
        row->state = LEDGER_WORKING;
        row->attempt++;
    }
    return ok;
}

bool ledger_hash(Ledger *ledger, int64_t id, const FileId *file, Error **err)
{
    LOCKED_RUN(ledger, err, SQL_HASH, "iii", (int64_t) file->hash[0], (int64_t) file->hash[1], id);
}

bool ledger_defer(Ledger *ledger, int64_t id, int64_t next_try, bool spend, bool crashed,
                  const Error *why, Error **err)
{
    g_autofree char *text = why ? error_text(why) : NULL;

    LOCKED_RUN(ledger, err, SQL_DEFER, "iiittii", next_try, (int64_t) !spend, (int64_t) crashed,
               why ? error_kind_word(why->kind) : NULL, text, clock_wall_ms(), id);
}

static bool add_output(Ledger *ledger, int64_t id, int64_t n, const LedgerOutput *output,
                       Error **err)
{
    return database_run(ledger->db, err, SQL_ADD_OUTPUT, "iibbfi", id, n, output->path,
                        output->hidden, &output->file, (int64_t) output->replace);
}

/* The row's outputs, all of them anew; with `publish`, from now on they are to be placed. */
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

bool ledger_defer_publishing(Ledger *ledger, int64_t id, int64_t next_try, const Error *why,
                             Error **err)
{
    g_autofree char *text = error_text(why);

    LOCKED_RUN(ledger, err, SQL_DEFER_PUBLISHING, "itti", next_try, error_kind_word(why->kind),
               text, id);
}

bool ledger_outputs(Ledger *ledger, int64_t id, GArray **outputs, Error **err)
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
            .file = database_file(row, 2),
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

bool ledger_done(Ledger *ledger, int64_t id, bool retired, Error **err)
{
    LOCKED_RUN(ledger, err, SQL_DONE, "iii", (int64_t) !retired, clock_wall_ms(), id);
}

bool ledger_fail(Ledger *ledger, int64_t id, bool retired, const Error *why, Error **err)
{
    g_autofree char *text = error_text(why);

    LOCKED_RUN(ledger, err, SQL_FAIL, "ittii", (int64_t) !retired, error_kind_word(why->kind), text,
               clock_wall_ms(), id);
}

bool ledger_again(Ledger *ledger, int64_t id, Error **err)
{
    LOCKED_RUN(ledger, err, SQL_AGAIN, "i", id);
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

/* ---- questions ---- */

bool ledger_made(Ledger *ledger, const char *folder, const char *source, const char *path,
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
        return found || error_set(err, ERROR_BUG, NULL, "job %" PRId64 " is not in the ledger", id);
    if (!database_first(ledger->db, err, &row, &found, SQL_NEXT_SEQUENCE, "t", folder))
        return false;
    *number = database_int(row, 0);
    database_finish(row);
    return database_run(ledger->db, err, SQL_SET_SEQUENCE, "ii", *number, id);
}

bool ledger_sequence(Ledger *ledger, int64_t id, int64_t *number, Error **err)
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
        [LEDGER_WAITING] = &counts->waiting,       [LEDGER_WORKING] = &counts->working,
        [LEDGER_PUBLISHING] = &counts->publishing, [LEDGER_DONE] = &counts->done,
        [LEDGER_FAILED] = &counts->failed,
    };
    DatabaseRow *row = NULL;
    bool found = false;

    *counts = (LedgerCounts){ 0 };
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT, "t", folder);
    while (ok && found) {
        *fields[state_of(database_text(row, 0))] = database_int(row, 1);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_try(Ledger *ledger, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_execute(
        ledger->db, "INSERT OR REPLACE INTO meta VALUES ('tried', strftime('%s', 'now'))", err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool ledger_open_rows(Ledger *ledger, int64_t *rows, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OPEN_ROWS, "");
    if (ok) {
        *rows = database_int(row, 0);
        database_finish(row);
    }
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}
