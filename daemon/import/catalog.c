/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens the catalog of cards. Its cards are in catalog_cards.c, which card is which in
 * catalog_find.c, files and copies in catalog_files.c. */
#include "daemon/import/catalog.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/import/catalog_internal.h"

enum { MODE_STATE = 0750 }; /* of a state directory */

static const char what[] = "the catalog of cards";

/* ---- its tables ---- */

/* Of version N, what makes it version N + 1. */
static const char *const upgrades[CATALOG_VERSION] = { catalog_tables };

static bool read_version(Catalog *catalog, int64_t *version, Error **err)
{
    g_autofree char *text = NULL;

    if (!database_value(catalog->db, "PRAGMA user_version", &text, err))
        return false;
    *version = text ? g_ascii_strtoll(text, NULL, 10) : 0;
    return true;
}

/* Another process may have done it, up to the begin. */
static bool upgrade(Catalog *catalog, Error **err)
{
    g_autofree char *now = g_strdup_printf("PRAGMA user_version = %d", CATALOG_VERSION);
    int64_t version = 0;

    if (!database_begin(catalog->db, err))
        return false;
    bool ok = read_version(catalog, &version, err);
    for (int64_t from = version; ok && from < CATALOG_VERSION; from++)
        ok = database_execute(catalog->db, upgrades[from], err);
    ok = ok && database_execute(catalog->db, now, err);
    return database_end(catalog->db, ok, err);
}

static bool check_version(Catalog *catalog, const char *path, int64_t *version, Error **err)
{
    if (!read_version(catalog, version, err))
        return false;
    if (*version > CATALOG_VERSION)
        return error_set(err, ERROR_CONFIG, "use the newer hotfolder, or give another --state-dir",
                         "%s '%s' was written by a newer hotfolder", what, path);
    return *version == CATALOG_VERSION || catalog->read_only || upgrade(catalog, err);
}

/* ---- damage ---- */

static bool check_integrity(Catalog *catalog, const char *path, Error **err)
{
    g_autofree char *name = g_strdup_printf("%s '%s'", what, path);

    return database_check(catalog->db, name, err);
}

/* The check reads the whole file: it is made only where an import did not come to its end, or met
 * damage and could not say so. */
static bool settle_stopped(Catalog *catalog, const char *path, Error **err)
{
    g_autoptr(GPtrArray) records = NULL;

    if (!catalog_stopped(catalog, &records, err))
        return false;
    if (records->len == 0)
        return true;
    if (!check_integrity(catalog, path, err) || !database_begin(catalog->db, err))
        return false;
    bool ok = true;
    for (guint i = 0; ok && i < records->len; i++)
        ok = catalog_write_record(catalog, records->pdata[i], err);
    return database_end(catalog->db, ok, err);
}

/* ---- opening ---- */

static Catalog *catalog_new(bool read_only)
{
    Catalog *catalog = g_new0(Catalog, 1);

    catalog->read_only = read_only;
    catalog->flushed_ms = clock_ms();
    catalog_pending_init(&catalog->pending);
    return catalog;
}

void catalog_close(Catalog *catalog)
{
    g_autoptr(Error) ignored = NULL;

    if (!catalog)
        return;
    if (catalog->is_open)
        catalog_flush(catalog, &ignored);
    database_close(catalog->db);
    catalog_pending_clear(&catalog->pending);
    g_free(catalog->damaged_copy);
    g_free(catalog);
}

const char *catalog_damaged_copy(const Catalog *catalog)
{
    return catalog->damaged_copy;
}

/* *version 0 of one that is only read: it has no tables yet. */
static bool open_at(const char *path, Catalog *catalog, int64_t *version, Error **err)
{
    if (!database_open_shared(path, catalog->read_only, what, &catalog->db, err) ||
        !check_version(catalog, path, version, err))
        return false;
    if (catalog->read_only && *version == 0)
        return true;
    catalog->is_open = database_prepare(catalog->db, catalog_sql, CATALOG_STATEMENTS, err) &&
                       (catalog->read_only || settle_stopped(catalog, path, err));
    return catalog->is_open;
}

static bool open_or_replace(const char *path, Catalog **catalog, Error **err)
{
    g_autoptr(Error) damage = NULL;
    g_autofree char *copy = NULL;
    int64_t version = 0;

    *catalog = catalog_new(false);
    if (open_at(path, *catalog, &version, &damage))
        return true;
    if (!database_is_damaged((*catalog)->db) || !database_put_aside(path, "-journal", &copy)) {
        *err = g_steal_pointer(&damage);
        return false;
    }
    catalog_close(*catalog);
    *catalog = catalog_new(false);
    (*catalog)->damaged_copy = g_steal_pointer(&copy);
    return open_at(path, *catalog, &version, err);
}

/* Of two processes that find it damaged, the second one then finds the new one. */
static int lock_directory(const char *directory, Error **err)
{
    g_autofree char *shown = text_escape(directory);
    int fd = -1;

    if (g_mkdir_with_parents(directory, MODE_STATE) == 0)
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error_errno(err, errno, "cannot use the state directory '%s'", shown);
        return -1;
    }
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ; /* where there are no locks, two may open it at once */
    return fd;
}

static bool open_to_write(const char *directory, const char *path, Catalog **catalog, Error **err)
{
    int lock = lock_directory(directory, err);
    bool ok = lock >= 0 && open_or_replace(path, catalog, err);

    if (lock >= 0)
        close(lock);
    if (!ok)
        g_clear_pointer(catalog, catalog_close);
    return ok;
}

static bool open_to_read(const char *path, Catalog **catalog, Error **err)
{
    struct stat st;
    int64_t version = 0;

    if (stat(path, &st) < 0 && errno == ENOENT)
        return true;
    *catalog = catalog_new(true);
    bool ok = open_at(path, *catalog, &version, err);
    if (!ok || version == 0)
        g_clear_pointer(catalog, catalog_close);
    return ok;
}

bool catalog_open(const char *directory, bool read_only, Catalog **catalog, Error **err)
{
    g_autofree char *path = g_build_filename(directory, "import.db", NULL);

    *catalog = NULL;
    return read_only ? open_to_read(path, catalog, err)
                     : open_to_write(directory, path, catalog, err);
}

/* ---- {assignment} ---- */

bool catalog_set_assignment(Catalog *catalog, const char *text, Error **err)
{
    return text ? database_run(catalog->db, err, CATALOG_SET_META, "tt", "assignment", text)
                : database_run(catalog->db, err, CATALOG_DROP_META, "t", "assignment");
}

bool catalog_assignment(Catalog *catalog, char **text, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    *text = NULL;
    if (!database_first(catalog->db, err, &row, &found, CATALOG_META, "t", "assignment"))
        return false;
    if (found)
        *text = g_strdup(database_text(row, 0));
    database_finish(row);
    return true;
}
