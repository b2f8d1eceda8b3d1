/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/ledger/unmoved.h"

#include "base/clock.h"
#include "daemon/ledger/ledger_internal.h"

bool unmoved_keep(Ledger *ledger, int64_t id, const char *dir, const char *fix, int64_t next_try,
                  Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_run(ledger->db, err, SQL_UNMOVED_KEEP, "ibti", id, dir, fix, next_try);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

static bool list_due(Ledger *ledger, const char *folder, int64_t now, int limit, GArray *rows,
                     Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    guint first = rows->len;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNMOVED_DUE, "tii", folder, now,
                             (int64_t) limit) &&
              ledger_read_rows(ledger, row, found, rows, err);

    for (guint i = first; i < rows->len; i++)
        g_array_index(rows, LedgerRow, i).alone = false; /* nothing is decoded */
    return ok;
}

bool unmoved_list_due(Ledger *ledger, const char *folder, int64_t now, int limit, GArray *rows,
                      int64_t *next_ms, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = list_due(ledger, folder, now, limit, rows, err) &&
              ledger_read_next_due(ledger, SQL_UNMOVED_NEXT_DUE, folder, now, next_ms, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

/* Whether statement `which` finds a row for these values, of the types of database_first(). */
#define HAS_ROW(ledger, err, found, ...)                                                           \
    do {                                                                                           \
        DatabaseRow *has_row = NULL;                                                               \
        pthread_mutex_lock(&(ledger)->lock);                                                       \
        bool has_ok = database_first((ledger)->db, (err), &has_row, (found), __VA_ARGS__);         \
        if (has_ok)                                                                                \
            database_finish(has_row);                                                              \
        pthread_mutex_unlock(&(ledger)->lock);                                                     \
        return has_ok;                                                                             \
    } while (0)

bool unmoved_is_current(Ledger *ledger, const LedgerRow *row, bool *current, Error **err)
{
    HAS_ROW(ledger, err, current, SQL_UNMOVED_FIND, "ib", row->id, row->source);
}

bool unmoved_is_history(Ledger *ledger, int64_t id, bool *is, Error **err)
{
    HAS_ROW(ledger, err, is, SQL_UNMOVED_HISTORY, "i", id);
}

bool unmoved_forget(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_UNMOVED_FORGET, "ib", row->id, row->source) &&
              (original == ORIGINAL_STAYS ||
               database_run(ledger->db, err, SQL_UNMOVED_GONE, "iib",
                            (int64_t) (original == ORIGINAL_MISSING), row->id, row->source));
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool unmoved_postpone(Ledger *ledger, const char *folder, const char *dir, int64_t next_try,
                      Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_run(ledger->db, err, SQL_UNMOVED_POSTPONE, "itb", next_try, folder, dir);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

/* The names below `dir` are those from "dir/" to before "dir0": '0' follows '/'. */
bool unmoved_make_due(Ledger *ledger, const char *folder, const char *dir, bool *any, Error **err)
{
    g_autofree char *first = *dir ? g_strconcat(dir, "/", NULL) : g_strdup("");
    g_autofree char *behind = *dir ? g_strconcat(dir, "0", NULL) : NULL;

    pthread_mutex_lock(&ledger->lock);
    bool ok =
        database_run(ledger->db, err, SQL_UNMOVED_MAKE_DUE, "tbbb", folder, dir, first, behind);
    *any = ok && database_changes(ledger->db) > 0;
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool unmoved_read_report(Ledger *ledger, int64_t id, char **report, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    pthread_mutex_lock(&ledger->lock);
    bool ok = database_first(ledger->db, err, &row, &found, SQL_UNMOVED_REPORT, "i", id);
    *report = ok && found ? database_bytes(row, 0) : NULL;
    if (ok)
        database_finish(row);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

bool unmoved_set_report(Ledger *ledger, int64_t id, const char *report, Error **err)
{
    pthread_mutex_lock(&ledger->lock);
    bool ok = database_begin(ledger->db, err) &&
              database_run(ledger->db, err, SQL_UNMOVED_FORGET_REPORT, "i", id) &&
              (!report || database_run(ledger->db, err, SQL_UNMOVED_SET_REPORT, "ib", id, report));
    ok = database_end(ledger->db, ok, err);
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

void unmoved_group_clear(UnmovedGroup *group)
{
    g_clear_pointer(&group->dir, g_free);
    g_clear_pointer(&group->fix, g_free);
}

static bool count_all(Ledger *ledger, const char *folder, int64_t *originals, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_UNMOVED_COUNT, "t", folder))
        return false;
    *originals = found ? database_int(row, 0) : 0;
    database_finish(row);
    return true;
}

static bool read_groups(Ledger *ledger, const char *folder, int limit, GArray *groups, Error **err)
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

bool unmoved_count(Ledger *ledger, const char *folder, int limit, int64_t *originals,
                   GArray **groups, Error **err)
{
    g_autoptr(GArray) read = g_array_new(FALSE, FALSE, sizeof(UnmovedGroup));

    g_array_set_clear_func(read, (GDestroyNotify) unmoved_group_clear);
    pthread_mutex_lock(&ledger->lock);
    bool ok = count_all(ledger, folder, originals, err) &&
              (!*originals || read_groups(ledger, folder, limit, read, err));
    pthread_mutex_unlock(&ledger->lock);
    if (ok)
        *groups = g_steal_pointer(&read);
    return ok;
}
