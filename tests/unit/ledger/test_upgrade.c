/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ledger of an earlier version goes on where it was: no job is lost, none is made again. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/ledger/answers.h"
#include "daemon/ledger/database.h"
#include "daemon/ledger/marks.h"
#include "daemon/ledger/parts.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/ledger/bench.h"

/* Version 2, as hotfolder 0.1 made it. */
#define COUNT_ONE(row, by)                                                                         \
    "INSERT INTO tally VALUES (" row ".folder, " row ".state, " by ")"                             \
    " ON CONFLICT (folder, state) DO UPDATE SET rows = rows + " by ";"
static const char version_2[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE job ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, source BLOB NOT NULL,"
    " dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER, hash_high INTEGER DEFAULT 0,"
    " hash_low INTEGER DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',"
    " attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,"
    " alone INTEGER NOT NULL DEFAULT 0,"
    " next_try INTEGER NOT NULL DEFAULT 0, present INTEGER NOT NULL DEFAULT 1, sequence INTEGER,"
    " seen_wall INTEGER NOT NULL, changed_wall INTEGER NOT NULL, ended INTEGER,"
    " error_kind TEXT, error TEXT, error_where TEXT, error_fix TEXT);"
    "CREATE UNIQUE INDEX job_place ON job(folder, source) WHERE present;"
    "CREATE INDEX job_due ON job(folder, next_try, id)"
    " WHERE state IN ('waiting', 'publishing', 'failing');"
    "CREATE INDEX job_content ON job(hash_high, folder) WHERE hash_high <> 0;"
    "CREATE INDEX job_ended ON job(present, ended) WHERE ended IS NOT NULL;"
    "CREATE TABLE output (job INTEGER NOT NULL, n INTEGER NOT NULL,"
    " path BLOB NOT NULL, hidden BLOB, dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER,"
    " replace INTEGER NOT NULL, PRIMARY KEY (job, n)) WITHOUT ROWID;"
    "CREATE INDEX output_path ON output(path);"
    "CREATE INDEX output_file ON output(ino, mtime_ns);"
    "CREATE TABLE sequence (folder TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;"
    "CREATE TABLE tally (folder TEXT, state TEXT, rows INTEGER,"
    " PRIMARY KEY (folder, state)) WITHOUT ROWID;"
    "CREATE TRIGGER job_added AFTER INSERT ON job BEGIN " COUNT_ONE(
        "new", "1") " END;"
                    "CREATE TRIGGER job_moved AFTER UPDATE OF state ON job"
                    " WHEN old.state <> new.state BEGIN " COUNT_ONE("old", "-1")
                        COUNT_ONE("new", "1") " END;"
                                              "CREATE TRIGGER job_removed AFTER DELETE ON job"
                                              " BEGIN " COUNT_ONE("old", "-1") " END;";

/* Version 3, as hotfolder 0.2 made it, with a picture that is done and was read. */
static const char version_3[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE job ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, source BLOB NOT NULL,"
    " dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER, hash_high INTEGER DEFAULT 0,"
    " hash_low INTEGER DEFAULT 0, state TEXT NOT NULL,"
    " attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,"
    " alone INTEGER NOT NULL DEFAULT 0,"
    " next_try INTEGER NOT NULL DEFAULT 0, present INTEGER NOT NULL DEFAULT 1, sequence INTEGER,"
    " seen_wall INTEGER NOT NULL, changed_wall INTEGER NOT NULL, ended INTEGER,"
    " error_kind TEXT, error TEXT, error_where TEXT, error_fix TEXT);"
    "CREATE UNIQUE INDEX job_key ON job(folder, source) WHERE present;"
    "CREATE INDEX job_due ON job(folder, next_try, id)"
    " WHERE state IN ('queued', 'publishing', 'failing');"
    "CREATE INDEX job_content ON job(hash_high, folder) WHERE hash_high <> 0;"
    "CREATE INDEX job_ended ON job(present, ended) WHERE ended IS NOT NULL;"
    "CREATE TABLE output (job INTEGER NOT NULL, n INTEGER NOT NULL,"
    " path BLOB NOT NULL, hidden BLOB, dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER,"
    " replace INTEGER NOT NULL, PRIMARY KEY (job, n)) WITHOUT ROWID;"
    "CREATE TABLE sequence (folder TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;"
    "CREATE TABLE counter (folder TEXT, state TEXT, rows INTEGER,"
    " PRIMARY KEY (folder, state)) WITHOUT ROWID;"
    "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, hash_high, hash_low, state,"
    " present, seen_wall, changed_wall, ended) VALUES"
    " ('inbox', CAST('done.jpg' AS BLOB), 1, 1, 1000, 1, 7, 8, 'done', 0, 0, 0, 5);"
    "INSERT INTO counter VALUES ('inbox', 'done', 1);"
    "PRAGMA user_version = 3;";

/* And version 4, as hotfolder made it of that one, when it was killed: a picture was in progress,
 * one was being published, and the original of a third one could not be moved. */
static const char version_4[] =
    "ALTER TABLE job ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN key_high INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN key_low INTEGER NOT NULL DEFAULT 0;"
    "DROP INDEX job_content;"
    "CREATE INDEX job_keyed ON job(key_high, folder) WHERE key_high <> 0;"
    "CREATE TABLE unmoved (job INTEGER PRIMARY KEY, folder TEXT NOT NULL,"
    " dir BLOB NOT NULL, fix TEXT, next_try INTEGER NOT NULL);"
    "CREATE INDEX unmoved_due ON unmoved(folder, next_try, job);"
    "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, hash_high, hash_low, key_high,"
    " key_low, state, attempt, seen_wall, changed_wall, ended) VALUES"
    " ('inbox', CAST('now.jpg' AS BLOB), 1, 2, 1000, 1, 5, 6, 3, 4, 'processing', 1, 0, 0, NULL),"
    " ('inbox', CAST('named.jpg' AS BLOB), 1, 3, 1000, 1, 7, 8, 5, 2, 'publishing', 1, 0, 0, NULL),"
    " ('inbox', CAST('left.jpg' AS BLOB), 1, 4, 1000, 1, 8, 9, 7, 8, 'done', 1, 0, 0, 5);"
    "INSERT INTO output VALUES (2, 0, CAST('now.jpg' AS BLOB), CAST('.h-2' AS BLOB), 1, 9, 9, 9, "
    "0);"
    "INSERT INTO unmoved VALUES (4, 'inbox', CAST('' AS BLOB), 'chmod g+w', 77);"
    "INSERT INTO counter VALUES ('inbox', 'processing', 1), ('inbox', 'publishing', 1),"
    " ('inbox', 'duplicate', 1);"
    "UPDATE counter SET rows = 2 WHERE state = 'done';"
    "PRAGMA user_version = 4;";

static const struct {
    const char *source, *state, *error_kind;
} old_rows[] = {
    { "a.jpg", "waiting", NULL },    { "b.jpg", "waiting", "later" },
    { "c.jpg", "working", "world" }, { "d.jpg", "publishing", "setup" },
    { "e.jpg", "failing", "image" }, { "f.jpg", "done", NULL },
    { "g.jpg", "failed", "bug" },
};

static void make_old(const char *path)
{
    g_autoptr(Database) database = NULL;
    g_autoptr(Error) error = NULL;

    assert_ok(database_open(path, &database, &error), error);
    assert_ok(database_execute(database, version_2, &error), error);
    for (unsigned i = 0; i < G_N_ELEMENTS(old_rows); i++) {
        g_autofree char *kind = old_rows[i].error_kind ? g_strdup_printf("'%s', 'it went wrong'",
                                                                         old_rows[i].error_kind)
                                                       : g_strdup("NULL, NULL");
        g_autofree char *insert = g_strdup_printf(
            "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, state, seen_wall,"
            " changed_wall, ended, error_kind, error)"
            " VALUES ('inbox', CAST('%s' AS BLOB), 1, %u, 1000, 1, '%s', 0, 0, 0, %s)",
            old_rows[i].source, i + 1, old_rows[i].state, kind);
        assert_ok(database_execute(database, insert, &error), error);
    }
    assert_ok(database_execute(database,
                               "INSERT INTO tally VALUES ('inbox', 'duplicate', 1);"
                               "PRAGMA user_version = 2",
                               &error),
              error);
}

static int set_up_version_2(void **state)
{
    Bench *bench = bench_new();

    make_old(bench->path);
    reopen(bench);
    *state = bench;
    return 0;
}

static LedgerRow row_of(const Bench *bench, const char *source)
{
    g_autoptr(Error) error = NULL;
    LedgerRow row = { 0 };
    bool found = false;

    assert_ok(ledger_find(bench->ledger, "inbox", source, &row, &found, &error), error);
    assert_true(found);
    return row;
}

/* What was in progress is queued again, as after every start. */
static void each_row_of_version_2_keeps_its_state(void **state)
{
    static const LedgerState states[] = { LEDGER_QUEUED,     LEDGER_QUEUED,  LEDGER_QUEUED,
                                          LEDGER_PUBLISHING, LEDGER_FAILING, LEDGER_DONE,
                                          LEDGER_FAILED };
    const Bench *bench = *state;

    assert_false(ledger_is_fresh(bench->ledger));
    assert_int_equal(ledger_recovered(bench->ledger), 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(old_rows); i++) {
        g_auto(LedgerRow) row = row_of(bench, old_rows[i].source);
        assert_int_equal(row.state, states[i]);
    }
}

static void rows_of_version_2_are_counted_right(void **state)
{
    const LedgerCounts all = count_rows(*state);

    assert_int_equal(all.queued, 3);
    assert_int_equal(all.processing, 0);
    assert_int_equal(all.publishing, 1);
    assert_int_equal(all.failing, 1);
    assert_int_equal(all.done, 1);
    assert_int_equal(all.failed, 1);
    assert_int_equal(all.duplicates, 1);
}

static void errors_of_version_2_keep_their_kinds(void **state)
{
    static const ErrorKind kinds[] = {
        0, ERROR_TRANSIENT, ERROR_ENVIRONMENT, ERROR_CONFIG, ERROR_PICTURE, 0, ERROR_INTERNAL
    };
    const Bench *bench = *state;

    for (unsigned i = 0; i < G_N_ELEMENTS(old_rows); i++) {
        g_auto(LedgerRow) row = row_of(bench, old_rows[i].source);
        g_autoptr(Error) why = NULL, error = NULL;
        assert_ok(ledger_last_error(bench->ledger, &row, &why, &error), error);
        assert_int_equal(why != NULL, old_rows[i].error_kind != NULL);
        if (why)
            assert_int_equal(why->kind, kinds[i]);
    }
}

static void every_unfinished_row_of_version_2_is_due(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    take_due(bench->ledger, "inbox", false, rows);
    assert_int_equal(rows->len, 5);
}

/* The column has another default in a table of version 2. */
static void a_file_that_comes_after_the_upgrade_is_queued_claimed_and_done(void **state)
{
    const Bench *bench = *state;
    LedgerOffer offer = { (char *) (uintptr_t) "inbox",
                          (char *) (uintptr_t) "new.jpg",
                          { .dev = 1, .ino = 99, .size = 1000, .mtime_ns = 1 },
                          false,
                          { 0 } };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    assert_int_equal(count_rows(bench).queued, 4);
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "new.jpg");
    assert_int_equal(count_rows(bench).processing, 1);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    assert_int_equal(count_rows(bench).queued, 3);
    assert_int_equal(count_rows(bench).done, 2);
}

static void an_upgraded_ledger_opens_again_as_it_is(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    ledger_close(bench->ledger);
    bench->ledger = NULL;
    assert_ok(ledger_open(bench->path, &bench->ledger, &error), error);
    rows_of_version_2_are_counted_right(state);
}

/* Version 3, and what was made of it then; NULL: nothing. */
static int set_up_later(void **state, const char *later)
{
    Bench *bench = bench_new();
    g_autoptr(Database) database = NULL;
    g_autoptr(Error) error = NULL;

    assert_ok(database_open(bench->path, &database, &error), error);
    assert_ok(database_execute(database, version_3, &error), error);
    assert_ok(!later || database_execute(database, later, &error), error);
    database_close(g_steal_pointer(&database));
    assert_int_equal(chmod(bench->path, 0644), 0);
    reopen(bench);
    *state = bench;
    return 0;
}

static int set_up_version_3(void **state)
{
    return set_up_later(state, NULL);
}

static int set_up_version_4(void **state)
{
    return set_up_later(state, version_4);
}

/* The content of version_3's picture, or another one with the same public hash. */
static void take_twin(const Bench *bench, int number, uint64_t key, LedgerDuplicate *duplicate)
{
    g_autofree char *source = g_strdup_printf("%d.jpg", number);
    LedgerOffer offer = { (char *) (uintptr_t) "inbox",
                          source,
                          { .dev = 1, .ino = (ino_t) number, .size = 1000, .mtime_ns = 1 },
                          false,
                          { 0 } };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) row = take_source(bench->ledger, "inbox", source);
    row.file.hash[0] = 7;
    row.file.hash[1] = 8;
    row.file.keyed[0] = key;
    row.file.keyed[1] = 2;
    assert_ok(ledger_begin(bench->ledger, &row, duplicate, &error), error);
}

static void a_content_of_version_3_is_known_by_its_hash_until_it_has_keyed_ones(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    assert_int_equal(count_rows(bench).done, 1);
    for (int times = 0; times < 2; times++) {
        g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };
        take_twin(bench, 10 + times, 1, &duplicate);
        assert_int_equal(duplicate.state, DUPLICATE_DONE);
        assert_int_equal(duplicate.row.file.keyed[0], times ? 1 : 0);
        duplicate.row.file.keyed[0] = 1;
        duplicate.row.file.keyed[1] = 2;
        assert_ok(ledger_update_file(bench->ledger, &duplicate.row, &duplicate.row.file, &error),
                  error);
    }
    g_auto(LedgerDuplicate) none = { .state = DUPLICATE_NONE };
    take_twin(bench, 12, 3, &none);
    assert_int_equal(none.state, DUPLICATE_NONE);
}

static void a_ledger_of_version_3_gets_a_key_that_stays_and_that_only_we_may_read(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "picture", NULL);
    g_autoptr(Error) error = NULL;
    struct stat st;

    check_write(bench->dir, "picture", "a picture");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    FileId before = { .size = 9 }, after = { .size = 9 };
    assert_true(fd >= 0 && ledger_hash(bench->ledger, fd, &before));
    ledger_close(bench->ledger);
    bench->ledger = NULL;
    assert_ok(ledger_open(bench->path, &bench->ledger, &error), error);
    assert_true(ledger_hash(bench->ledger, fd, &after));
    close(fd);
    assert_true(before.keyed[0] != 0);
    assert_memory_equal(before.keyed, after.keyed, sizeof(before.keyed));
    assert_int_equal(stat(bench->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_version_4_had_in_hand_goes_on(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = NULL, moves = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(moves, (GDestroyNotify) ledger_row_clear);
    assert_int_equal(ledger_recovered(bench->ledger), 1);
    assert_int_equal(count_rows(bench).queued, 1);
    assert_int_equal(count_rows(bench).publishing, 1);
    assert_int_equal(count_rows(bench).done, 2);
    assert_int_equal(count_rows(bench).duplicates, 1);
    g_auto(LedgerRow) row = take_source(bench->ledger, "inbox", "now.jpg");
    assert_int_equal(row.attempt, 2);
    assert_true(row.alone);
    assert_ok(ledger_read_outputs(bench->ledger, &row, &outputs, &error), error);
    assert_string_equal(g_array_index(outputs, LedgerOutput, 0).hidden, ".h-2");
    assert_ok(unmoved_take(bench->ledger, "inbox", 9, moves, &error), error);
    assert_int_equal(moves->len, 1);
    assert_string_equal(g_array_index(moves, LedgerRow, 0).source, "left.jpg");
}

/* It has no claim to its content. */
static void a_twin_waits_for_a_picture_that_version_4_was_publishing(void **state)
{
    const Bench *bench = *state;
    g_auto(LedgerDuplicate) before = { .state = DUPLICATE_NONE }, after = before;
    g_autoptr(Error) error = NULL;

    take_twin(bench, 20, 5, &before);
    assert_int_equal(before.state, DUPLICATE_IN_PROGRESS);
    g_auto(LedgerRow) row = take_source(bench->ledger, "inbox", "named.jpg");
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    take_twin(bench, 21, 5, &after);
    assert_int_equal(after.state, DUPLICATE_DONE);
}

/* One of them asked for its number before the upgrade. */
static const char numbered[] =
    "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, state, sequence, seen_wall,"
    " changed_wall) VALUES"
    " ('inbox', CAST('6.jpg' AS BLOB), 1, 61, 1000, 1, 'queued', NULL, 0, 0),"
    " ('inbox', CAST('2.jpg' AS BLOB), 1, 62, 1000, 1, 'queued', 2, 0, 0),"
    " ('inbox', CAST('1.jpg' AS BLOB), 1, 63, 1000, 1, 'done', 1, 0, 0),"
    " ('second', CAST('a.jpg' AS BLOB), 1, 64, 1000, 1, 'queued', NULL, 0, 0);"
    "INSERT INTO sequence VALUES ('inbox', 5);"
    "PRAGMA user_version = 5;";

static int set_up_version_5(void **state)
{
    g_autofree char *later = g_strconcat(version_4,
                                         "ALTER TABLE job ADD COLUMN token INTEGER"
                                         " NOT NULL DEFAULT 0;"
                                         "ALTER TABLE job ADD COLUMN held INTEGER"
                                         " NOT NULL DEFAULT 0;"
                                         "DROP INDEX job_due;",
                                         numbered, NULL);

    return set_up_later(state, later);
}

static void has_numbers(const Bench *bench, const char *source, int64_t folder, int64_t day)
{
    g_auto(LedgerRow) row = row_of(bench, source);

    assert_int_equal(row.sequence.folder, folder);
    assert_int_equal(row.sequence.day, day);
    assert_int_equal(row.sequence.date, clock_local_day(clock_wall_ms()));
}

/* now.jpg and named.jpg came before the three that are numbered here. */
static void what_waits_in_version_5_has_numbers_and_what_comes_has_the_next(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) other = { 0 };
    bool found = false;

    offer_file(bench, "new.jpg", file_number(99));
    has_numbers(bench, "now.jpg", 6, 1);
    has_numbers(bench, "named.jpg", 7, 2);
    has_numbers(bench, "6.jpg", 8, 3);
    has_numbers(bench, "2.jpg", 2, 4);
    has_numbers(bench, "new.jpg", 9, 5);
    assert_ok(ledger_find(bench->ledger, "second", "a.jpg", &other, &found, &error), error);
    assert_true(found);
    assert_int_equal(other.sequence.folder, 1);
}

/* Version 6, with what became of the pictures before. */
static int set_up_version_6(void **state)
{
    g_autofree char *later = g_strconcat(version_4,
                                         "ALTER TABLE job ADD COLUMN token INTEGER"
                                         " NOT NULL DEFAULT 0;"
                                         "ALTER TABLE job ADD COLUMN held INTEGER"
                                         " NOT NULL DEFAULT 0;"
                                         "DROP INDEX job_due;",
                                         numbered,
                                         "ALTER TABLE job ADD COLUMN sequence_day INTEGER;"
                                         "ALTER TABLE job ADD COLUMN sequence_run INTEGER;"
                                         "ALTER TABLE job ADD COLUMN sequence_date INTEGER;"
                                         "ALTER TABLE sequence ADD COLUMN day INTEGER;"
                                         "ALTER TABLE sequence ADD COLUMN day_last INTEGER;"
                                         "UPDATE job SET held = 1 WHERE state = 'processing';"
                                         "UPDATE job SET sequence = id;"
                                         "INSERT INTO counter VALUES ('inbox', 'queued', 2)"
                                         ", ('second', 'queued', 1);"
                                         "PRAGMA user_version = 6;",
                                         NULL);

    return set_up_later(state, later);
}

static const LedgerEntry *newest_of(const Bench *bench, const char *source, GArray *entries)
{
    g_autoptr(Error) error = NULL;

    g_array_set_size(entries, 0);
    assert_ok(ledger_history(bench->ledger, "inbox", source, 1, entries, &error), error);
    assert_int_equal(entries->len, 1);
    return &g_array_index(entries, LedgerEntry, 0);
}

static void what_version_6_has_is_listed_cancelled_and_reopened(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    assert_int_equal(ledger_recovered(bench->ledger), 1);
    LedgerQuery query = { .states = 1U << LEDGER_QUEUED, .limit = 100 };
    assert_ok(ledger_list(bench->ledger, &query, entries, &error), error);
    assert_int_equal(entries->len, 4);
    const LedgerEntry *entry = newest_of(bench, "done.jpg", entries);
    assert_null(entry->profile);
    assert_false(entry->row.remake);
    assert_int_equal(entry->original, ORIGINAL_MOVED);
    g_auto(LedgerRow) row = row_of(bench, "2.jpg");
    assert_ok(ledger_cancel(bench->ledger, &row, "ann", CANCEL_ASKED, &error), error);
    assert_string_equal(newest_of(bench, "2.jpg", entries)->cancelled_by, "ann");
    assert_int_equal(count_rows(bench).cancelled, 1);
    g_auto(LedgerRow) cancelled = row_of(bench, "2.jpg");
    assert_ok(ledger_take_ended(bench->ledger, &cancelled, &error), error);
    assert_ok(ledger_reopen(bench->ledger, &cancelled, &error), error);
    assert_null(newest_of(bench, "2.jpg", entries)->cancelled_by);
    assert_int_equal(count_rows(bench).queued, 3);
    g_auto(LedgerRow) again = take_source(bench->ledger, "inbox", "2.jpg");
    assert_int_equal(again.sequence.folder, row.sequence.folder);
}

/* What was done before version 8 is of no shot; what comes is. */
static void a_ledger_without_parts_gets_them(void **state)
{
    const Bench *bench = *state;
    FileId raw = file_number(98);
    PartOffer old = { "inbox", "done", "done.nef", 2, &raw, 0 };
    PartOffer new = { "inbox", "new", "new.nef", 2, &raw, 0 };
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(Error) error = NULL;
    PartState part = PART_WAITS;

    assert_ok(parts_offer(bench->ledger, &old, &part, &error), error);
    assert_int_equal(part, PART_ALONE);
    offer_file(bench, "new.jpg", file_number(99));
    assert_ok(parts_offer(bench->ledger, &new, &part, &error), error);
    assert_int_equal(part, PART_WAITS);
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "new.jpg");
    assert_ok(parts_take(bench->ledger, &row, parts, NULL, &error), error);
    assert_int_equal(parts->len, 1);
}

static void what_ended_before_version_9_is_no_news_and_what_ends_now_is(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerEnd end = { -1, -1 };

    assert_int_equal(ledger_last_end(bench->ledger), 0);
    assert_ok(ledger_newest_end(bench->ledger, "inbox", LEDGER_DONE, &end, &error), error);
    assert_int_equal(end.number, 0);
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "2.jpg");
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    assert_ok(ledger_newest_end(bench->ledger, "inbox", LEDGER_DONE, &end, &error), error);
    assert_int_equal(end.number, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_of_version_2_keeps_its_state, set_up_version_2,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_of_version_2_are_counted_right, set_up_version_2,
                                        tear_down),
        cmocka_unit_test_setup_teardown(errors_of_version_2_keep_their_kinds, set_up_version_2,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_unfinished_row_of_version_2_is_due, set_up_version_2,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_file_that_comes_after_the_upgrade_is_queued_claimed_and_done, set_up_version_2,
            tear_down),
        cmocka_unit_test_setup_teardown(an_upgraded_ledger_opens_again_as_it_is, set_up_version_2,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_content_of_version_3_is_known_by_its_hash_until_it_has_keyed_ones, set_up_version_3,
            tear_down),
        cmocka_unit_test_setup_teardown(
            a_ledger_of_version_3_gets_a_key_that_stays_and_that_only_we_may_read, set_up_version_3,
            tear_down),
        cmocka_unit_test_setup_teardown(what_version_4_had_in_hand_goes_on, set_up_version_4,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_twin_waits_for_a_picture_that_version_4_was_publishing,
                                        set_up_version_4, tear_down),
        cmocka_unit_test_setup_teardown(
            what_waits_in_version_5_has_numbers_and_what_comes_has_the_next, set_up_version_5,
            tear_down),
        cmocka_unit_test_setup_teardown(what_version_6_has_is_listed_cancelled_and_reopened,
                                        set_up_version_6, tear_down),
        cmocka_unit_test_setup_teardown(what_ended_before_version_9_is_no_news_and_what_ends_now_is,
                                        set_up_version_6, tear_down),
        cmocka_unit_test_setup_teardown(a_ledger_without_parts_gets_them, set_up_version_3,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_ledger_without_parts_gets_them, set_up_version_6,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("upgrade", tests, NULL, NULL);
}
