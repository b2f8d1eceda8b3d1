/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens the ledger: upgrades older tables, recovers from a crash, sets a damaged file aside. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ledger/ledger_internal.h"

/* The number that a query gives; 0 when there is none. */
static bool query_number(Ledger *ledger, const char *sql, int64_t *value, Error **err)
{
    g_autofree char *text = NULL;

    if (!database_value(ledger->db, sql, &text, err))
        return false;
    *value = text ? g_ascii_strtoll(text, NULL, 10) : 0;
    return true;
}

/* Whether ledger_close() was the last to write it. A new one has no tables yet. */
static bool was_closed(Ledger *ledger)
{
    g_autofree char *closed = NULL;
    g_autoptr(Error) ignored = NULL;

    database_value(ledger->db, "SELECT value FROM meta WHERE name = 'closed'", &closed, &ignored);
    return closed != NULL;
}

/* Reading would find damage one row at a time, and too late. The check reads the whole file: it is
 * made only where a crash, or damage that was met before, left the ledger open. */
static bool check_integrity(Ledger *ledger, const char *path, Error **err)
{
    g_autofree char *verdict = NULL;

    if (was_closed(ledger))
        return true;
    if (!database_value(ledger->db, "PRAGMA quick_check(1)", &verdict, err))
        return false;
    if (!g_strcmp0(verdict, "ok"))
        return true;
    database_mark_damaged(ledger->db);
    return error_set(err, ERROR_INTERNAL, NULL, "the ledger '%s': %s", path ? path : "in memory",
                     verdict ? verdict : "not readable");
}

static bool upgrade(Ledger *ledger, const char *path, Error **err)
{
    g_autofree char *now = g_strdup_printf("PRAGMA user_version = %d", LEDGER_VERSION);
    int64_t version = 0;

    if (!query_number(ledger, "PRAGMA user_version", &version, err))
        return false;
    if (version > LEDGER_VERSION)
        return error_set(err, ERROR_CONFIG, "use the newer hotfolder, or give another --state-dir",
                         "the ledger '%s' was written by a newer hotfolder", path);
    ledger->fresh = version == 0;
    bool ok = database_begin(ledger->db, err);
    for (int64_t from = ledger->fresh ? LEDGER_VERSION : version; ok && from < LEDGER_VERSION;
         from++)
        ok = !ledger_upgrades[from] || database_execute(ledger->db, ledger_upgrades[from], err);
    ok = ok && database_execute(ledger->db, ledger_schema, err) &&
         database_execute(ledger->db, now, err);
    return database_end(ledger->db, ok, err);
}

/* A crash is the normal start: what was `processing` is queued again, its attempt counted. Times of
 * next tries are on the boot clock, so that another boot makes every row due. */
static bool requeue_interrupted(Ledger *ledger, Error **err)
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
    ledger->recovered = database_changes(ledger->db);
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

static bool read_tag(Ledger *ledger, const char *path, Error **err)
{
    g_autofree char *make =
        g_strdup_printf("INSERT OR IGNORE INTO meta VALUES ('tag', '%08" PRIx32 "-%08x')",
                        hash_of_path(path), g_random_int());
    g_autofree char *tag = NULL;

    if (!database_execute(ledger->db, make, err) ||
        !database_value(ledger->db, "SELECT value FROM meta WHERE name = 'tag'", &tag, err))
        return false;
    g_strlcpy(ledger->tag, tag ? tag : "", sizeof(ledger->tag));
    return true;
}

/* The secret of this ledger; an upgraded one gets it here. */
static bool read_key(Ledger *ledger, Error **err)
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
        ((unsigned char *) ledger->key.secret)[i] =
            (unsigned char) (g_ascii_xdigit_value(text[2 * i]) << 4 |
                             g_ascii_xdigit_value(text[2 * i + 1]));
    return true;
}

static bool open_at(const char *path, Ledger *ledger, Error **err)
{
    return database_open(path, &ledger->db, err) && check_integrity(ledger, path, err) &&
           upgrade(ledger, path, err) &&
           database_prepare(ledger->db, ledger_sql, SQL_STATEMENTS, err) &&
           requeue_interrupted(ledger, err) && read_tag(ledger, path, err) && read_key(ledger, err);
}

/* Renames the damaged file, so that a person can examine it. */
static bool move_damaged(const char *path, char **name)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *wal = g_strconcat(path, "-wal", NULL), *wal_copy = NULL;

    *name = g_strdup_printf("%s.damaged-%s", path, date);
    wal_copy = g_strconcat(*name, "-wal", NULL);
    if (rename(path, *name) < 0)
        return false;
    rename(wal, wal_copy); /* there may be none */
    return true;
}

static Ledger *ledger_new(void)
{
    Ledger *ledger = g_new0(Ledger, 1);

    pthread_mutex_init(&ledger->lock, NULL);
    return ledger;
}

bool ledger_open(const char *path, Ledger **ledger, Error **err)
{
    g_autoptr(Ledger) opened = ledger_new();
    g_autoptr(Error) damage = NULL;
    g_autofree char *copy = NULL;

    if (!open_at(path, opened, &damage)) {
        if (!path || !database_is_damaged(opened->db) || !move_damaged(path, &copy)) {
            *err = g_steal_pointer(&damage);
            return false;
        }
        ledger_close(opened);
        opened = ledger_new();
        if (!open_at(path, opened, err))
            return false;
        opened->damaged_copy = g_steal_pointer(&copy);
    }
    *ledger = g_steal_pointer(&opened);
    return true;
}

/* With its age, where it was opened and no damage was met. */
static void record_end(Ledger *ledger)
{
    g_autoptr(Error) ignored = NULL, not_closed = NULL;

    if (!ledger->opened_ms)
        return;
    ledger_remember_age(ledger, &ignored);
    if (!database_is_damaged(ledger->db))
        database_run(ledger->db, &not_closed, SQL_SET_META, "tt", "closed", "1");
}

void ledger_close(Ledger *ledger)
{
    if (!ledger)
        return;
    record_end(ledger);
    database_close(ledger->db);
    pthread_mutex_destroy(&ledger->lock);
    g_free(ledger->damaged_copy);
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

bool ledger_is_fresh(const Ledger *ledger)
{
    return ledger->fresh;
}

const char *ledger_damaged_copy(const Ledger *ledger)
{
    return ledger->damaged_copy;
}

bool ledger_is_damaged(Ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    bool damaged = database_is_damaged(ledger->db);
    pthread_mutex_unlock(&ledger->lock);
    return damaged;
}
