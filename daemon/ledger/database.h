/* database.h - SQLite as the ledger uses it: numbered statements with typed values.
 *
 * One connection, for one process, opened exclusively: 3.40, Debian 12's, can corrupt a WAL that
 * two connections write. It has no lock of its own; the ledger's is around every call. */
#pragma once

#include "base/error.h"
#include "daemon/files/fileid.h"

typedef struct Database Database;
typedef struct sqlite3_stmt DatabaseRow; /* a statement that stands on a row */

/* Opens or makes `path` (NULL: in memory) with WAL and synchronous=FULL: NORMAL lost commits in 11
 * of 20 simulated power cuts. Errors here and below: WORLD when its disk is full or broken, SETUP
 * when another process has it, BUG else. *database is there even when that failed, for
 * database_damaged() and database_close(). */
bool database_open(const char *path, Database **database, Error **err);

/* Whether an error so far said that the file is no database, or a broken one. */
bool database_damaged(const Database *database);
void database_condemn(Database *database); /* a check of the caller's found it broken */
void database_close(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_close)

/* Runs one or more statements without values, and prepares the numbered ones. */
bool database_execute(Database *database, const char *sql, Error **err);
bool database_prepare(Database *database, const char *const *sql, unsigned count, Error **err);

/* The one value of a query as text, newly allocated; NULL when there is no row. */
bool database_value(Database *database, const char *sql, char **value, Error **err);

/* Runs statement `which`, which returns nothing that is wanted. `types` says what follows, for each
 * ? in turn: i an int64_t, t a text (may be NULL), b a name's bytes (may be NULL), f a FileId * for
 * four of them (dev, ino, size, mtime), e an Error * (may be NULL) for four (kind, what, where,
 * fix).
 */
bool database_run(Database *database, Error **err, unsigned which, const char *types, ...);
int database_changes(const Database *database); /* rows that the last one changed */

/* Runs it to its first row. When true, read the columns if *found, and database_finish() it. */
bool database_first(Database *database, Error **err, DatabaseRow **row, bool *found, unsigned which,
                    const char *types, ...);
bool database_next(Database *database, DatabaseRow *row, bool *found, Error **err);
void database_finish(DatabaseRow *row);

int64_t database_int(DatabaseRow *row, int column); /* NULL is 0 */
bool database_null(DatabaseRow *row, int column);
const char *database_text(DatabaseRow *row, int column);  /* until the next step; may be NULL */
char *database_bytes(DatabaseRow *row, int column);       /* newly allocated; may be NULL */
FileId database_file(DatabaseRow *row, int first_column); /* without its hash */

/* A transaction: begin, then end with whether all went well; what did not is taken back. */
bool database_begin(Database *database, Error **err);
bool database_end(Database *database, bool ok, Error **err);
