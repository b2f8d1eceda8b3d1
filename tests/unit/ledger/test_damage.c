/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ledger whose file is damaged: when that is found, and what becomes of it. */
#include "daemon/ledger/database.h"
#include "tests/unit/ledger/bench.h"

/* Offers the picture NUMBER.jpg. */
static bool offer(const Bench *bench, int number, int *added, Error **err)
{
    g_autofree char *source = g_strdup_printf("%d.jpg", number);
    FileId file = { .ino = (ino_t) number, .size = 1000, .mtime_ns = number };
    LedgerOffer one = { (char *) (uintptr_t) "inbox", source, file, false, { 0 } };

    return ledger_add(bench->ledger, &one, 1, added, err);
}

static void offer_many(const Bench *bench, int count)
{
    g_autoptr(Error) error = NULL;

    for (int number = 0; number < count; number++)
        assert_ok(offer(bench, number, NULL, &error), error);
}

static void check_is_set_aside(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };
    int added = 0;

    assert_true(ledger_is_fresh(bench->ledger));
    assert_true(g_file_test(ledger_damaged_copy(bench->ledger), G_FILE_TEST_IS_REGULAR));
    assert_ok(ledger_count(bench->ledger, "inbox", &counts, &error), error);
    assert_int_equal(counts.queued, 0);
    assert_ok(offer(bench, 0, &added, &error), error);
    assert_int_equal(added, 1);
}

static void a_damaged_ledger_is_set_aside_and_a_new_one_begun(void **state)
{
    Bench *bench = *state;
    g_autofree char *owner = NULL, *bytes = NULL;
    gsize length = 0;

    offer_many(bench, 200);
    assert_null(ledger_damaged_copy(bench->ledger));
    owner = g_strndup(ledger_tag(bench->ledger), 9);
    reopen(bench);
    assert_false(ledger_is_fresh(bench->ledger));
    ledger_close(g_steal_pointer(&bench->ledger));
    assert_true(g_file_get_contents(bench->path, &bytes, &length, NULL));
    for (size_t at = 4096; at < length; at += 4096)
        memset(bytes + at, 'x', 64);
    assert_true(g_file_set_contents(bench->path, bytes, (gssize) length, NULL));

    reopen(bench);
    assert_true(g_str_has_prefix(ledger_tag(bench->ledger), owner));
    check_is_set_aside(bench);
}

/* Damages the index of the folders' files, which opening the ledger does not read. `before` is done
 * to it first. */
static void damage_index(Bench *bench, const char *before)
{
    g_autoptr(Database) database = NULL;
    g_autoptr(Error) error = NULL;
    g_autofree char *page = NULL;
    const char garbage[64] = { 'x' };

    ledger_close(g_steal_pointer(&bench->ledger));
    assert_ok(database_open(bench->path, &database, &error), error);
    assert_ok(database_execute(database, before, &error), error);
    assert_ok(database_value(database, "SELECT rootpage FROM sqlite_master WHERE name = 'job_key'",
                             &page, &error),
              error);
    g_clear_pointer(&database, database_close);
    int fd = open(bench->path, O_WRONLY | O_CLOEXEC);
    off_t at = 4096 * (off_t) (g_ascii_strtoll(page, NULL, 10) - 1);
    assert_int_equal(pwrite(fd, garbage, sizeof(garbage), at), sizeof(garbage));
    assert_int_equal(close(fd), 0);
}

static void a_ledger_that_was_not_closed_is_checked_when_it_is_opened(void **state)
{
    Bench *bench = *state;

    offer_many(bench, 1);
    damage_index(bench, "DELETE FROM meta WHERE name = 'closed'"); /* as a crash leaves it */
    reopen(bench);
    check_is_set_aside(bench);
}

/* The check reads all of it: a long history would delay each start. */
static void a_ledger_that_was_closed_is_not_checked_until_damage_shows(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_many(bench, 1);
    damage_index(bench, "");
    reopen(bench);
    assert_false(ledger_is_fresh(bench->ledger));
    assert_false(offer(bench, 1, NULL, &error));
    assert_true(ledger_is_damaged(bench->ledger));
    reopen(bench);
    check_is_set_aside(bench);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_ledger_is_set_aside_and_a_new_one_begun),
        TEST(a_ledger_that_was_not_closed_is_checked_when_it_is_opened),
        TEST(a_ledger_that_was_closed_is_not_checked_until_damage_shows),
    };

    return cmocka_run_group_tests_name("damage", tests, NULL, NULL);
}
