/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger's statements. */
#include "daemon/ledger/schema.h"
#include "daemon/ledger/schema_states.h"
#include "daemon/settings/probe_name.h"

#define COLUMNS                                                                                    \
    "id, folder, source, dev, ino, size, mtime_ns, hash_high, hash_low, state, attempt, crashes,"  \
    " alone, missing, key_high, key_low, token, sequence, sequence_day, sequence_run,"             \
    " sequence_date, remake, changed_wall"
#define ROW       COLUMNS ", (SELECT name FROM new_name WHERE new_name.job = job.id) AS new_name"
#define HASHES    "hash_high = ?, hash_low = ?, key_high = ?, key_low = ?"
#define NO_HASHES "hash_high = 0, hash_low = 0, key_high = 0, key_low = 0"
/* Of the same content in one folder, the one that is done first. */
#define SAME_CONTENT                                                                               \
    " AND folder = ?2 AND id <> ?4 AND state IN " MAKES_OR_MADE                                    \
    " ORDER BY state = 'done' DESC LIMIT 1"
/* The row is ours: it was taken with this token, and was not given back. */
#define OURS " WHERE id = ? AND token = ? AND held"
/* As fileid_same() compares; the number before `ino`, that of dev, is not used. */
#define SAME_FILE(ino, size, mtime)                                                                \
    "ino = ?" #ino " AND size = ?" #size " AND mtime_ns = ?" #mtime " LIMIT 1"
/* next_try is when a retry is due. 0: at once, in the order of the ids. Below 0: at once, too, but
 * behind the ids up to -next_try, which is a number that no row has. */
#define DUE_IN_FOLDER "folder = ?1 AND state IN " DUE " AND NOT held AND alone <= ?3"
/* The first rows in `order`, which `index` has, and the first of those that met a hold; of both,
 * the first by `place` and `held_place`, in `all_order`. */
#define TAKE(place, index, order, held_place, all_order)                                           \
    "SELECT " COLUMNS ", new_name FROM (SELECT * FROM (SELECT " ROW ", " place                     \
    " FROM job INDEXED BY " index " WHERE " DUE_IN_FOLDER " AND next_try = 0 ORDER BY " order      \
    " LIMIT ?4)"                                                                                   \
    " UNION ALL SELECT * FROM (SELECT " ROW ", " held_place                                        \
    " FROM job INDEXED BY job_due WHERE " DUE_IN_FOLDER                                            \
    " AND next_try < 0 ORDER BY next_try DESC LIMIT ?4)) ORDER BY " all_order " LIMIT ?4"
/* Due rows before another one. */
#define COUNT_BEFORE(index, condition)                                                             \
    "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY " index " WHERE folder = ?1 AND state IN"  \
    " " DUE " AND NOT held AND next_try = 0 AND " condition " LIMIT ?3)"
#define NEXT_TRY                                                                                   \
    "CASE WHEN ?1 < 0 THEN -(SELECT seq FROM sqlite_sequence WHERE name = 'job') ELSE ?1 END"
#define HELD "(SELECT id FROM job WHERE held)"
/* An ended row whose file was not in the folder is present while it is taken: held is 2 then. */
#define GIVE_BACK "present = present AND held < 2, held = 0"
/* A row whose picture has not ended has no effect. */
#define UNMOVED_IN_FOLDER                                                                          \
    " unmoved CROSS JOIN job ON job.id = unmoved.job WHERE unmoved.folder = ?1"                    \
    " AND job.state IN " MAY_MOVE
#define FILE_OF_ENDED                                                                              \
    " WHERE folder = ?5 AND ino = ?2 AND size = ?3 AND mtime_ns = ?4 AND state IN " ENDED
/* What a LedgerEntry is read from. */
#define ENTRY                                                                                      \
    ROW ", present, held, seen_wall, changed_wall, next_try, error_kind, error, error_where,"      \
        " error_fix, duplicate, profile, profile_hash, cancelled_by, cancelled_why,"               \
        " cancelled_wall, CASE WHEN state IN ('publishing', 'done') THEN (SELECT count(*)"         \
        " FROM output WHERE output.job = job.id) ELSE 0 END,"                                      \
        " EXISTS (SELECT 1 FROM unmoved WHERE unmoved.job = job.id AND NOT parts),"                \
        " (SELECT path FROM report WHERE report.job = job.id),"                                    \
        " CASE WHEN duplicate THEN (SELECT made.source FROM content JOIN job AS made"              \
        " ON made.id = content.job WHERE content.folder = job.folder"                              \
        " AND content.key_high = job.key_high AND content.key_low = job.key_low"                   \
        " AND made.id <> job.id) END"
#define PART                                                                                       \
    "id, source, dev, ino, size, mtime_ns, hash_high, hash_low, kind, moved_to, moved, late"
#define THIS_FILE    " AND ino = ?2 AND size = ?3 AND mtime_ns = ?4"
#define PART_PICTURE "id, state, present, source, dev, ino, size, mtime_ns"
/* A row that is taken, or taken back, has its parts in hand. */
#define PART_IS_BUSY                                                                               \
    "EXISTS (SELECT 1 FROM job WHERE job.id = part.job AND (held OR id IN (SELECT job FROM "       \
    "undo)))"
/* Its picture has ended, and nothing moves it. */
#define PART_IS_FREE                                                                               \
    "(job IS NULL OR EXISTS (SELECT 1 FROM job WHERE job.id = part.job AND state IN " ENDED        \
    ") AND NOT " PART_IS_BUSY ")"
/* A sidecar has the whole name of a picture that has not ended (kind 3: an XMP file). */
#define PART_IS_OF_ANOTHER                                                                         \
    "(kind = 3 AND EXISTS (SELECT 1 FROM job WHERE job.folder = part.folder AND job.id <> ?1"      \
    " AND source = substr(part.source, 1, length(part.source) - 4) AND state NOT IN " ENDED "))"
#define LISTED                                                                                     \
    " WHERE folder = ?1 AND state = ?2 AND changed_wall >= ?3 AND changed_wall <= ?4"              \
    " AND (changed_wall < ?4 OR id < ?5) AND "
#define LIST(index, reason)                                                                        \
    "SELECT changed_wall, id FROM job INDEXED BY " index LISTED reason                             \
    " ORDER BY changed_wall DESC, id DESC LIMIT ?6"
#define COUNT_LIST(index, reason) "SELECT count(*), ?6 FROM job INDEXED BY " index LISTED reason
#define ANY_REASON                "?7 IS NULL"
#define THIS_REASON               "error IS NOT NULL AND (error_kind = ?7 OR instr(lower(error), lower(?7)))"
/* Of a picture that ends now, unless it has one: a probe has none. */
#define END_NUMBER                                                                                 \
    "end_number = CASE WHEN CAST(source AS TEXT) NOT GLOB '" PROBE_GLOB                            \
    "' THEN ifnull(end_number, ?) END"
#define ENDS                                                                                       \
    " FROM job INDEXED BY job_end WHERE folder = ?1 AND state = ?2 AND end_number > ?3"            \
    " AND end_number <= ?4"
#define ERROR    "error_kind = ?, error = ?, error_where = ?, error_fix = ?"
#define NO_ERROR "error_kind = NULL, error = NULL, error_where = NULL, error_fix = NULL"

const char *const ledger_sql[SQL_STATEMENTS] = {
    [SQL_FIND] = "SELECT " ROW " FROM job WHERE folder = ? AND source = ? AND present",
    /* ino is in use once: until its job has ended, a file of this number may be the same file with
     * other times. It was made (?7) before its row, or the number was used again. */
    [SQL_FIND_ELSEWHERE] =
        "SELECT " ROW " FROM job INDEXED BY job_file WHERE ino = ?2 AND folder = ?5"
        " AND (source <> ?6 OR (missing AND NOT present)) AND seen_wall >= ?7"
        " AND CASE WHEN state IN " IN_PROGRESS " THEN present"
        " ELSE state IN " ENDED " AND size = ?3 AND mtime_ns = ?4 AND (missing OR (present"
        " AND (state <> 'failed' OR id IN (SELECT job FROM unmoved)))) END"
        " ORDER BY id DESC",
    [SQL_LEAVE_NAME] = "UPDATE job SET present = 0 WHERE id = ? AND state IN " ENDED,
    [SQL_RENAME] =
        "UPDATE job SET source = ?, shot = ?, present = 1, state = CASE WHEN NOT missing THEN state"
        " WHEN state = 'failed' THEN 'failing' WHEN state = 'done' THEN 'publishing' ELSE state"
        " END, missing = missing AND state <> 'cancelled', next_try = 0, ended = CASE"
        " WHEN NOT missing OR state = 'cancelled' THEN ended END, held = 0, token = 0,"
        " changed_wall = ? WHERE id = ?",
    [SQL_DRAW] = "INSERT INTO sequence VALUES (?1, 1, ?2, 1) ON CONFLICT (folder) DO UPDATE SET"
                 " last = last + 1, day_last = CASE day WHEN ?2 THEN day_last + 1 ELSE 1 END,"
                 " day = ?2 RETURNING last, day_last",
    [SQL_ADD] =
        "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, state, seen_wall, changed_wall,"
        " sequence, sequence_day, sequence_run, sequence_date, shot)"
        " VALUES (?, ?, ?, ?, ?, ?, 'queued', ?7, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_REPLACE_QUEUED] = "UPDATE job SET dev = ?, ino = ?, size = ?, mtime_ns = ?, " NO_HASHES
                           ", attempt = 0, crashes = 0, alone = 0, next_try = 0, held = 0,"
                           " token = 0, remake = 0, " NO_ERROR ","
                           " seen_wall = ?5, changed_wall = ?5 WHERE id = ?6",
    /* The file may come back under another name: it is known then. */
    [SQL_MAKE_HISTORY] = "UPDATE job SET present = 0, missing = state IN " ENDED " WHERE id = ?",
    [SQL_FORGET_QUEUED] = "DELETE FROM job WHERE folder = ? AND source = ? AND present"
                          " AND state = 'queued'"
                          " AND NOT EXISTS (SELECT 1 FROM output WHERE output.job = job.id)",
    /* Its next attempt removes the hidden files of the last one, and finds no file of this ino. */
    [SQL_ABANDON_QUEUED] = "UPDATE job SET present = 0, ino = 0, next_try = 0, held = 0, token = 0"
                           " WHERE folder = ? AND source = ? AND present AND state = 'queued'",
    [SQL_MAKE_KEY_HISTORY] =
        "UPDATE job SET present = 0, missing = state IN " ENDED " WHERE folder = ? AND source = ?"
        " AND present AND id <> ?",
    [SQL_UPDATE_FILE] = "UPDATE job SET dev = ?, ino = ?, size = ?, mtime_ns = ?, " HASHES
                        " WHERE id = ? AND token = ?",
    [SQL_RECOVER] = "UPDATE job SET state = 'queued', next_try = 0, alone = 1"
                    " WHERE held AND state = 'processing'",
    [SQL_RECOVER_HELD] = "UPDATE job SET " GIVE_BACK " WHERE held",
    [SQL_RECORD_CRASH_OF_TAKEN] =
        "UPDATE job SET crashes = crashes + 1, alone = 1, " ERROR " WHERE id = ? AND token = ?",
    [SQL_RECORD_CRASH] = "UPDATE job SET crashes = crashes + 1, alone = 1, " ERROR " WHERE id = ?",
    [SQL_ERROR] = "SELECT error_kind, error, error_where, error_fix FROM job"
                  " WHERE id = ? AND token = ?",
    [SQL_TAKE_RETRIES] = "SELECT " ROW " FROM job INDEXED BY job_due WHERE " DUE_IN_FOLDER
                         " AND next_try > 0 AND next_try <= ?2 ORDER BY next_try, id LIMIT ?4",
    [SQL_TAKE_OLDEST] = TAKE("id AS place", "job_due", "id", "-next_try", "place"),
    [SQL_TAKE_NEWEST] =
        TAKE("0 AS behind, -id AS place", "job_due", "id DESC", "1, -next_try", "behind, place"),
    [SQL_TAKE_BY_NAME] = TAKE("0 AS behind, source AS place", "job_name", "source, id",
                              "1, -next_try", "behind, place, id"),
    [SQL_TAKE] = "UPDATE job SET held = 1, token = ? WHERE id = ?",
    [SQL_NEXT_DUE] = "SELECT min(next_try) FROM job INDEXED BY job_due WHERE folder = ?"
                     " AND state IN " DUE " AND NOT held AND next_try > ?",
    [SQL_STATE] = "SELECT state FROM job" OURS,
    [SQL_IS_IN_PROGRESS] = "SELECT 1 FROM job" OURS " AND state IN " IN_PROGRESS,
    [SQL_RELEASE] = "UPDATE job SET " GIVE_BACK OURS " AND state <> 'processing'",
    [SQL_BEGIN] = "UPDATE job SET state = 'processing', attempt = ?, " HASHES
                  ", changed_wall = ?" OURS " AND state = 'queued'",
    [SQL_CLAIM_CONTENT] = "INSERT OR IGNORE INTO content VALUES (?, ?, ?, ?)",
    [SQL_GIVE_CONTENT] = "UPDATE content SET job = ? WHERE job = ?",
    [SQL_FIND_CLAIM] = "SELECT " ROW ", next_try FROM job WHERE id = (SELECT job FROM content"
                       " WHERE folder = ?2 AND key_high = ?1 AND key_low = ?3) AND id <> ?4",
    [SQL_FIND_MADE] = "SELECT " ROW ", next_try FROM job WHERE key_high = ?1"
                      " AND key_high <> 0 AND key_low = ?3" SAME_CONTENT,
    [SQL_FIND_MADE_UNKEYED] = "SELECT " ROW ", next_try FROM job WHERE hash_high = ?1"
                              " AND hash_high <> 0 AND key_high = 0 AND hash_low = ?3" SAME_CONTENT,
    [SQL_TAKE_PLACE] = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'job'",
    [SQL_DEFER] = "UPDATE job SET state = 'queued', held = 0, next_try = " NEXT_TRY ", attempt = ?,"
                  " crashes = crashes + (?3 > 0), alone = ?3 > 1, " ERROR ", changed_wall = ?" OURS
                  " AND state IN ('queued', 'processing')",
    [SQL_POSTPONE] = "UPDATE job SET held = 0, next_try = " NEXT_TRY ", " ERROR OURS
                     " AND state IN ('publishing', 'failing')",
    [SQL_PUBLISH] = "UPDATE job SET state = 'publishing', changed_wall = ?, profile = ?,"
                    " profile_hash = ?" OURS " AND state IN ('processing', 'publishing')",
    [SQL_FORGET_OUTPUTS] = "DELETE FROM output WHERE job = ?",
    [SQL_ADD_OUTPUT] = "INSERT INTO output VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_OUTPUTS] = "SELECT path, hidden, dev, ino, size, mtime_ns, replace FROM output"
                    " WHERE job = ? ORDER BY n",
    [SQL_SET_NEW_NAME] = "INSERT OR REPLACE INTO new_name VALUES (?, ?)",
    [SQL_FORGET_NEW_NAME] = "DELETE FROM new_name WHERE job = ?",
    [SQL_DONE] = "UPDATE job SET state = 'done', present = ?, missing = ?, " NO_ERROR ","
                 " changed_wall = ?, ended = ?, duplicate = ?, held = 0, " END_NUMBER OURS
                 " AND state IN ('processing', 'publishing')",
    [SQL_SUPERSEDE] =
        "UPDATE job SET state = 'superseded', missing = 0 FROM (SELECT id AS new, folder AS "
        "its_folder,"
        " source AS its_source, hash_high AS hash_1, hash_low AS hash_2, key_high AS key_1,"
        " key_low AS key_2 FROM job WHERE id = ? AND remake) WHERE folder = its_folder"
        " AND source = its_source AND state = 'done' AND NOT present AND NOT held AND id <> new"
        " AND CASE WHEN (key_1 OR key_2) AND (key_high OR key_low)"
        " THEN key_high = key_1 AND key_low = key_2"
        " ELSE (hash_1 OR hash_2) AND hash_high = hash_1 AND hash_low = hash_2 END",
    [SQL_COUNT_DUPLICATE] =
        "INSERT INTO counter SELECT folder, 'duplicate', 1 FROM job WHERE id = ?"
        " ON CONFLICT (folder, state) DO UPDATE SET rows = rows + 1",
    [SQL_FAILING] = "UPDATE job SET state = 'failing', next_try = 0, attempt = ?, " HASHES
                    ", " ERROR ", changed_wall = ?" OURS " AND state NOT IN " ENDED,
    [SQL_FAIL] =
        "UPDATE job SET state = 'failed', present = ?, missing = ?, " ERROR ","
        " changed_wall = ?, ended = ?, held = 0, " END_NUMBER OURS " AND state NOT IN " ENDED,
    [SQL_REQUEUE] = "UPDATE job SET state = 'queued', next_try = 0, end_number = NULL" OURS
                    " AND state = 'publishing'",
    [SQL_FORGET] = "DELETE FROM job" OURS " AND state IN ('queued', 'processing')",
    [SQL_MADE] = "SELECT 1 FROM output JOIN job ON job.id = output.job WHERE output.path = ?1"
                 " AND job.folder = ?2 AND job.source = ?3 AND output.ino = ?5 AND output.size = ?6"
                 " AND output.mtime_ns = ?7 LIMIT 1",
    [SQL_IS_OUTPUT] = "SELECT 1 FROM output WHERE " SAME_FILE(2, 3, 4),
    [SQL_WAS_SOURCE] = "SELECT 1 FROM job INDEXED BY job_file WHERE " SAME_FILE(2, 3, 4),
    [SQL_COUNT] =
        "SELECT state, sum(rows) FROM (SELECT state, rows FROM counter"
        " WHERE ?1 IS NULL OR folder = ?1"
        " UNION ALL SELECT state, -1 FROM job INDEXED BY job_source WHERE folder = ?1"
        " AND source >= CAST('" PROBE_PREFIX "' AS BLOB)"
        " AND CAST(source AS TEXT) GLOB '" PROBE_GLOB "' AND source <= CAST('" PROBE_PREFIX
        "g' AS BLOB) AND state IN " ENDED ") GROUP BY state",
    [SQL_COUNT_UNFINISHED] = "SELECT ifnull(sum(rows), 0) FROM counter WHERE state IN " UNFINISHED,
    [SQL_UNFINISHED_FOLDERS] = "SELECT folder, sum(rows) FROM counter WHERE state IN " UNFINISHED
                               " GROUP BY folder HAVING sum(rows) > 0 ORDER BY folder",
    [SQL_OLD] = "SELECT " ROW ", ended FROM job INDEXED BY job_old WHERE present AND ended < ?"
                " AND folder = ? AND (ended, id) > (?, ?) ORDER BY ended, id LIMIT ?",
    [SQL_MARK_ABSENT] = "UPDATE job SET present = 0, missing = 1 WHERE id = ? AND token = ?"
                        " AND NOT held AND state IN " ENDED,
    [SQL_PRUNE_OUTPUTS] = "DELETE FROM output WHERE job IN (SELECT id FROM job"
                          " WHERE present = 0 AND ended < ?1 ORDER BY ended, id LIMIT ?2)",
    [SQL_PRUNE] = "DELETE FROM job WHERE id IN (SELECT id FROM job"
                  " WHERE present = 0 AND ended < ?1 ORDER BY ended, id LIMIT ?2)",
    [SQL_SET_META] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
    [SQL_UNMOVED_KEEP] = "INSERT OR REPLACE INTO unmoved (dir, next_try, fix, job, folder)"
                         " SELECT ?, ?, ?, id, folder FROM job" OURS,
    [SQL_UNMOVED_TAKE] =
        "SELECT " ROW " FROM job WHERE id IN (SELECT unmoved.job FROM" UNMOVED_IN_FOLDER
        " AND unmoved.next_try <= ?2 AND NOT job.held"
        " ORDER BY unmoved.next_try, unmoved.job LIMIT ?3)",
    [SQL_UNMOVED_NEXT_DUE] = "SELECT unmoved.next_try FROM" UNMOVED_IN_FOLDER
                             " AND unmoved.next_try > ?2 AND NOT job.held"
                             " ORDER BY unmoved.next_try LIMIT 1",
    [SQL_UNMOVED_HISTORY] = "SELECT NOT present FROM job WHERE id = ? AND token = ?",
    [SQL_UNMOVED_END] =
        "UPDATE job SET held = 0, present = present AND ?1,"
        " missing = CASE WHEN ?1 THEN missing ELSE ?2 END" OURS " AND state IN " MAY_MOVE,
    [SQL_UNMOVED_FORGET] = "DELETE FROM unmoved WHERE job = ?",
    [SQL_UNMOVED_RENAME] = "UPDATE unmoved SET dir = ?, next_try = 0 WHERE job = ?",
    [SQL_UNMOVED_NEXT_TRY] = "SELECT next_try FROM unmoved WHERE job = ?",
    [SQL_UNMOVED_POSTPONE] =
        "UPDATE unmoved SET next_try = ?1 WHERE (folder, dir) = (SELECT folder, dir FROM unmoved"
        " WHERE job = ?2) AND next_try >= ?3 AND next_try < ?1",
    /* Below 0: it became due while a job had it. */
    [SQL_UNMOVED_MAKE_DUE] = "UPDATE unmoved SET next_try = -(job IN " HELD ") WHERE folder = ?1"
                             " AND (next_try > 0 OR job IN " HELD ")"
                             " AND (dir = ?2 OR (dir >= ?3 AND (?4 IS NULL OR dir < ?4)))",
    [SQL_UNMOVED_COUNT] = "SELECT count(*) FROM" UNMOVED_IN_FOLDER,
    [SQL_UNMOVED_GROUPS] = "SELECT dir, count(*), fix FROM" UNMOVED_IN_FOLDER
                           " GROUP BY dir ORDER BY count(*) DESC, dir LIMIT ?2",
    [SQL_UNMOVED_REPORT] = "SELECT path FROM job LEFT JOIN report ON job = id" OURS,
    [SQL_UNMOVED_SET_REPORT] = "INSERT OR REPLACE INTO report SELECT folder, ?2, id FROM job"
                               " WHERE id = ?1",
    [SQL_UNMOVED_FORGET_REPORT] = "DELETE FROM report WHERE job = ?",
    /* One that lies at its place, or this very file, which has come back to it. */
    [SQL_PART_FIND] = "SELECT id, ifnull(job, 0), moved, ino = ?2 AND size = ?3 AND mtime_ns = ?4"
                      " AS same, " PART_IS_BUSY " FROM part WHERE folder = ?5 AND shot = ?6"
                      " AND source = ?7 AND (NOT moved OR same) ORDER BY moved LIMIT 1",
    [SQL_PART_ADD] = "INSERT INTO part (folder, shot, source, kind, dev, ino, size, mtime_ns)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_PART_REPLACE] = "UPDATE part SET dev = ?, ino = ?, size = ?, mtime_ns = ?, hash_high = 0,"
                         " hash_low = 0, kind = ?, job = NULL, moved_to = NULL WHERE id = ?",
    [SQL_PART_CAME_BACK] = "UPDATE part SET moved = 0, moved_to = NULL, job = NULL WHERE id = ?",
    [SQL_PART_PICTURE] = "SELECT " PART_PICTURE " FROM job WHERE id = ?",
    [SQL_PART_PICTURE_OF_SHOT] =
        "SELECT " PART_PICTURE
        " FROM job INDEXED BY job_shot WHERE folder = ? AND shot = ? ORDER BY id DESC LIMIT 1",
    [SQL_PART_GIVE] = "UPDATE part SET late = late OR job IS NOT ?1, job = ?1 WHERE id = ?2",
    [SQL_PART_MAKE_DUE] = "INSERT INTO unmoved (job, folder, dir, next_try, parts) SELECT id,"
                          " folder, ?1, 0, 1 FROM job WHERE id = ?2 AND NOT present AND EXISTS"
                          " (SELECT 1 FROM part WHERE part.job = ?2 AND NOT moved) ON CONFLICT"
                          " DO UPDATE SET next_try = -1 WHERE unmoved.job IN " HELD,
    [SQL_PART_FORGET] = "DELETE FROM part WHERE folder = ? AND source = ? AND NOT moved"
                        " AND moved_to IS NULL AND NOT " PART_IS_BUSY,
    [SQL_PART_IS_THERE] =
        "SELECT 1 FROM part WHERE (folder, shot) = (SELECT folder, shot FROM job"
        " WHERE id = ?1 AND token = ?2) AND NOT moved AND " PART_IS_FREE " LIMIT 1",
    [SQL_PART_TAKE] = "UPDATE part SET job = ?1, moved_to = NULL, late = (SELECT state <> 'queued'"
                      " FROM job WHERE id = ?1) WHERE (folder, shot) ="
                      " (SELECT folder, shot FROM job WHERE id = ?1 AND token = ?2)"
                      " AND NOT moved AND " PART_IS_FREE " AND NOT " PART_IS_OF_ANOTHER,
    [SQL_PART_TAKE_LATE] =
        "UPDATE part SET job = ?1, late = 1 WHERE (folder, shot) = (SELECT folder, shot"
        " FROM job WHERE id = ?1) AND NOT moved AND job IS NULL AND NOT " PART_IS_OF_ANOTHER,
    [SQL_PART_OF] = "SELECT " PART " FROM part WHERE job = ? ORDER BY source, id",
    /* SQLite would choose part_key for its order, and read all parts of the folder. */
    [SQL_PART_OF_SHOT] = "SELECT " PART " FROM part INDEXED BY part_shot WHERE folder = ?"
                         " AND shot = ? AND NOT moved AND (job IS NULL OR job IN (SELECT id FROM"
                         " job WHERE job.id = part.job AND state NOT IN ('done', 'failed')))"
                         " ORDER BY source",
    [SQL_PART_TWINS] =
        "SELECT source, dev, ino, size, mtime_ns, sequence, sequence_day, sequence_run,"
        " sequence_date, id, hash_high, hash_low FROM job INDEXED BY job_shot WHERE folder = ?"
        " AND shot = ? AND id <> ? ORDER BY id DESC LIMIT 20",
    [SQL_PART_OF_OTHERS] =
        "SELECT " PART " FROM part WHERE folder = ?1 AND shot = ?2 AND kind = ?3 AND job IN ("
        "SELECT id FROM job INDEXED BY job_shot WHERE folder = ?1 AND shot = ?2 AND id <> ?4"
        " AND source <> ?5 AND abs(mtime_ns - ?6) <= ?7) ORDER BY source, id",
    [SQL_PART_WAITING] = "SELECT " PART " FROM part INDEXED BY part_waits WHERE folder = ?"
                         " AND job IS NULL AND source > ? AND NOT EXISTS (SELECT 1 FROM job"
                         " WHERE job.folder = part.folder AND job.shot = part.shot"
                         " AND state NOT IN ('done', 'failed', 'superseded'))"
                         " ORDER BY source LIMIT ?",
    [SQL_PART_ONLY] = "SELECT 1 FROM unmoved WHERE job = ? AND parts",
    [SQL_PART_PLAN] = "UPDATE part SET moved_to = ?, hash_high = ?, hash_low = ? WHERE id = ?"
                      " AND job = ?",
    [SQL_PART_END] = "UPDATE part SET moved = 1 WHERE id = ?5 AND job = ?6" THIS_FILE,
    [SQL_PART_DROP] = "DELETE FROM part WHERE id = ?5 AND job = ?6" THIS_FILE,
    [SQL_PART_KEEP] = "INSERT OR REPLACE INTO unmoved (dir, next_try, fix, job, folder, parts)"
                      " SELECT ?, ?, ?, id, folder, 1 FROM job" OURS,
    [SQL_PART_SETTLE] = "UPDATE job SET present = present AND ?1, missing = CASE WHEN ?1 THEN"
                        " missing ELSE ?2 END WHERE id = ?3 AND state IN " MAY_MOVE,
    [SQL_PART_RESET] =
        "UPDATE OR IGNORE part SET moved = 0, moved_to = NULL, late = 0 WHERE job = ?1 AND moved"
        " AND source IN (SELECT path FROM undo_move WHERE job = ?1 AND spot >= 0)"
        " AND id IN (SELECT max(id) FROM part WHERE job = ?1 AND moved GROUP BY source)",
    [SQL_PART_PASS_ON] = "UPDATE OR IGNORE part SET dev = ?, ino = ?, size = ?, mtime_ns = ?,"
                         " moved = 0, moved_to = NULL, late = 0, job = ? WHERE id = ?",
    [SQL_CANCEL] = "UPDATE job SET state = 'cancelled', token = ?, held = 0, next_try = 0,"
                   " ended = ?, changed_wall = ?4, cancelled_by = ?3, cancelled_wall = ?4,"
                   " cancelled_why = ?5 WHERE id = ?6 AND state IN ('queued', 'processing')",
    [SQL_TAKE_ENDED] =
        "UPDATE job SET held = 1 + NOT present, present = 1, token = ? WHERE id = ?"
        " AND token = ? AND NOT held AND state IN " ENDED " AND id NOT IN (SELECT job FROM undo)",
    [SQL_REOPEN] = "UPDATE job SET state = 'queued', attempt = 0, alone = crashes > 0, crashes = 0,"
                   " next_try = 0, missing = 0, duplicate = 0, ended = NULL, held = 0,"
                   " changed_wall = ?, cancelled_by = NULL, cancelled_why = NULL,"
                   " cancelled_wall = NULL, end_number = NULL, " NO_ERROR OURS " AND present"
                   " AND state IN ('failed', 'cancelled')",
    [SQL_MAKE_DUE] = "UPDATE job SET next_try = 0 WHERE id = ? AND NOT held AND state IN " DUE,
    [SQL_IS_BUSY] = "SELECT 1 FROM job WHERE folder = ? AND source = ? AND present"
                    " AND id <> ? AND (held OR state NOT IN " ENDED ")",
    [SQL_FORGET_FILE_MOVES] =
        "DELETE FROM unmoved WHERE job IN (SELECT id FROM job INDEXED BY job_file" FILE_OF_ENDED
        ")",
    [SQL_SETTLE_FILE] = "UPDATE job INDEXED BY job_file SET present = 0, missing = 0" FILE_OF_ENDED,
    [SQL_SET_REMAKE] = "UPDATE job SET remake = ? WHERE id = ?",
    [SQL_PAUSE] = "INSERT OR IGNORE INTO pause VALUES (?, ?, ?)",
    [SQL_RESUME] = "DELETE FROM pause WHERE folder = ?",
    [SQL_PAUSED] = "SELECT folder, who, since_wall FROM pause ORDER BY folder",
    [SQL_ENTRY] = "SELECT " ENTRY " FROM job WHERE id = ?",
    [SQL_HISTORY] = "SELECT " ENTRY " FROM job INDEXED BY job_source WHERE folder = ?"
                    " AND source = ? ORDER BY id DESC LIMIT ?",
    [SQL_OF_FILE] = "SELECT " ENTRY " FROM job INDEXED BY job_file WHERE ino = ?2 AND size = ?3"
                    " AND mtime_ns = ?4 AND folder = ?5 ORDER BY id DESC",
    [SQL_NEWEST] = "SELECT " ENTRY " FROM job WHERE id IN (SELECT max(id) FROM job"
                   " INDEXED BY job_source WHERE folder = ?1 AND source > ?2"
                   " GROUP BY source ORDER BY source LIMIT ?3) ORDER BY source",
    [SQL_COUNT_NAMES] = "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_source"
                        " WHERE folder = ? GROUP BY source)",
    [SQL_MADE_BY] = "SELECT " ENTRY " FROM job WHERE id IN (SELECT job FROM output WHERE path = ?2)"
                    " AND +folder = ?1 AND +state IN ('publishing', 'done', 'cancelled',"
                    " 'superseded')"
                    " ORDER BY id DESC LIMIT ?3",
    [SQL_FOLDERS] = "SELECT DISTINCT folder FROM counter ORDER BY folder",
    [SQL_LIST] = LIST("job_changed", ANY_REASON),
    [SQL_LIST_REASON] = LIST("job_error", THIS_REASON),
    [SQL_COUNT_LIST] = COUNT_LIST("job_changed", ANY_REASON),
    [SQL_COUNT_LIST_REASON] = COUNT_LIST("job_error", THIS_REASON),
    [SQL_SUMMARY] = "SELECT state, count(*) FROM job INDEXED BY job_source WHERE folder = ?"
                    " AND source >= ? AND source < ? GROUP BY state",
    /* Of those that wait for a time, or met a hold, no more than a thousand are looked at. */
    [SQL_OLDEST_QUEUED] =
        "SELECT source, seen_wall FROM (SELECT * FROM (SELECT id, source, seen_wall FROM job"
        " INDEXED BY job_due WHERE folder = ?1 AND state IN " DUE " AND NOT held AND next_try = 0"
        " ORDER BY id LIMIT 1) UNION ALL SELECT * FROM (SELECT id, source, seen_wall FROM job"
        " INDEXED BY job_due WHERE folder = ?1 AND state IN " DUE " AND NOT held AND next_try < 0"
        " LIMIT 1000) UNION ALL SELECT * FROM (SELECT id, source, seen_wall FROM job"
        " INDEXED BY job_due WHERE folder = ?1 AND state IN " DUE " AND NOT held AND next_try > 0"
        " LIMIT 1000)) ORDER BY id LIMIT 1",
    [SQL_COUNT_OLDER] = COUNT_BEFORE("job_due", "id < ?2"),
    [SQL_COUNT_NEWER] = COUNT_BEFORE("job_due", "id > ?2"),
    [SQL_COUNT_BY_NAME] = COUNT_BEFORE("job_name", "source < ?2"),
    /* No other picture of its name is queued, in progress or taken. */
    [SQL_UNDO_IS_READY] =
        "SELECT 1 FROM job WHERE id = ? AND token = ? AND NOT held AND state = 'done'"
        " AND NOT EXISTS (SELECT 1 FROM job AS other WHERE other.folder = job.folder"
        " AND other.source = job.source AND other.present AND other.id <> job.id"
        " AND (other.held OR other.state NOT IN " ENDED "))",
    [SQL_UNDO_KEEP] =
        "INSERT INTO undo SELECT id, ?2, present, missing, changed_wall, ended,"
        " (SELECT dir FROM unmoved WHERE unmoved.job = id AND NOT parts) FROM job WHERE id = ?1",
    [SQL_UNDO_CANCEL] =
        "UPDATE job SET state = 'cancelled', present = 1, missing = 0, next_try = 0, token = ?2,"
        " changed_wall = ?4, ended = ?5, cancelled_by = ?3, cancelled_why = 'undone',"
        " cancelled_wall = ?4 WHERE id = ?1",
    [SQL_UNDO_ADD_MOVE] = "INSERT INTO undo_move VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_UNDO_SET_FILE] = "UPDATE job SET dev = ?, ino = ?, size = ?, mtime_ns = ? WHERE id = ?"
                          " AND state = 'cancelled'",
    /* A new file may have its name by now. */
    [SQL_UNDO_RESTORE] =
        "UPDATE job SET state = 'done', missing = undo.missing, changed_wall = undo.changed_wall,"
        " ended = undo.ended, cancelled_by = NULL, cancelled_why = NULL, cancelled_wall = NULL,"
        " present = undo.present AND job.present FROM undo"
        " WHERE job.id = ? AND undo.job = job.id AND job.state = 'cancelled'",
    [SQL_UNDO_RESTORE_MOVE] =
        "INSERT OR IGNORE INTO unmoved (job, folder, dir, next_try) SELECT job, folder, dir, 0"
        " FROM undo JOIN job ON job.id = undo.job WHERE undo.job = ? AND undo.dir IS NOT NULL",
    [SQL_UNDO_FORGET] = "DELETE FROM undo WHERE job = ?",
    [SQL_UNDO_FORGET_MOVES] = "DELETE FROM undo_move WHERE job = ?",
    [SQL_UNDO_LIST] = "SELECT " ROW " FROM job WHERE id IN (SELECT job FROM undo) ORDER BY id",
    [SQL_UNDO_MOVES] = "SELECT root, path, spot, spot_path, dev, ino, size, mtime_ns, hash_high,"
                       " hash_low, key_high, key_low FROM undo_move WHERE job = ? ORDER BY n",
    [SQL_UNDO_WHO] = "SELECT who FROM undo WHERE job = ?",
    [SQL_UNDO_USE] = "SELECT " ROW " FROM job INDEXED BY job_file WHERE ino = ?2 AND size = ?3"
                     " AND mtime_ns = ?4 AND id <> ?5"
                     " AND state IN ('processing', 'publishing', 'failing', 'done')"
                     " ORDER BY id DESC LIMIT 1",
    [SQL_MARKS] = "SELECT kind, subject, number, state FROM mark WHERE sender = ?",
    [SQL_FORGET_MARKS] = "DELETE FROM mark WHERE sender = ?",
    [SQL_ADD_MARK] = "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?)",
    [SQL_MARK_SENDERS] = "SELECT DISTINCT sender FROM mark",
    /* One that was pruned is below a mark, where it was news. */
    [SQL_LAST_END] =
        "SELECT max(ifnull((SELECT max((SELECT end_number FROM job INDEXED BY job_end"
        " WHERE job.folder = counter.folder AND job.state = counter.state"
        " AND end_number IS NOT NULL ORDER BY end_number DESC LIMIT 1)) FROM counter), 0),"
        " ifnull((SELECT max(number) FROM mark WHERE kind IN ('failed', 'done', 'idle')), 0))",
    [SQL_NEWEST_END] = "SELECT end_number, changed_wall FROM job INDEXED BY job_end"
                       " WHERE folder = ? AND state = ? AND end_number IS NOT NULL"
                       " ORDER BY end_number DESC LIMIT 1",
    [SQL_COUNT_ENDS] =
        "SELECT count(*), (SELECT changed_wall" ENDS " ORDER BY end_number LIMIT 1)" ENDS,
    [SQL_LIST_ENDS] = "SELECT " ENTRY ENDS " ORDER BY end_number DESC LIMIT ?5",
};
