#include "daemon/ledger_sql.h"

const char ledger_schema[] =
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS job ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, source BLOB NOT NULL,"
    " dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER, hash_high INTEGER DEFAULT 0,"
    " hash_low INTEGER DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',"
    " attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,"
    " next_try INTEGER NOT NULL DEFAULT 0, present INTEGER NOT NULL DEFAULT 1, sequence INTEGER,"
    " seen_wall INTEGER NOT NULL, changed_wall INTEGER NOT NULL,"
    " error_kind TEXT, error TEXT);"
    "CREATE UNIQUE INDEX IF NOT EXISTS job_place ON job(folder, source) WHERE present;"
    "CREATE INDEX IF NOT EXISTS job_due ON job(folder, next_try, id)"
    " WHERE state IN ('waiting', 'publishing');"
    "CREATE TABLE IF NOT EXISTS output (job INTEGER NOT NULL, n INTEGER NOT NULL,"
    " path BLOB NOT NULL, hidden BLOB, dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER,"
    " replace INTEGER NOT NULL, PRIMARY KEY (job, n)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS output_path ON output(path);"
    "CREATE TABLE IF NOT EXISTS sequence (folder TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;";

#define ROW                                                                                        \
    "id, folder, source, dev, ino, size, mtime_ns, hash_high, hash_low, state, attempt, crashes"

const char *const ledger_sql[SQL_STATEMENTS] = {
    [SQL_FIND] = "SELECT " ROW " FROM job WHERE folder = ? AND source = ? AND present",
    [SQL_ADD] =
        "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, seen_wall, changed_wall)"
        " VALUES (?, ?, ?, ?, ?, ?, ?7, ?7)",
    [SQL_REPLACE_WAITING] =
        "UPDATE job SET dev = ?, ino = ?, size = ?, mtime_ns = ?, hash_high = 0,"
        " hash_low = 0, attempt = 0, crashes = 0, next_try = 0, error = NULL,"
        " error_kind = NULL, changed_wall = ? WHERE id = ?",
    [SQL_MAKE_HISTORY] = "UPDATE job SET present = 0 WHERE id = ?",
    [SQL_RENEW] = "UPDATE job SET dev = ?, ino = ?, size = ?, mtime_ns = ? WHERE id = ?",
    [SQL_DUE] = "SELECT " ROW " FROM job WHERE folder = ? AND state IN ('waiting', 'publishing')"
                " AND next_try <= ? ORDER BY next_try, id LIMIT ?",
    [SQL_NEXT_DUE] = "SELECT min(next_try) FROM job WHERE folder = ?"
                     " AND state IN ('waiting', 'publishing') AND next_try > ?",
    [SQL_CLAIM] = "UPDATE job SET state = 'working', attempt = attempt + 1, changed_wall = ?"
                  " WHERE id = ? AND state = 'waiting'",
    [SQL_HASH] = "UPDATE job SET hash_high = ?, hash_low = ? WHERE id = ?",
    [SQL_DEFER] = "UPDATE job SET state = 'waiting', next_try = ?, attempt = attempt - ?,"
                  " crashes = crashes + ?, error_kind = ?, error = ?, changed_wall = ?"
                  " WHERE id = ? AND state = 'working'",
    [SQL_PUBLISH] = "UPDATE job SET state = 'publishing', changed_wall = ? WHERE id = ?",
    [SQL_DEFER_PUBLISHING] = "UPDATE job SET next_try = ?, error_kind = ?, error = ? WHERE id = ?"
                             " AND state = 'publishing'",
    [SQL_FORGET_OUTPUTS] = "DELETE FROM output WHERE job = ?",
    [SQL_ADD_OUTPUT] = "INSERT INTO output VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_OUTPUTS] = "SELECT path, hidden, dev, ino, size, mtime_ns, replace FROM output"
                    " WHERE job = ? ORDER BY n",
    [SQL_DONE] = "UPDATE job SET state = 'done', present = ?, error = NULL, error_kind = NULL,"
                 " changed_wall = ? WHERE id = ?",
    [SQL_FAIL] = "UPDATE job SET state = 'failed', present = ?, error_kind = ?, error = ?,"
                 " changed_wall = ? WHERE id = ?",
    [SQL_AGAIN] = "UPDATE job SET state = 'waiting', next_try = 0 WHERE id = ?"
                  " AND state = 'publishing'",
    [SQL_FORGET] = "DELETE FROM job WHERE id = ?",
    [SQL_MADE] = "SELECT 1 FROM output JOIN job ON job.id = output.job WHERE output.path = ?"
                 " AND job.folder = ? AND job.source = ? AND output.dev = ? AND output.ino = ?"
                 " AND output.size = ? AND output.mtime_ns = ? LIMIT 1",
    [SQL_SEQUENCE_OF] = "SELECT sequence, folder FROM job WHERE id = ?",
    [SQL_NEXT_SEQUENCE] = "INSERT INTO sequence VALUES (?, 1)"
                          " ON CONFLICT (folder) DO UPDATE SET last = last + 1 RETURNING last",
    [SQL_SET_SEQUENCE] = "UPDATE job SET sequence = ? WHERE id = ?",
    [SQL_COUNT] = "SELECT state, count(*) FROM job WHERE ?1 IS NULL OR folder = ?1 GROUP BY state",
    [SQL_OPEN_ROWS] = "SELECT count(*) FROM job"
                      " WHERE state IN ('waiting', 'working', 'publishing')",
};
