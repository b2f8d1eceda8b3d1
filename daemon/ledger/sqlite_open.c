/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens the ledger: upgrades older tables, recovers from a crash, sets a damaged file aside. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

enum { TOGETHER = 64 }; /* changes in a transaction at most: the first of them waits for all */

/* The number that a query gives; 0 when there is none. */
static bool query_number(SqliteLedger *ledger, const char *sql, int64_t *value, Error **err)
{
    g_autofree char *text = NULL;

    if (!database_value(ledger->db, sql, &text, err))
        return false;
    *value = text ? g_ascii_strtoll(text, NULL, 10) : 0;
    return true;
}

/* Whether ledger_close() was the last to write it. A new one has no tables yet. */
static bool was_closed(SqliteLedger *ledger)
{
    g_autofree char *closed = NULL;
    g_autoptr(Error) ignored = NULL;

    database_value(ledger->db, "SELECT value FROM meta WHERE name = 'closed'", &closed, &ignored);
    return closed != NULL;
}

/* Reading would find damage one row at a time, and too late. The check reads the whole file: it is
 * made only where a crash, or damage that was met before, left the ledger open. */
static bool check_integrity(SqliteLedger *ledger, const char *path, Error **err)
{
    if (was_closed(ledger))
        return true;
    g_autofree char *name = g_strdup_printf("the ledger '%s'", path ? path : "in memory");
    return database_check(ledger->db, name, err);
}

static bool upgrade(SqliteLedger *ledger, const char *path, Error **err)
{
    g_autofree char *now = g_strdup_printf("PRAGMA user_version = %d", LEDGER_VERSION);
    int64_t version = 0;

    if (!query_number(ledger, "PRAGMA user_version", &version, err))
        return false;
    if (version > LEDGER_VERSION)
        return error_set(err, ERROR_CONFIG, "use the newer hotfolder, or give another --state-dir",
                         "the ledger '%s' was written by a newer hotfolder", path);
    ledger->common.fresh = version == 0;
    bool ok = database_begin(ledger->db, err);
    for (int64_t from = ledger->common.fresh ? LEDGER_VERSION : version;
         ok && from < LEDGER_VERSION; from++)
        ok = !ledger_upgrades[from] || database_execute(ledger->db, ledger_upgrades[from], err);
    ok = ok && database_execute(ledger->db, ledger_schema, err) &&
         database_execute(ledger->db, ledger_part_tables, err) &&
         database_execute(ledger->db, ledger_new_names, err) &&
         database_execute(ledger->db, ledger_undo_tables, err) &&
         database_execute(ledger->db, ledger_marks, err) &&
         database_execute(ledger->db, ledger_counters, err) &&
         database_execute(ledger->db, now, err);
    return database_end(ledger->db, ok, err);
}

/* A crash is the normal start: what was `processing` is queued again, its attempt counted. Times of
 * next tries are on the boot clock, so that another boot makes every row due. */
static bool requeue_interrupted(SqliteLedger *ledger, Error **err)
{
    g_autofree char *reset =
        g_strdup_printf("UPDATE job SET next_try = 0 WHERE next_try > 0 AND NOT EXISTS"
                        " (SELECT 1 FROM meta WHERE name = 'boot' AND value = '%s');"
                        "UPDATE unmoved SET next_try = 0;"
                        "INSERT OR REPLACE INTO meta VALUES ('boot', '%s');"
                        "DELETE FROM meta WHERE name = 'closed'",
                        clock_boot_id(), clock_boot_id());

    if (!database_run(ledger->db, err, SQL_RECOVER, ""))
        return false;
    ledger->common.recovered = database_changes(ledger->db);
    if (!database_run(ledger->db, err, SQL_RECOVER_HELD, ""))
        return false;
    ledger->opened_ms = clock_ms();
    return database_execute(ledger->db, reset, err) &&
           query_number(ledger, "SELECT value FROM meta WHERE name = 'lived'",
                        &ledger->earlier_lifetime_ms, err);
}

/* A hash of the machine and the path: the same for every ledger that was ever made here. */
static uint32_t hash_of_path(const char *path)
{
    g_autofree char *machine = NULL, *real = path ? g_canonicalize_filename(path, NULL) : NULL;
    g_autofree char *text = NULL;

    if (!real)
        return g_random_int();
    g_file_get_contents("/etc/machine-id", &machine, NULL, NULL);
    text = g_strconcat(machine ? machine : "", real, NULL);
    return (uint32_t) fileid_text_hash(text);
}

static bool read_tag(SqliteLedger *ledger, const char *path, Error **err)
{
    g_autofree char *make =
        g_strdup_printf("INSERT OR IGNORE INTO meta VALUES ('tag', '%08" PRIx32 "-%08x')",
                        hash_of_path(path), g_random_int());
    g_autofree char *tag = NULL;

    if (!database_execute(ledger->db, make, err) ||
        !database_value(ledger->db, "SELECT value FROM meta WHERE name = 'tag'", &tag, err))
        return false;
    g_strlcpy(ledger->common.tag, tag ? tag : "", sizeof(ledger->common.tag));
    return true;
}

/* The secret of this ledger; an upgraded one gets it here. */
static bool read_key(SqliteLedger *ledger, Error **err)
{
    FileKey key = { 0 };
    char hex[2 * sizeof(key.secret) + 1];
    g_autofree char *make = NULL, *text = NULL;

    fileid_new_key(&key);
    for (size_t i = 0; i < sizeof(key.secret); i++)
        g_snprintf(hex + 2 * i, 3, "%02x", ((const unsigned char *) key.secret)[i]);
    make = g_strdup_printf("INSERT OR IGNORE INTO meta VALUES ('key', '%s')", hex);
    if (!database_execute(ledger->db, make, err) ||
        !database_value(ledger->db, "SELECT value FROM meta WHERE name = 'key'", &text, err))
        return false;
    if (!text || strlen(text) != strlen(hex))
        return error_set(err, ERROR_INTERNAL, NULL, "the key in the ledger is damaged");
    for (size_t i = 0; i < sizeof(key.secret); i++)
        ((unsigned char *) ledger->common.key.secret)[i] =
            (unsigned char) (g_ascii_xdigit_value(text[2 * i]) << 4 |
                             g_ascii_xdigit_value(text[2 * i + 1]));
    return true;
}

static bool open_at(const char *path, SqliteLedger *ledger, Error **err)
{
    ledger->most = path ? TOGETHER : 1;
    return database_open(path, &ledger->db, err) && check_integrity(ledger, path, err) &&
           upgrade(ledger, path, err) &&
           database_prepare(ledger->db, ledger_sql, SQL_STATEMENTS, err) &&
           requeue_interrupted(ledger, err) && sqlite_read_last_end(ledger, err) &&
           read_tag(ledger, path, err) && read_key(ledger, err);
}

/* ---- closing ---- */

/* With its age, where it was opened and no damage was met. */
static void record_end(SqliteLedger *ledger)
{
    g_autoptr(Error) ignored = NULL, not_closed = NULL;

    if (!ledger->opened_ms)
        return;
    sqlite_remember_age(ledger, &ignored);
    if (!database_is_damaged(ledger->db))
        database_run(ledger->db, &not_closed, SQL_SET_META, "tt", "closed", "1");
}

static void sqlite_close(Ledger *common)
{
    SqliteLedger *ledger = sqlite_of(common);

    record_end(ledger);
    database_close(ledger->db);
    pthread_cond_destroy(&ledger->committed);
    pthread_mutex_destroy(&ledger->lock);
    g_free(common->damaged_copy);
    g_free(ledger);
}

bool sqlite_is_damaged(Ledger *common)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, database_is_damaged(ledger->db));
}

bool sqlite_test_write(Ledger *common, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_execute(
        ledger->db, "INSERT OR REPLACE INTO meta VALUES ('tried', strftime('%s', 'now'))", err);

    return sqlite_unlock(ledger, ok);
}

/* ---- the engine ---- */

static const LedgerEngine engine = {
    .close = sqlite_close,
    .is_damaged = sqlite_is_damaged,
    .record_crash = sqlite_record_crash,
    .find = sqlite_find,
    .find_elsewhere = sqlite_find_elsewhere,
    .rename = sqlite_rename,
    .add = sqlite_add,
    .update_file = sqlite_update_file,
    .take = sqlite_take,
    .next_due = sqlite_next_due,
    .begin = sqlite_begin,
    .ask = sqlite_ask,
    .release = sqlite_release,
    .defer = sqlite_defer,
    .stage = sqlite_stage,
    .publish = sqlite_publish,
    .read_outputs = sqlite_read_outputs,
    .done = sqlite_done,
    .begin_failing = sqlite_begin_failing,
    .fail = sqlite_fail,
    .requeue = sqlite_requeue,
    .forget = sqlite_forget,
    .last_error = sqlite_last_error,
    .has_made = sqlite_has_made,
    .is_output = sqlite_is_output,
    .was_source = sqlite_was_source,
    .count = sqlite_count,
    .test_write = sqlite_test_write,
    .count_unfinished = sqlite_count_unfinished,
    .list_unfinished = sqlite_list_unfinished,
    .list_old = sqlite_list_old,
    .mark_absent = sqlite_mark_absent,
    .prune = sqlite_prune,
    .unmoved_keep = sqlite_unmoved_keep,
    .unmoved_take = sqlite_unmoved_take,
    .unmoved_forget = sqlite_unmoved_forget,
    .unmoved_is_history = sqlite_unmoved_is_history,
    .unmoved_make_due = sqlite_unmoved_make_due,
    .unmoved_read_report = sqlite_unmoved_read_report,
    .unmoved_set_report = sqlite_unmoved_set_report,
    .unmoved_count = sqlite_unmoved_count,
    .parts_offer = sqlite_parts_offer,
    .parts_forget = sqlite_parts_forget,
    .parts_find_shot = sqlite_parts_find_shot,
    .parts_of_others = sqlite_parts_of_others,
    .parts_twin = sqlite_parts_twin,
    .parts_list_waiting = sqlite_parts_list_waiting,
    .parts_take = sqlite_parts_take,
    .parts_plan = sqlite_parts_plan,
    .parts_end = sqlite_parts_end,
    .parts_drop = sqlite_parts_drop,
    .parts_keep = sqlite_parts_keep,
    .parts_give = sqlite_parts_give,
    .parts_of = sqlite_parts_of,
    .cancel = sqlite_cancel,
    .take_ended = sqlite_take_ended,
    .reopen = sqlite_reopen,
    .make_due = sqlite_make_due,
    .offer_again = sqlite_offer_again,
    .pause = sqlite_pause,
    .resume = sqlite_resume,
    .paused = sqlite_paused,
    .entry = sqlite_entry,
    .history = sqlite_history,
    .of_file = sqlite_of_file,
    .newest = sqlite_newest,
    .made = sqlite_made,
    .outputs_of = sqlite_outputs_of,
    .list = sqlite_list,
    .count_names = sqlite_count_names,
    .count_list = sqlite_count_list,
    .summary = sqlite_summary,
    .count_before = sqlite_count_before,
    .oldest_queued = sqlite_oldest_queued,
    .undo_begin = sqlite_undo_begin,
    .undo_finish = sqlite_undo_finish,
    .undo_cancel = sqlite_undo_cancel,
    .undo_list = sqlite_undo_list,
    .undo_read = sqlite_undo_read,
    .undo_find_use = sqlite_undo_find_use,
    .read_marks = sqlite_read_marks,
    .keep_marks = sqlite_keep_marks,
    .retain_marks = sqlite_retain_marks,
    .newest_end = sqlite_newest_end,
    .count_ends = sqlite_count_ends,
    .list_ends = sqlite_list_ends,
};

static SqliteLedger *ledger_new(void)
{
    SqliteLedger *ledger = g_new0(SqliteLedger, 1);

    ledger->common.engine = &engine;
    pthread_mutex_init(&ledger->lock, NULL);
    pthread_cond_init(&ledger->committed, NULL);
    return ledger;
}

/* Where the file at `path` is damaged, renames it, and makes a new one. */
static bool open_or_replace(const char *path, SqliteLedger **ledger, Error **err)
{
    g_autoptr(Error) damage = NULL;
    g_autofree char *copy = NULL;

    if (open_at(path, *ledger, &damage))
        return true;
    if (!path || !database_is_damaged((*ledger)->db) || !database_put_aside(path, "-wal", &copy)) {
        *err = g_steal_pointer(&damage);
        return false;
    }
    sqlite_close(&(*ledger)->common);
    *ledger = ledger_new();
    (*ledger)->common.damaged_copy = g_steal_pointer(&copy);
    return open_at(path, *ledger, err);
}

bool sqlite_ledger_open(const char *path, Ledger **ledger, Error **err)
{
    SqliteLedger *opened = ledger_new();

    if (!open_or_replace(path, &opened, err)) {
        sqlite_close(&opened->common);
        return false;
    }
    *ledger = &opened->common;
    return true;
}
