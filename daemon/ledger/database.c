/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/ledger/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Database {
    sqlite3 *connection;
    sqlite3_stmt **statements;
    unsigned count;
    char *path;
    const char *what; /* in errors */
    bool shared;
    bool damaged;
};

enum { BUSY_MS = 10000 }; /* that a shared one waits for others */

static const char repair[] =
    "free some space on that file system, or repair it; hotfolder then continues";

static bool say_busy(const Database *database, const char *path, Error **err)
{
    if (database->shared)
        return error_set(err, ERROR_TRANSIENT, "try again when the other process has ended",
                         "%s '%s' is in use by another process", database->what, path);
    return error_set(err, ERROR_CONFIG, "stop the other one, or give another --state-dir",
                     "%s '%s' is in use by another hotfolderd", database->what, path);
}

static bool say(Database *database, int code, Error **err)
{
    const char *path = database->path ? database->path : "in memory";

    database->damaged |= code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    switch (code) {
    case SQLITE_BUSY:
        return say_busy(database, path, err);
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return error_set(err, ERROR_ENVIRONMENT, repair, "%s '%s': %s", database->what, path,
                         sqlite3_errmsg(database->connection));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return error_set(
            err, ERROR_ENVIRONMENT,
            "give the user that hotfolder runs as the right to write it and its directory",
            "%s '%s': %s", database->what, path, sqlite3_errmsg(database->connection));
    default:
        return error_set(err, ERROR_INTERNAL,
                         !database->damaged ? "report this, with the journal of that time"
                         : database->shared ? "the next import keeps it under another name, and "
                                              "begins a new one"
                                            : "hotfolder makes a new one at its next start",
                         "%s '%s': %s", database->what, path, sqlite3_errmsg(database->connection));
    }
}

/* Where the disk did not confirm a commit, it may have it all the same. */
static bool failed(Database *database, Error **err)
{
    int code = sqlite3_extended_errcode(database->connection);

    say(database, code & 0xff, err);
    (*err)->uncertain = code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
    return false;
}

/* ---- opening ---- */

/* A file that exists must not be opened here: to close it would end the locks that another
 * connection of this process has on it. SQLite gives its log the mode of the database. */
static void make_private(const char *path, mode_t mode)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd >= 0) {
        close(fd);
        return;
    }
    for (const char *const *name = (const char *const[]){ path, log, NULL }; *name; name++)
        if (chmod(*name, mode) < 0)
            errno = 0; /* to open it tells why, or it does not exist */
}

static Database *database_new(const char *path, const char *what, bool shared)
{
    Database *database = g_new0(Database, 1);

    database->path = g_strdup(path);
    database->what = what;
    database->shared = shared;
    return database;
}

bool database_open(const char *path, Database **database, Error **err)
{
    Database *opened = *database = database_new(path, "the ledger", false);

    if (path)
        make_private(path, 0600);
    if (sqlite3_open_v2(path ? path : ":memory:", &opened->connection,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return failed(opened, err);
    return database_execute(opened,
                            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE;"
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                            "PRAGMA temp_store = MEMORY",
                            err);
}

/* One that only reads is opened for writing, too, where its user may: a transaction that a power
 * cut left half written can be read only after it was rolled back. */
bool database_open_shared(const char *path, bool read_only, const char *what, Database **database,
                          Error **err)
{
    Database *opened = *database = database_new(path, what, true);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (!read_only)
        make_private(path, 0640);
    if (sqlite3_open_v2(path, &opened->connection, flags | (read_only ? 0 : SQLITE_OPEN_CREATE),
                        NULL) != SQLITE_OK)
        return failed(opened, err);
    sqlite3_busy_timeout(opened->connection, BUSY_MS);
    return database_execute(opened,
                            read_only ? "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY"
                                      : "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"
                                        "PRAGMA temp_store = MEMORY",
                            err);
}

bool database_is_damaged(const Database *database)
{
    return database->damaged;
}

void database_mark_damaged(Database *database)
{
    database->damaged = true;
}

bool database_check(Database *database, const char *name, Error **err)
{
    g_autofree char *verdict = NULL;

    if (!database_value(database, "PRAGMA quick_check(1)", &verdict, err))
        return false;
    if (!g_strcmp0(verdict, "ok"))
        return true;
    database_mark_damaged(database);
    return error_set(err, ERROR_INTERNAL, NULL, "%s: %s", name, verdict ? verdict : "not readable");
}

bool database_put_aside(const char *path, const char *beside, char **copy)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *other = g_strconcat(path, beside, NULL), *other_copy = NULL;

    *copy = g_strdup_printf("%s.damaged-%s", path, date);
    other_copy = g_strconcat(*copy, beside, NULL);
    if (rename(path, *copy) < 0)
        return false;
    rename(other, other_copy); /* there may be none */
    return true;
}

void database_close(Database *database)
{
    if (!database)
        return;
    for (unsigned i = 0; i < database->count; i++)
        sqlite3_finalize(database->statements[i]);
    sqlite3_close(database->connection);
    g_free(database->statements);
    g_free(database->path);
    g_free(database);
}

bool database_execute(Database *database, const char *sql, Error **err)
{
    return sqlite3_exec(database->connection, sql, NULL, NULL, NULL) == SQLITE_OK ||
           failed(database, err);
}

bool database_prepare(Database *database, const char *const *sql, unsigned count, Error **err)
{
    database->statements = g_new0(sqlite3_stmt *, count);
    database->count = count;
    for (unsigned i = 0; i < count; i++)
        if (sqlite3_prepare_v3(database->connection, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &database->statements[i], NULL) != SQLITE_OK) {
            database->damaged |= sqlite3_errcode(database->connection) == SQLITE_ERROR;
            return failed(database, err);
        }
    return true;
}

bool database_value(Database *database, const char *sql, char **value, Error **err)
{
    sqlite3_stmt *row = NULL;
    bool found = false;

    *value = NULL;
    if (sqlite3_prepare_v2(database->connection, sql, -1, &row, NULL) != SQLITE_OK)
        return failed(database, err);
    bool ok = database_next(database, row, &found, err);
    if (found)
        *value = g_strdup(database_text(row, 0));
    sqlite3_finalize(row);
    return ok;
}

/* ---- one statement ---- */

static void bind_bytes(sqlite3_stmt *statement, int at, const char *bytes)
{
    if (bytes)
        sqlite3_bind_blob(statement, at, bytes, (int) strlen(bytes), SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, at);
}

static int bind_file(sqlite3_stmt *statement, int at, const FileId *file)
{
    sqlite3_bind_int64(statement, at, (int64_t) file->dev);
    sqlite3_bind_int64(statement, at + 1, (int64_t) file->ino);
    sqlite3_bind_int64(statement, at + 2, file->size);
    sqlite3_bind_int64(statement, at + 3, file->mtime_ns);
    return at + 4;
}

static int bind_hashes(sqlite3_stmt *statement, int at, const FileId *file)
{
    const uint64_t hashes[] = { file->hash[0], file->hash[1], file->keyed[0], file->keyed[1] };

    for (unsigned i = 0; i < G_N_ELEMENTS(hashes); i++)
        sqlite3_bind_int64(statement, at++, (int64_t) hashes[i]);
    return at;
}

static int bind_error(sqlite3_stmt *statement, int at, const Error *error)
{
    const char *const parts[] = {
        error ? error_kind_word(error->kind) : NULL,
        error ? error->what : NULL,
        error ? error->where : NULL,
        error ? error->fix : NULL,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++)
        sqlite3_bind_text(statement, at++, parts[i], -1, SQLITE_STATIC);
    return at;
}

/* The values are not copied: they must live until the statement is finished. */
static sqlite3_stmt *bind(Database *database, unsigned which, const char *types, va_list values)
{
    sqlite3_stmt *statement = database->statements[which];
    int at = 1;

    for (const char *type = types; *type; type++) {
        switch (*type) {
        case 'i':
            sqlite3_bind_int64(statement, at++, va_arg(values, int64_t));
            break;
        case 't':
            sqlite3_bind_text(statement, at++, va_arg(values, const char *), -1, SQLITE_STATIC);
            break;
        case 'b':
            bind_bytes(statement, at++, va_arg(values, const char *));
            break;
        case 'f':
            at = bind_file(statement, at, va_arg(values, const FileId *));
            break;
        case 'k':
            at = bind_hashes(statement, at, va_arg(values, const FileId *));
            break;
        case 'e':
            at = bind_error(statement, at, va_arg(values, const Error *));
            break;
        default:
            g_assert_not_reached();
        }
    }
    return statement;
}

void database_finish(DatabaseRow *row)
{
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
}

/* Up to its first row, if it has one. */
static bool run(Database *database, sqlite3_stmt *statement, bool *found, Error **err)
{
    bool ok = database_next(database, statement, found, err);

    database_finish(statement);
    return ok;
}

bool database_run(Database *database, Error **err, unsigned which, const char *types, ...)
{
    va_list values;
    bool found = false;

    va_start(values, types);
    sqlite3_stmt *statement = bind(database, which, types, values);
    va_end(values);
    return run(database, statement, &found, err);
}

bool database_has_row(Database *database, Error **err, bool *found, unsigned which,
                      const char *types, ...)
{
    va_list values;

    va_start(values, types);
    sqlite3_stmt *statement = bind(database, which, types, values);
    va_end(values);
    return run(database, statement, found, err);
}

int database_changes(const Database *database)
{
    return sqlite3_changes(database->connection);
}

bool database_first(Database *database, Error **err, DatabaseRow **row, bool *found, unsigned which,
                    const char *types, ...)
{
    va_list values;

    va_start(values, types);
    *row = bind(database, which, types, values);
    va_end(values);
    if (database_next(database, *row, found, err))
        return true;
    database_finish(*row);
    return false;
}

bool database_next(Database *database, DatabaseRow *row, bool *found, Error **err)
{
    int code = sqlite3_step(row);

    *found = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE || failed(database, err);
}

int64_t database_int(DatabaseRow *row, int column)
{
    return sqlite3_column_int64(row, column);
}

bool database_is_null(DatabaseRow *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL;
}

const char *database_text(DatabaseRow *row, int column)
{
    return (const char *) sqlite3_column_text(row, column);
}

char *database_bytes(DatabaseRow *row, int column)
{
    const void *bytes = sqlite3_column_blob(row, column);

    return bytes ? g_strndup(bytes, (gsize) sqlite3_column_bytes(row, column)) : NULL;
}

FileId database_fileid(DatabaseRow *row, int first_column)
{
    return (FileId){
        .dev = (dev_t) database_int(row, first_column),
        .ino = (ino_t) database_int(row, first_column + 1),
        .size = database_int(row, first_column + 2),
        .mtime_ns = database_int(row, first_column + 3),
    };
}

/* ---- transactions ---- */

bool database_begin(Database *database, Error **err)
{
    return database_execute(database, "BEGIN IMMEDIATE", err);
}

bool database_in_transaction(const Database *database)
{
    return !sqlite3_get_autocommit(database->connection);
}

bool database_say_lost(Database *database, Error **err)
{
    return error_set(err, ERROR_ENVIRONMENT, repair, "%s '%s': an error of its disk undid changes",
                     database->what, database->path ? database->path : "in memory");
}

bool database_begin_part(Database *database, Error **err)
{
    return database_execute(database, "SAVEPOINT part", err);
}

bool database_end_part(Database *database, bool ok, Error **err)
{
    return database_execute(database, ok ? "RELEASE part" : "ROLLBACK TO part; RELEASE part", err);
}

bool database_begin_lazy(Database *database, Error **err)
{
    return database_execute(database, "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", err);
}

bool database_end_lazy(Database *database, bool ok, Error **err)
{
    g_autoptr(Error) ignored = NULL;

    ok = database_end(database, ok, err);
    database_execute(database, "PRAGMA synchronous = FULL", &ignored);
    return ok;
}

bool database_end(Database *database, bool ok, Error **err)
{
    if (ok && database_execute(database, "COMMIT", err))
        return true;

    g_autoptr(Error) ignored = NULL;
    if (database_in_transaction(database))
        database_execute(database, "ROLLBACK", &ignored);
    return false;
}
