/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/ledger/schema.h"

#include "daemon/ledger/schema_states.h"

const char ledger_schema[] =
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS job ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, source BLOB NOT NULL,"
    " dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER, hash_high INTEGER DEFAULT 0,"
    " hash_low INTEGER DEFAULT 0, key_high INTEGER NOT NULL DEFAULT 0,"
    " key_low INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL,"
    " attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,"
    " alone INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0,"
    " token INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0,"
    " next_try INTEGER NOT NULL DEFAULT 0, present INTEGER NOT NULL DEFAULT 1, sequence INTEGER,"
    " sequence_day INTEGER, sequence_run INTEGER, sequence_date INTEGER,"
    " seen_wall INTEGER NOT NULL, changed_wall INTEGER NOT NULL, ended INTEGER,"
    " error_kind TEXT, error TEXT, error_where TEXT, error_fix TEXT,"
    " remake INTEGER NOT NULL DEFAULT 0, duplicate INTEGER NOT NULL DEFAULT 0, profile TEXT,"
    " profile_hash INTEGER, cancelled_by TEXT, cancelled_why TEXT, cancelled_wall INTEGER,"
    " shot BLOB, end_number INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS job_key ON job(folder, source) WHERE present;"
    "CREATE INDEX IF NOT EXISTS job_source ON job(folder, source, state);"
    "CREATE INDEX IF NOT EXISTS job_changed ON job(folder, state, changed_wall);"
    "CREATE INDEX IF NOT EXISTS job_error ON job(folder, state, changed_wall)"
    " WHERE error IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS job_due ON job(folder, next_try, id) WHERE state IN " DUE
    " AND NOT held;"
    "CREATE INDEX IF NOT EXISTS job_name ON job(folder, source) WHERE state IN " DUE
    " AND NOT held AND next_try = 0;"
    "CREATE INDEX IF NOT EXISTS job_held ON job(state) WHERE held;"
    "CREATE INDEX IF NOT EXISTS job_keyed ON job(key_high, folder) WHERE key_high <> 0;"
    "CREATE INDEX IF NOT EXISTS job_unkeyed ON job(hash_high, folder)"
    " WHERE hash_high <> 0 AND key_high = 0;"
    "CREATE INDEX IF NOT EXISTS job_ended ON job(present, ended) WHERE ended IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS job_old ON job(folder, ended, id)"
    " WHERE present AND ended IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS job_file ON job(ino, mtime_ns);"
    "CREATE TABLE IF NOT EXISTS output (job INTEGER NOT NULL, n INTEGER NOT NULL,"
    " path BLOB NOT NULL, hidden BLOB, dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER,"
    " replace INTEGER NOT NULL, PRIMARY KEY (job, n)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS output_path ON output(path);"
    "CREATE INDEX IF NOT EXISTS output_file ON output(ino, mtime_ns);"
    /* The one row of a folder that makes this content, or has made it. */
    "CREATE TABLE IF NOT EXISTS content (folder TEXT NOT NULL, key_high INTEGER NOT NULL,"
    " key_low INTEGER NOT NULL, job INTEGER NOT NULL,"
    " PRIMARY KEY (folder, key_high, key_low)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS content_job ON content(job);"
    "CREATE TRIGGER IF NOT EXISTS content_given_up AFTER UPDATE OF state ON job"
    " WHEN new.state NOT IN " MAKES_OR_MADE " BEGIN DELETE FROM content WHERE job = new.id; END;"
    "CREATE TRIGGER IF NOT EXISTS content_removed AFTER DELETE ON job BEGIN"
    " DELETE FROM content WHERE job = old.id; END;"
    "CREATE TABLE IF NOT EXISTS unmoved (job INTEGER PRIMARY KEY, folder TEXT NOT NULL,"
    " dir BLOB NOT NULL, fix TEXT, next_try INTEGER NOT NULL, parts INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS unmoved_due ON unmoved(folder, next_try, job);"
    "CREATE INDEX IF NOT EXISTS unmoved_dir ON unmoved(folder, dir);"
    "CREATE TRIGGER IF NOT EXISTS unmoved_removed AFTER DELETE ON job BEGIN"
    " DELETE FROM unmoved WHERE job = old.id; END;"
    "CREATE TABLE IF NOT EXISTS report (folder TEXT, path BLOB, job INTEGER NOT NULL,"
    " PRIMARY KEY (folder, path)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS report_job ON report(job);"
    "CREATE TRIGGER IF NOT EXISTS report_removed AFTER DELETE ON job BEGIN"
    " DELETE FROM report WHERE job = old.id; END;"
    /* The numbers that were drawn last; day is as 20240501. */
    "CREATE TABLE IF NOT EXISTS sequence (folder TEXT PRIMARY KEY, last INTEGER, day INTEGER,"
    " day_last INTEGER) WITHOUT ROWID;"
    /* By a person; the folder '' is all of them. */
    "CREATE TABLE IF NOT EXISTS pause (folder TEXT PRIMARY KEY, who TEXT NOT NULL,"
    " since_wall INTEGER NOT NULL) WITHOUT ROWID;";

/* The files of a shot beside its picture. One that has left its place keeps its row as long as its
 * picture has one. */
const char ledger_part_tables[] =
    "CREATE INDEX IF NOT EXISTS job_shot ON job(folder, shot) WHERE shot IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS part (id INTEGER PRIMARY KEY, folder TEXT NOT NULL,"
    " shot BLOB NOT NULL, source BLOB NOT NULL, kind INTEGER NOT NULL, dev INTEGER, ino INTEGER,"
    " size INTEGER, mtime_ns INTEGER, hash_high INTEGER NOT NULL DEFAULT 0,"
    " hash_low INTEGER NOT NULL DEFAULT 0, job INTEGER, moved_to BLOB,"
    " moved INTEGER NOT NULL DEFAULT 0, late INTEGER NOT NULL DEFAULT 0);"
    "CREATE UNIQUE INDEX IF NOT EXISTS part_key ON part(folder, source) WHERE NOT moved;"
    "CREATE INDEX IF NOT EXISTS part_shot ON part(folder, shot);"
    "CREATE INDEX IF NOT EXISTS part_job ON part(job) WHERE job IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS part_waits ON part(folder, source) WHERE job IS NULL;"
    "CREATE TRIGGER IF NOT EXISTS part_removed AFTER DELETE ON job BEGIN"
    " DELETE FROM part WHERE job = old.id AND moved;"
    " UPDATE part SET job = NULL, moved_to = NULL WHERE job = old.id; END;";

/* What ended since when, and how far each sender of notices went; see marks.h. */
const char ledger_marks[] =
    "CREATE INDEX IF NOT EXISTS job_end ON job(folder, state, end_number)"
    " WHERE end_number IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS mark (sender TEXT, kind TEXT, subject TEXT,"
    " number INTEGER NOT NULL, state TEXT, PRIMARY KEY (sender, kind, subject)) WITHOUT ROWID;";

/* Of originals that a profile gives another name in done/. */
const char ledger_new_names[] =
    "CREATE TABLE IF NOT EXISTS new_name (job INTEGER PRIMARY KEY, name BLOB NOT NULL);"
    "CREATE TRIGGER IF NOT EXISTS new_name_removed AFTER DELETE ON job BEGIN"
    " DELETE FROM new_name WHERE job = old.id; END;";

/* A picture that is taken back: what its row was, and what is moved. `dir` is that of unmoved. */
const char ledger_undo_tables[] =
    "CREATE TABLE IF NOT EXISTS undo (job INTEGER PRIMARY KEY, who TEXT NOT NULL,"
    " present INTEGER NOT NULL, missing INTEGER NOT NULL, changed_wall INTEGER NOT NULL,"
    " ended INTEGER, dir BLOB);"
    "CREATE TABLE IF NOT EXISTS undo_move (job INTEGER NOT NULL, n INTEGER NOT NULL,"
    " root BLOB NOT NULL, path BLOB NOT NULL, spot INTEGER NOT NULL, spot_path BLOB, dev INTEGER,"
    " ino INTEGER, size INTEGER, mtime_ns INTEGER, hash_high INTEGER, hash_low INTEGER,"
    " key_high INTEGER, key_low INTEGER, PRIMARY KEY (job, n)) WITHOUT ROWID;"
    "CREATE TRIGGER IF NOT EXISTS undo_removed AFTER DELETE ON job BEGIN"
    " DELETE FROM undo WHERE job = old.id; DELETE FROM undo_move WHERE job = old.id; END;";

/* How many rows of each state a folder has is stored: counting the whole history once a second
 * would block every other caller. */
#define COUNT_ONE(row, by)                                                                         \
    "INSERT INTO counter VALUES (" row ".folder, " row ".state, " by ")"                           \
    " ON CONFLICT (folder, state) DO UPDATE SET rows = rows + " by ";"

const char ledger_counters[] =
    "CREATE TABLE IF NOT EXISTS counter (folder TEXT, state TEXT, rows INTEGER,"
    " PRIMARY KEY (folder, state)) WITHOUT ROWID;"
    /* clang-format off */
    "CREATE TRIGGER IF NOT EXISTS job_added AFTER INSERT ON job BEGIN "
        COUNT_ONE("new", "1") " END;"
    "CREATE TRIGGER IF NOT EXISTS job_moved AFTER UPDATE OF state ON job"
    " WHEN old.state <> new.state BEGIN " COUNT_ONE("old", "-1") COUNT_ONE("new", "1") " END;"
    "CREATE TRIGGER IF NOT EXISTS job_removed AFTER DELETE ON job BEGIN "
        COUNT_ONE("old", "-1") " END;";
/* clang-format on */

const char *const ledger_upgrades[LEDGER_VERSION] = {
    [1] = "DROP INDEX job_due;"
          "ALTER TABLE job ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;"
          "ALTER TABLE job ADD COLUMN ended INTEGER;"
          "ALTER TABLE job ADD COLUMN error_where TEXT;"
          "ALTER TABLE job ADD COLUMN error_fix TEXT;"
          "UPDATE job SET ended = 0 WHERE state IN ('done', 'failed');"
          "CREATE TABLE tally (folder TEXT, state TEXT, rows INTEGER,"
          " PRIMARY KEY (folder, state)) WITHOUT ROWID;"
          "INSERT INTO tally SELECT folder, state, count(*) FROM job GROUP BY folder, state;",
    /* Other words for states and kinds of errors. The column's old default stays; no statement uses
     * it. The triggers go first: they would count the new states. */
    [2] = "DROP TRIGGER IF EXISTS job_added; DROP TRIGGER IF EXISTS job_moved;"
          "DROP TRIGGER IF EXISTS job_removed;"
          "DROP INDEX IF EXISTS job_due; DROP INDEX IF EXISTS job_place;"
          "ALTER TABLE tally RENAME TO counter;"
          "UPDATE job SET state = 'queued' WHERE state = 'waiting';"
          "UPDATE job SET state = 'processing' WHERE state = 'working';"
          "UPDATE counter SET state = 'queued' WHERE state = 'waiting';"
          "UPDATE counter SET state = 'processing' WHERE state = 'working';"
          "UPDATE job SET error_kind = CASE error_kind WHEN 'later' THEN 'transient'"
          " WHEN 'image' THEN 'picture' WHEN 'setup' THEN 'config' WHEN 'world' THEN 'environment'"
          " WHEN 'bug' THEN 'internal' ELSE error_kind END WHERE error_kind IS NOT NULL;",
    /* What was read before this version has no keyed hash until it is read again. */
    [3] = "ALTER TABLE job ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;"
          "ALTER TABLE job ADD COLUMN key_high INTEGER NOT NULL DEFAULT 0;"
          "ALTER TABLE job ADD COLUMN key_low INTEGER NOT NULL DEFAULT 0;"
          "DROP INDEX IF EXISTS job_content;",
    [4] = "ALTER TABLE job ADD COLUMN token INTEGER NOT NULL DEFAULT 0;"
          "ALTER TABLE job ADD COLUMN held INTEGER NOT NULL DEFAULT 0;"
          "DROP INDEX IF EXISTS job_due;"
          "UPDATE job SET held = 1 WHERE state = 'processing';",
    /* Numbers were drawn when a worker asked for one. What waits draws them here, in its order. */
    [5] = "ALTER TABLE job ADD COLUMN sequence_day INTEGER;"
          "ALTER TABLE job ADD COLUMN sequence_run INTEGER;"
          "ALTER TABLE job ADD COLUMN sequence_date INTEGER;"
          "ALTER TABLE sequence ADD COLUMN day INTEGER;"
          "ALTER TABLE sequence ADD COLUMN day_last INTEGER;"
          "UPDATE job SET sequence = place + ifnull((SELECT last FROM sequence"
          " WHERE sequence.folder = job.folder), 0) FROM (SELECT id AS new, row_number() OVER"
          " (PARTITION BY folder ORDER BY id) AS place FROM job"
          " WHERE sequence IS NULL AND state IN " UNFINISHED ") WHERE id = new;"
          "UPDATE job SET sequence_day = day, sequence_run = run,"
          " sequence_date = CAST(strftime('%Y%m%d', 'now', 'localtime') AS INTEGER)"
          " FROM (SELECT id AS new,"
          " row_number() OVER (PARTITION BY folder ORDER BY id) AS day,"
          " row_number() OVER (ORDER BY id) AS run FROM job"
          " WHERE state IN " UNFINISHED ") WHERE id = new;"
          "INSERT INTO sequence SELECT folder, max(sequence),"
          " CAST(strftime('%Y%m%d', 'now', 'localtime') AS INTEGER), max(sequence_day) FROM job"
          " WHERE state IN " UNFINISHED " GROUP BY folder ON CONFLICT (folder) DO UPDATE"
          " SET last = max(last, excluded.last), day = excluded.day, day_last = excluded.day_last;",
    /* Which profile made the outputs of earlier pictures, and which were duplicates, is not known.
     */
    [6] = "ALTER TABLE job ADD COLUMN remake INTEGER NOT NULL DEFAULT 0;"
          "ALTER TABLE job ADD COLUMN duplicate INTEGER NOT NULL DEFAULT 0;"
          "ALTER TABLE job ADD COLUMN profile TEXT;"
          "ALTER TABLE job ADD COLUMN profile_hash INTEGER;"
          "ALTER TABLE job ADD COLUMN cancelled_by TEXT;"
          "ALTER TABLE job ADD COLUMN cancelled_why TEXT;"
          "ALTER TABLE job ADD COLUMN cancelled_wall INTEGER;",
    /* Pictures that came before this version are of no shot. */
    [7] = "ALTER TABLE job ADD COLUMN shot BLOB;"
          "CREATE TABLE IF NOT EXISTS unmoved (job INTEGER PRIMARY KEY, folder TEXT NOT NULL,"
          " dir BLOB NOT NULL, fix TEXT, next_try INTEGER NOT NULL);"
          "ALTER TABLE unmoved ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;",
    /* What ended before this version is no news. */
    [8] = "ALTER TABLE job ADD COLUMN end_number INTEGER;",
};
