/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several processes have a catalog at once, are killed, and find it damaged. */
#include "daemon/ledger/database.h"
#include "tests/unit/import/catalog_bench.h"
#include "tests/unit/other_process.h"

enum { EACH = 200 };

/* Adds EACH files of a card of its own, one transaction each. */
static bool import_here(const char *dir, const char *source)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Card) card = card_at(source);
    g_autoptr(Error) error = NULL;
    CardRecord *record = NULL;
    bool known = false, ok = true;

    for (int i = 0; i < EACH; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%03d.JPG", i);
        add(card, path, i + 1, i);
    }
    card_group(card);
    if (!catalog_open(dir, false, &catalog, &error) ||
        !catalog_find(catalog, card, "cards", to, &record, &known, &error))
        return false;
    for (guint i = 0; ok && i < card->files->len; i++) {
        Content content = content_number(i + 1);
        ok = catalog_add_file(catalog, record->id, card->files->pdata[i], &content, i, &error) &&
             catalog_add_copy(catalog, &content, source, "x.jpg", &error) &&
             (i % 10 || catalog_flush(catalog, &error));
    }
    record->state = CARD_SAFE;
    record->pid = 0;
    ok = ok && catalog_keep(catalog, record, false, &error);
    card_record_free(record);
    return ok;
}

static bool import_there(const void *user)
{
    return import_here(user, "/media/there");
}

static bool import_and_hold(const void *user)
{
    g_autoptr(Card) card = two_pictures("/media/held");
    g_autoptr(Error) error = NULL;
    Catalog *catalog = NULL; /* it stays open, and its last file is not written */
    CardRecord *record = NULL;
    bool known = false;
    Content content = content_number(5);

    return catalog_open(user, false, &catalog, &error) &&
           catalog_find(catalog, card, "cards", to, &record, &known, &error) &&
           catalog_add_file(catalog, record->id, card->files->pdata[0], &content, 1, &error) &&
           catalog_flush(catalog, &error) &&
           catalog_add_file(catalog, record->id, card->files->pdata[1], &content, 1, &error);
}

static void two_imports_write_at_once(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(GPtrArray) records = NULL;
    pid_t here = fork();

    assert_true(here >= 0);
    if (here == 0)
        _exit(import_here(*state, "/media/here") ? 0 : 1);
    pid_t there = other_process_begin(import_there, *state);
    int status = 0;
    assert_int_equal(waitpid(here, &status, 0), here);
    assert_int_equal(status, 0);
    other_process_end(there);
    g_autoptr(Catalog) catalog = open_in(*state);
    assert_ok(catalog_cards(catalog, 9, &records, &error), error);
    assert_int_equal(records->len, 2);
    for (guint i = 0; i < records->len; i++) {
        const CardRecord *record = records->pdata[i];
        assert_int_equal(record->state, CARD_SAFE);
        for (unsigned n = 1; n <= EACH; n++) {
            g_autofree char *name = NULL;
            Content content = content_number(n);
            assert_ok(catalog_copy(catalog, &content, record->source, &name, &error), error);
            assert_string_equal(name, "x.jpg");
        }
    }
}

static void an_import_that_was_killed_reads_as_interrupted(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/held");
    pid_t child = other_process_begin(import_and_hold, *state);
    Catalog *reader = NULL;

    assert_ok(catalog_open(*state, true, &reader, &error), error);
    CardRecord *record = find(reader, card, true);
    assert_int_equal(record->state, CARD_READING);
    assert_int_equal(record->pid, child);
    card_record_free(record);
    other_process_end(child);
    record = find(reader, card, true);
    assert_int_equal(record->state, CARD_INTERRUPTED);
    assert_int_equal(record->pid, 0);
    assert_true(record->ended_ms >= record->began_ms);
    assert_true(is_known(reader, record->id, card->files->pdata[0]));
    assert_false(is_known(reader, record->id, card->files->pdata[1]));
    card_record_free(record);
    catalog_close(reader);
    g_autoptr(Catalog) catalog = open_in(*state);
    record = find(catalog, card, true);
    assert_int_equal(record->state, CARD_INTERRUPTED);
    card_record_free(record);
}

static void one_that_is_busy_for_too_long_may_be_tried_again(void **state)
{
    g_autoptr(Error) error = NULL, busy = NULL;
    g_autofree char *path = g_build_filename(*state, "import.db", NULL);
    g_autoptr(Database) writer = NULL, other = NULL;

    assert_ok(database_open_shared(path, false, "the list", &writer, &error), error);
    assert_ok(database_open_shared(path, false, "the list", &other, &error), error);
    assert_ok(database_execute(other, "PRAGMA busy_timeout = 1", &error), error);
    assert_ok(database_begin(writer, &error), error);
    assert_false(database_begin(other, &busy));
    assert_int_equal(busy->kind, ERROR_TRANSIENT);
    assert_true(g_str_has_prefix(busy->what, "the list '"));
    assert_ok(database_end(writer, true, &error), error);
    assert_ok(database_begin(other, &error), error);
    assert_ok(database_end(other, true, &error), error);
}

enum { KILLS = 10, TOGETHER = 5 };

/* Writes TOGETHER numbers at a time until it is killed. */
static void write_numbers(const char *dir, int ready)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Catalog) catalog = NULL;
    int64_t last = 0;
    bool ok = catalog_open(dir, false, &catalog, &error) &&
              catalog_last_number(catalog, 1, &last, &error);

    for (int64_t number = last + 1; ok; number++) {
        g_autofree char *path = g_strdup_printf("%" G_GINT64_FORMAT, number);
        ok = catalog_add_number(catalog, 1, path, number, &error);
        if (number % TOGETHER == 0)
            ok = ok && catalog_flush(catalog, &error) && write(ready, "x", 1) == 1;
    }
}

/* Kills it when it has written this many times, at any moment after that. */
static void write_and_kill(const char *dir, int times)
{
    int ready[2];
    char byte = 0;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        write_numbers(dir, ready[1]);
        _exit(1);
    }
    close(ready[1]);
    for (int i = 0; i < times; i++)
        assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    other_process_end(child);
}

static void a_kill_loses_no_flush_and_no_part_of_one(void **state)
{
    int64_t flushed = 0;

    for (int turn = 0; turn < KILLS; turn++) {
        g_autoptr(Error) error = NULL;
        int64_t last = 0;
        write_and_kill(*state, turn + 1);
        flushed += (int64_t) TOGETHER * (turn + 1);
        g_autoptr(Catalog) catalog = open_in(*state);
        assert_null(catalog_damaged_copy(catalog));
        assert_ok(catalog_last_number(catalog, 1, &last, &error), error);
        assert_true(last >= flushed && last % TOGETHER == 0);
        flushed = last;
        for (int64_t number = 1; number <= last; number++) {
            g_autofree char *path = g_strdup_printf("%" G_GINT64_FORMAT, number);
            int64_t kept = 0;
            assert_ok(catalog_number(catalog, 1, path, &kept, &error), error);
            assert_int_equal(kept, number);
        }
    }
}

static void a_command_that_looks_makes_no_file(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autofree char *missing = g_build_filename(*state, "none", NULL);
    Catalog *catalog = NULL;

    assert_ok(catalog_open(missing, true, &catalog, &error), error);
    assert_null(catalog);
    assert_ok(catalog_open(*state, true, &catalog, &error), error);
    assert_null(catalog);
    assert_int_equal(check_entries(*state), 0);
}

static void a_command_that_looks_changes_nothing(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/card");
    Catalog *reader = NULL;

    catalog_close(open_in(*state));
    assert_ok(catalog_open(*state, true, &reader, &error), error);
    CardRecord *record = find(reader, card, false);
    assert_int_equal(record->id, 0);
    add_file(reader, record->id, card->files->pdata[0], 1);
    flush(reader);
    assert_ok(catalog_keep(reader, record, false, &error), error);
    assert_false(catalog_set_assignment(reader, "x", &error));
    card_record_free(record);
    catalog_close(reader);
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(Error) later = NULL;
    assert_ok(catalog_cards(catalog, 9, &records, &later), later);
    assert_int_equal(records->len, 0);
}

/* ---- damage, and other versions ---- */

static void damage(const char *dir, off_t from)
{
    g_autofree char *path = g_build_filename(dir, "import.db", NULL);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    char noise[512];

    memset(noise, 0xa5, sizeof(noise));
    for (off_t at = from; at < from + 8192; at += (off_t) sizeof(noise))
        assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
    close(fd);
}

static void check_begins_again(const char *dir)
{
    g_autoptr(Catalog) catalog = open_in(dir);
    g_autoptr(Card) card = two_pictures("/media/held");

    assert_true(g_file_test(catalog_damaged_copy(catalog), G_FILE_TEST_IS_REGULAR));
    CardRecord *record = find(catalog, card, false);
    add_files(catalog, record->id, card);
    card_record_free(record);
}

static void a_damaged_file_is_put_aside_and_a_new_one_begins(void **state)
{
    check_write(*state, "import.db", "this is not a database, and never was one of these, indeed");
    check_begins_again(*state);
}

static void one_that_lacks_a_table_is_damaged(void **state)
{
    g_autofree char *path = g_build_filename(*state, "import.db", NULL);
    g_autoptr(Error) error = NULL;
    Database *database = NULL;
    Catalog *reader = NULL;

    catalog_close(open_in(*state));
    assert_ok(database_open_shared(path, false, "it", &database, &error), error);
    assert_ok(database_execute(database, "DROP TABLE copy", &error), error);
    database_close(database);
    assert_false(catalog_open(*state, true, &reader, &error));
    assert_non_null(strstr(error->fix, "the next import"));
    check_begins_again(*state);
}

/* Two imports begin at once, and both find it damaged. */
static void a_damaged_file_is_put_aside_once(void **state)
{
    int status[2] = { -1, -1 }, copies_aside = 0;
    pid_t children[2];

    check_write(*state, "import.db", "this is not a database, and never was one of these, indeed");
    for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(import_here(*state, i ? "/media/one" : "/media/two") ? 0 : 1);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
        assert_int_equal(waitpid(children[i], &status[i], 0), children[i]);
        assert_int_equal(status[i], 0);
    }
    GDir *dir = g_dir_open(*state, 0, NULL);
    for (const char *name = NULL; (name = g_dir_read_name(dir));)
        copies_aside +=
            g_str_has_prefix(name, "import.db.damaged-") && !g_str_has_suffix(name, "-journal");
    g_dir_close(dir);
    assert_int_equal(copies_aside, 1);
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(Error) error = NULL;
    assert_ok(catalog_cards(catalog, 9, &records, &error), error);
    assert_int_equal(records->len, 2);
}

/* What is damaged behind the first page is found where an import did not come to its end. */
static void damage_is_looked_for_after_a_kill(void **state)
{
    other_process_end(other_process_begin(import_and_hold, *state));
    damage(*state, 8192);
    check_begins_again(*state);
    g_autoptr(Catalog) again = open_in(*state);
    assert_null(catalog_damaged_copy(again));
}

static void a_newer_version_is_refused(void **state)
{
    g_autoptr(Error) error = NULL, later = NULL;
    g_autofree char *path = g_build_filename(*state, "import.db", NULL);
    Database *database = NULL;
    Catalog *catalog = NULL;

    catalog_close(open_in(*state));
    assert_ok(database_open_shared(path, false, "it", &database, &error), error);
    assert_ok(database_execute(database, "PRAGMA user_version = 99", &error), error);
    database_close(database);
    assert_false(catalog_open(*state, false, &catalog, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_null(catalog);
    assert_false(catalog_open(*state, true, &catalog, &later));
    assert_int_equal(later->kind, ERROR_CONFIG);
}

/* As a process leaves it that is killed between making the file and its tables. */
static void an_empty_file_becomes_a_catalog(void **state)
{
    check_write(*state, "import.db", "");
    g_autoptr(Error) error = NULL;
    Catalog *reader = NULL;

    assert_ok(catalog_open(*state, true, &reader, &error), error);
    assert_null(reader);
    g_autoptr(Catalog) catalog = open_in(*state);
    assert_null(catalog_damaged_copy(catalog));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(two_imports_write_at_once),
        CATALOG_TEST(an_import_that_was_killed_reads_as_interrupted),
        CATALOG_TEST(one_that_is_busy_for_too_long_may_be_tried_again),
        CATALOG_TEST(a_kill_loses_no_flush_and_no_part_of_one),
        CATALOG_TEST(a_command_that_looks_makes_no_file),
        CATALOG_TEST(a_command_that_looks_changes_nothing),
        CATALOG_TEST(a_damaged_file_is_put_aside_and_a_new_one_begins),
        CATALOG_TEST(one_that_lacks_a_table_is_damaged),
        CATALOG_TEST(a_damaged_file_is_put_aside_once),
        CATALOG_TEST(damage_is_looked_for_after_a_kill),
        CATALOG_TEST(a_newer_version_is_refused),
        CATALOG_TEST(an_empty_file_becomes_a_catalog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
