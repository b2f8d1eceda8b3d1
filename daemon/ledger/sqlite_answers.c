/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people ask. */
#include <string.h>

#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

static const char *const cancel_words[] = {
    [CANCEL_ASKED] = "cancelled",
    [CANCEL_UNDONE] = "undone",
};

const char *sqlite_cancel_word(CancelReason why)
{
    return cancel_words[why];
}

/* ---- entries ---- */

/* The columns behind those of the row, as statements.c has them. */
enum {
    IS_PRESENT = SQLITE_ROW_COLUMNS,
    IS_HELD,
    SEEN,
    CHANGED,
    NEXT_TRY,
    ERROR_KIND,
    DUPLICATE = ERROR_KIND + 4,
    PROFILE,
    PROFILE_HASH,
    CANCELLED_BY,
    CANCELLED_WHY,
    CANCELLED,
    OUTPUTS,
    UNMOVED,
    REPORT,
    DUPLICATE_OF,
};

static LedgerOriginal original_of(const LedgerEntry *entry)
{
    if (entry->present)
        return ORIGINAL_STAYS;
    return entry->row.missing ? ORIGINAL_MISSING : ORIGINAL_MOVED;
}

static int64_t retry_of(const LedgerEntry *entry, int64_t next_try)
{
    if (next_try <= 0 || ledger_has_ended(entry->row.state))
        return 0;
    return MAX(next_try - clock_ms(), 0);
}

static void read_entry(DatabaseRow *from, LedgerEntry *entry)
{
    sqlite_read_row(from, &entry->row);
    entry->present = database_int(from, IS_PRESENT) != 0;
    entry->held = database_int(from, IS_HELD) != 0;
    entry->arrived_wall_ms = database_int(from, SEEN);
    entry->changed_wall_ms = database_int(from, CHANGED);
    entry->retry_ms = retry_of(entry, database_int(from, NEXT_TRY));
    sqlite_read_error(from, ERROR_KIND, &entry->why);
    entry->original = original_of(entry);
    entry->duplicate = database_int(from, DUPLICATE) != 0;
    entry->profile = g_strdup(database_text(from, PROFILE));
    entry->profile_hash = (uint64_t) database_int(from, PROFILE_HASH);
    entry->cancelled_by = g_strdup(database_text(from, CANCELLED_BY));
    entry->cancelled_wall_ms = database_int(from, CANCELLED);
    if (!g_strcmp0(database_text(from, CANCELLED_WHY), cancel_words[CANCEL_UNDONE]))
        entry->cancelled_why = CANCEL_UNDONE;
    entry->outputs = (int) database_int(from, OUTPUTS);
    entry->unmoved = database_int(from, UNMOVED) != 0;
    entry->report = database_bytes(from, REPORT);
    entry->duplicate_of = database_bytes(from, DUPLICATE_OF);
}

/* Appends those of a statement that database_first() has begun, and finishes it. */
bool sqlite_read_entries(SqliteLedger *ledger, DatabaseRow *row, bool found, GArray *entries,
                         Error **err)
{
    bool ok = true;

    while (ok && found) {
        LedgerEntry entry = { .why = NULL };
        read_entry(row, &entry);
        g_array_append_val(entries, entry);
        ok = database_next(ledger->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

static bool append_entry(SqliteLedger *ledger, int64_t id, GArray *entries, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    return database_first(ledger->db, err, &row, &found, SQL_ENTRY, "i", id) &&
           sqlite_read_entries(ledger, row, found, entries, err);
}

bool sqlite_entry(Ledger *common, int64_t id, GArray *entries, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, append_entry(ledger, id, entries, err));
}

bool sqlite_history(Ledger *common, const char *folder, const char *source, int limit,
                    GArray *entries, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_HISTORY, "tbi", folder, source,
                             (int64_t) limit) &&
              sqlite_read_entries(ledger, row, found, entries, err);

    return sqlite_unlock(ledger, ok);
}

bool sqlite_of_file(Ledger *common, const char *folder, const FileId *file, GArray *entries,
                    Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OF_FILE, "ft", file, folder) &&
              sqlite_read_entries(ledger, row, found, entries, err);

    return sqlite_unlock(ledger, ok);
}

/* A name is bytes, and none is empty. */
bool sqlite_newest(Ledger *common, const char *folder, const char *after, int limit,
                   GArray *entries, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_NEWEST, "tbi", folder, after,
                             (int64_t) limit) &&
              sqlite_read_entries(ledger, row, found, entries, err);

    return sqlite_unlock(ledger, ok);
}

bool sqlite_count_names(Ledger *common, const char *folder, int64_t *count, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_COUNT_NAMES, "t", folder);

    *count = ok ? database_int(row, 0) : 0;
    if (ok)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_made(Ledger *common, const char *folder, const char *path, int limit, GArray *entries,
                 Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_MADE_BY, "tbi", folder, path,
                             (int64_t) limit) &&
              sqlite_read_entries(ledger, row, found, entries, err);

    return sqlite_unlock(ledger, ok);
}

/* ---- the list: its places are found first, folder by folder and state by state ---- */

typedef struct Listed {
    int64_t changed, id;
} Listed;

static gint newest_first(gconstpointer one, gconstpointer other)
{
    const Listed *a = one, *b = other;

    if (a->changed != b->changed)
        return a->changed < b->changed ? 1 : -1;
    return (a->id < b->id) - (a->id > b->id);
}

/* What reads those of one state in one folder into `user`. */
typedef bool Reader(SqliteLedger *ledger, const LedgerQuery *query, const char *folder,
                    LedgerState state, void *user, Error **err);

static bool begin(SqliteLedger *ledger, const LedgerQuery *query, Sql statement, const char *folder,
                  LedgerState state, DatabaseRow **row, bool *found, Error **err)
{
    bool first = !query->before_id;

    return database_first(
        ledger->db, err, row, found, statement, "ttiiiit", folder, sqlite_state_word(state),
        query->since_wall_ms, first ? INT64_MAX : query->before_wall_ms,
        first ? INT64_MAX : query->before_id, (int64_t) query->limit, query->reason);
}

/* Adds their number to an int64_t. */
static bool count_places(SqliteLedger *ledger, const LedgerQuery *query, const char *folder,
                         LedgerState state, void *user, Error **err)
{
    int64_t *count = user;
    DatabaseRow *row = NULL;
    bool found = false;

    if (!begin(ledger, query, query->reason ? SQL_COUNT_LIST_REASON : SQL_COUNT_LIST, folder, state,
               &row, &found, err))
        return false;
    *count += database_int(row, 0);
    database_finish(row);
    return true;
}

/* Appends the newest ones to an array of Listed. */
static bool find_places(SqliteLedger *ledger, const LedgerQuery *query, const char *folder,
                        LedgerState state, void *user, Error **err)
{
    GArray *places = user;
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = begin(ledger, query, query->reason ? SQL_LIST_REASON : SQL_LIST, folder, state, &row,
                    &found, err);

    while (ok && found) {
        Listed place = { database_int(row, 0), database_int(row, 1) };
        g_array_append_val(places, place);
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return ok;
}

static bool read_folder(SqliteLedger *ledger, const LedgerQuery *query, const char *folder,
                        Reader *reader, void *user, Error **err)
{
    bool ok = true;

    for (unsigned state = 0; ok && state < LEDGER_STATES; state++)
        if (!query->states || query->states & 1U << state)
            ok = reader(ledger, query, folder, (LedgerState) state, user, err);
    return ok;
}

/* All that ever had a row. */
static bool read_folders(SqliteLedger *ledger, GPtrArray *folders, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_FOLDERS, "");

    while (ok && found) {
        g_ptr_array_add(folders, g_strdup(database_text(row, 0)));
        ok = database_next(ledger->db, row, &found, err);
    }
    if (row)
        database_finish(row);
    return ok;
}

static bool read_all(SqliteLedger *ledger, const LedgerQuery *query, Reader *reader, void *user,
                     Error **err)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);

    if (query->folder)
        g_ptr_array_add(folders, g_strdup(query->folder));
    bool ok = query->folder || read_folders(ledger, folders, err);
    for (guint i = 0; ok && i < folders->len; i++)
        ok = read_folder(ledger, query, folders->pdata[i], reader, user, err);
    return ok;
}

bool sqlite_list(Ledger *common, const LedgerQuery *query, GArray *entries, Error **err)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Listed));
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = read_all(ledger, query, find_places, places, err);

    g_array_sort(places, newest_first);
    for (guint i = 0; ok && i < places->len && i < (guint) query->limit; i++)
        ok = append_entry(ledger, g_array_index(places, Listed, i).id, entries, err);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_count_list(Ledger *common, const LedgerQuery *query, int64_t *count, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    *count = 0;
    return sqlite_unlock(ledger, read_all(ledger, query, count_places, count, err));
}

/* ---- of one row, of a directory, of a folder ---- */

bool sqlite_outputs_of(Ledger *common, int64_t id, GArray *outputs, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, sqlite_append_outputs(ledger, id, outputs, err));
}

/* The names below `dir` are those from "dir/" to before "dir0": '0' follows '/'. */
bool sqlite_summary(Ledger *common, const char *folder, const char *dir, LedgerCounts *counts,
                    Error **err)
{
    g_autofree char *first = g_strconcat(dir, "/", NULL), *behind = g_strconcat(dir, "0", NULL);
    DatabaseRow *row = NULL;
    bool found = false;

    if (!*dir)
        return sqlite_count(common, folder, counts, err);
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    *counts = (LedgerCounts){ 0 };
    bool ok =
        database_first(ledger->db, err, &row, &found, SQL_SUMMARY, "tbb", folder, first, behind) &&
        sqlite_read_counts(ledger, row, found, counts, err);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_oldest_queued(Ledger *common, const char *folder, char **source,
                          int64_t *arrived_wall_ms, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_OLDEST_QUEUED, "t", folder);

    *source = ok && found ? database_bytes(row, 0) : NULL;
    *arrived_wall_ms = ok && found ? database_int(row, 1) : 0;
    if (ok)
        database_finish(row);
    return sqlite_unlock(ledger, ok);
}

bool sqlite_count_before(Ledger *common, const LedgerRow *row, Order order, int most,
                         int64_t *before, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *count = NULL;
    bool found = false;
    bool ok = order == ORDER_NAME
                  ? database_first(ledger->db, err, &count, &found, SQL_COUNT_BY_NAME, "tbi",
                                   row->folder, row->source, (int64_t) most)
                  : database_first(ledger->db, err, &count, &found,
                                   order == ORDER_NEWEST ? SQL_COUNT_NEWER : SQL_COUNT_OLDER, "tii",
                                   row->folder, row->id, (int64_t) most);

    *before = ok && found ? database_int(count, 0) : 0;
    if (ok)
        database_finish(count);
    return sqlite_unlock(ledger, ok);
}
