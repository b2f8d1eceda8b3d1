/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* database.h - SQLite as the ledger and the catalog of cards use it: numbered statements with typed
 * values. It has no lock of its own: one thread at a time has a connection.
 *
 * Version 3.40, in Debian 12, can corrupt a WAL that two connections write. So the ledger, with its
 * many short transactions, has a WAL and one connection, opened exclusively; what several processes
 * have open at once has a rollback journal. */
#pragma once

#include "base/error.h"
#include "daemon/files/fileid.h"

typedef struct Database Database;
typedef struct sqlite3_stmt DatabaseRow; /* a statement that stands on a row */

/* Opens or makes `path` (NULL: in memory), which only our user may read from now on, with WAL and
 * synchronous=FULL: NORMAL lost commits in 11 of 20 simulated power cuts. Errors here and below:
 * ENVIRONMENT where its disk is full or broken, CONFIG where another process has it open, else
 * INTERNAL; `uncertain` where the disk did not confirm a commit. *database is set even after a
 * failure, for database_is_damaged() and database_close(). */
bool database_open(const char *path, Database **database, Error **err);

/* The same with a rollback journal, for several processes at once, each of which waits 10 s at most
 * for the transactions of others; TRANSIENT where that was not enough. Our group may read it, where
 * it may read its directory. read_only: makes no file and
 * changes no row; ENVIRONMENT where there is none. In its errors it is called `what`, static, "the
 * catalog of cards". */
bool database_open_shared(const char *path, bool read_only, const char *what, Database **database,
                          Error **err);

/* Whether an error up to now said that the file is damaged, or no database. */
bool database_is_damaged(const Database *database);
void database_mark_damaged(Database *database); /* a check by the caller found damage */

/* Reads the whole file, which is called `name` in the error: "the ledger 'x'". False where it is
 * damaged, or cannot be read. */
bool database_check(Database *database, const char *name, Error **err);

/* Renames the damaged file at `path`, with what SQLite has beside it ("-wal", "-journal"), so that
 * a person can examine it; *copy is its new path, newly allocated. It may be open, and is closed
 * next: SQLite writes no journal for a file that was renamed meanwhile. False with errno. */
bool database_put_aside(const char *path, const char *beside, char **copy);
void database_close(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_close)

/* Runs one or more statements without values, and prepares the numbered ones: a file that lacks a
 * table or a column of theirs is damaged. */
bool database_execute(Database *database, const char *sql, Error **err);
bool database_prepare(Database *database, const char *const *sql, unsigned count, Error **err);

/* The single value of a query as text, newly allocated; NULL where there is no row. */
bool database_value(Database *database, const char *sql, char **value, Error **err);

/* Runs statement `which`, whose result is not needed. `types` says what follows, for each ? in
 * turn: i an int64_t, t a text (may be NULL), b the bytes of a name (may be NULL), f a FileId * for
 * four of them (dev, ino, size, mtime), k for the four of its hashes, e an Error * (may be NULL)
 * for four (kind, what, where, fix). */
bool database_run(Database *database, Error **err, unsigned which, const char *types, ...);
int database_changes(const Database *database); /* rows that the last statement changed */

/* The same, and whether it found a row. */
bool database_has_row(Database *database, Error **err, bool *found, unsigned which,
                      const char *types, ...);

/* Runs a statement up to its first row. After true, read the columns if *found, and call
 * database_finish(). */
bool database_first(Database *database, Error **err, DatabaseRow **row, bool *found, unsigned which,
                    const char *types, ...);
bool database_next(Database *database, DatabaseRow *row, bool *found, Error **err);
void database_finish(DatabaseRow *row);

int64_t database_int(DatabaseRow *row, int column); /* NULL is 0 */
bool database_is_null(DatabaseRow *row, int column);
const char *database_text(DatabaseRow *row, int column);    /* until the next step; may be NULL */
char *database_bytes(DatabaseRow *row, int column);         /* newly allocated; may be NULL */
FileId database_fileid(DatabaseRow *row, int first_column); /* without its hash */

/* A transaction: begin, then end with whether everything went well; else it is rolled back. */
bool database_begin(Database *database, Error **err);
bool database_end(Database *database, bool ok, Error **err);

/* Whether a transaction is open: after an error SQLite may have rolled it back. */
bool database_in_transaction(const Database *database);

/* Sets the error that SQLite has rolled a transaction back. Always false. */
bool database_say_lost(Database *database, Error **err);

/* A part of an open transaction, which can be rolled back alone. */
bool database_begin_part(Database *database, Error **err);
bool database_end_part(Database *database, bool ok, Error **err);

/* A transaction without waiting for the disk: a power cut may undo it, together with what came
 * after it, as long as no commit of the other kind did. */
bool database_begin_lazy(Database *database, Error **err);
bool database_end_lazy(Database *database, bool ok, Error **err);
