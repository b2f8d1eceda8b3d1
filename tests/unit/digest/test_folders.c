/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices of folders, of batches and of cards. */
#include <inttypes.h>

#include "base/clock.h"
#include "daemon/import/catalog.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/database.h"
#include "daemon/ledger/marks.h"
#include "tests/unit/digest/desk.h"

/* ---- folders ---- */

static void a_folder_that_is_held_and_works_again_is_said_in_time(void **state)
{
    Desk *desk = *state;

    desk->notice.on = 1U << NOTICE_HELD | 1U << NOTICE_RESUMED;
    start_courier(desk);
    run_for(desk, MINUTE);
    health_set(desk->health, "inbox", HEALTH_HELD, "the output is full");
    run_for(desk, 12 * SECOND);
    assert_int_equal(other_end.taken, 1);
    assert_non_null(strstr(other_end.subject, ": inbox is held"));
    assert_non_null(strstr(other_end.json, "\"reason\":\"the output is full\""));
    reopen(desk->bench);
    start_courier(desk); /* it is still held, which was said */
    run_for(desk, HOUR);
    assert_int_equal(other_end.taken, 1);
    health_set(desk->health, "inbox", HEALTH_AVAILABLE, NULL);
    run_for(desk, 12 * SECOND);
    assert_int_equal(other_end.taken, 2);
    assert_non_null(strstr(other_end.subject, ": inbox works again"));
    for (int i = 0; i < 60; i++) {
        health_set(desk->health, "inbox", i % 2 ? HEALTH_AVAILABLE : HEALTH_HELD, "full");
        run_for(desk, 20 * SECOND);
    }
    run_for(desk, HOUR);
    assert_in_range(other_end.taken, 2, 4);
}

static void a_pause_is_no_news(void **state)
{
    Desk *desk = *state;

    desk->notice.on = (1U << NOTICE_KINDS) - 1;
    start_courier(desk);
    health_pause(desk->health, "inbox", "ann", clock_wall_ms());
    run_for(desk, HOUR);
    assert_int_equal(other_end.calls, 0);
}

static void a_ledger_that_cannot_be_written_is_news(void **state)
{
    Desk *desk = *state;

    desk->notice.on = 1U << NOTICE_HELD;
    start_courier(desk);
    desk->ledger_reason = (char *) (uintptr_t) "the disk is full";
    run_for(desk, HOUR);
    assert_int_equal(other_end.taken, 1);
    assert_non_null(strstr(other_end.subject, "the ledger cannot be written"));
    desk->ledger_reason = NULL;
    run_for(desk, HOUR);
    assert_int_equal(other_end.taken, 1);
    desk->ledger_reason = (char *) (uintptr_t) "the disk is full";
    run_for(desk, HOUR);
    assert_int_equal(other_end.taken, 2);
}

static void each_batch_is_said_once_when_it_is_over(void **state)
{
    Desk *desk = *state;

    desk->notice.on = 1U << NOTICE_IDLE;
    desk->notice.every_ms = 0;
    finish_some(desk, 1);
    start_courier(desk);
    run_for(desk, HOUR);
    assert_int_equal(other_end.taken, 0);
    for (int batch = 1; batch <= 3; batch++) {
        offer_some(desk, 4, "inbox");
        end_some(desk, 2, "inbox", false);
        run_for(desk, HOUR); /* two are queued */
        assert_int_equal(other_end.taken, batch - 1);
        end_some(desk, 2, "inbox", batch == 1);
        run_for(desk, 20 * SECOND);
        reopen(desk->bench);
        start_courier(desk);
        run_for(desk, 8 * SECOND);
        assert_int_equal(other_end.taken, batch - 1);
        run_for(desk, 4 * SECOND);
        assert_int_equal(other_end.taken, batch);
        assert_non_null(strstr(other_end.json, batch == 1 ? "\"idle\":{\"done\":2,\"failed\":2}"
                                                          : "\"idle\":{\"done\":4,\"failed\":0}"));
    }
    run_for(desk, HOUR);
    assert_int_equal(other_end.taken, 3);
}

static void a_batch_that_could_not_be_said_is_said_after_a_restart(void **state)
{
    Desk *desk = *state;

    desk->notice.on = 1U << NOTICE_IDLE;
    desk->notice.every_ms = 0;
    start_courier(desk);
    other_end.refuses = true;
    finish_some(desk, 2);
    run_for(desk, MINUTE);
    assert_true(other_end.calls > 0);
    offer_some(desk, 1, "inbox"); /* the next batch */
    reopen(desk->bench);
    other_end.refuses = false;
    start_courier(desk);
    run_for(desk, 2 * SECOND);
    assert_int_equal(other_end.taken, 1);
    assert_non_null(strstr(other_end.json, "\"idle\":{\"done\":2,\"failed\":0}"));
}

static void other_folders_are_none_of_its_news(void **state)
{
    Desk *desk = *state;
    char *only[] = { (char *) (uintptr_t) "inbox", NULL };

    add_folder(desk->settings, "other");
    desk->notice.folders = only;
    start_courier(desk);
    offer_some(desk, 3, "other");
    end_some(desk, 3, "other", true);
    health_set(desk->health, "other", HEALTH_HELD, "full");
    run_for(desk, MINUTE);
    assert_int_equal(other_end.calls, 0);
    fail_some(desk, 1);
    run_for(desk, MINUTE);
    assert_int_equal(other_end.failed, 1);
    desk->notice.folders = NULL;
    courier_reload(desk->courier, desk->settings, &desk->notice,
                   ledger_last_end(desk->bench->ledger));
    run_for(desk, HOUR);
    assert_int_equal(other_end.failed, 1);
}

static void a_folder_that_a_reload_removes_and_adds_again_loses_nothing(void **state)
{
    Desk *desk = *state;
    g_autoptr(Settings) without = settings_new("a.conf");

    start_courier(desk);
    run_for(desk, SECOND);
    fail_some(desk, 2);
    courier_reload(desk->courier, without, &desk->notice, ledger_last_end(desk->bench->ledger));
    run_for(desk, HOUR);
    assert_int_equal(other_end.calls, 0);
    courier_reload(desk->courier, desk->settings, &desk->notice,
                   ledger_last_end(desk->bench->ledger));
    run_for(desk, MINUTE);
    assert_int_equal(other_end.failed, 2);
}

/* ---- cards ---- */

static void keep_card(const Desk *desk, CardState card)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Error) error = NULL;
    Database *database = NULL;
    g_autofree char *path = g_build_filename(desk->bench->dir, "import.db", NULL);
    g_autofree char *sql = g_strdup_printf(
        "INSERT OR REPLACE INTO card (id, import, name, source, medium_size, state, files, done,"
        " bytes, read, began_ms, ended_ms, kept_ms, pid, pid_start, boot, verdict, listing)"
        " VALUES (1, 'cards', 'EOS', CAST('/media/EOS' AS BLOB), 1, '%s', 2, 2, 2, 2, 5, %" PRId64
        ", 5, 0, 0, '', 'it was said', 0)",
        card_state_word(card), clock_wall_ms());

    assert_ok(catalog_open(desk->bench->dir, false, &catalog, &error), error);
    catalog_close(g_steal_pointer(&catalog));
    assert_ok(database_open_shared(path, false, "the catalog", &database, &error), error);
    assert_ok(database_execute(database, sql, &error), error);
    database_close(database);
}

/* The file is read in a thread of its own, which takes as long as it takes. */
static void run_until_taken(Desk *desk, int taken)
{
    for (int i = 0; i < 10000 && other_end.taken < taken; i++) {
        run_for(desk, SECOND);
        g_usleep(1000);
    }
    assert_int_equal(other_end.taken, taken);
}

static bool has_card_mark(const Desk *desk)
{
    g_autoptr(GArray) marks = ledger_marks_new();
    g_autoptr(Error) error = NULL;
    bool has = false;

    assert_ok(ledger_read_marks(desk->bench->ledger, "mail:desk", marks, &error), error);
    for (guint i = 0; i < marks->len; i++)
        has |= !strcmp(g_array_index(marks, LedgerMark, i).kind, "card");
    return has;
}

/* Until it is known which cards there are. */
static void run_until_read(Desk *desk)
{
    for (int i = 0; i < 10000 && !has_card_mark(desk); i++) {
        run_for(desk, SECOND);
        g_usleep(1000);
    }
    assert_true(has_card_mark(desk));
}

static void a_card_with_a_verdict_is_news_and_a_locked_catalog_delays_nothing(void **state)
{
    Desk *desk = *state;
    g_autofree char *path = g_build_filename(desk->bench->dir, "import.db", NULL);
    g_autoptr(Database) lock = NULL;
    g_autoptr(Error) error = NULL;

    desk->notice.on = 1U << NOTICE_CARD | 1U << NOTICE_FAILED;
    desk->notice.every_ms = 0;
    start_courier(desk);
    run_until_read(desk); /* no import.db */
    keep_card(desk, CARD_SAFE);
    run_until_taken(desk, 1);
    assert_non_null(strstr(other_end.subject, "card EOS is safe to format"));
    assert_ok(database_open_shared(path, false, "the catalog", &lock, &error), error);
    assert_ok(database_execute(lock, "BEGIN EXCLUSIVE", &error), error);
    fail_some(desk, 1);
    run_until_taken(desk, 2);
    assert_ok(database_execute(lock,
                               "UPDATE card SET state = 'interrupted', ended_ms = 77;"
                               "COMMIT",
                               &error),
              error);
    run_until_taken(desk, 3);
    assert_non_null(strstr(other_end.subject, "card EOS is interrupted"));
}

static void a_test_is_delivered_at_once_and_moves_nothing(void **state)
{
    Desk *desk = *state;
    const CourierParts parts = courier_parts(desk);
    g_autoptr(Error) error = NULL;

    start_courier(desk);
    fail_some(desk, 1);
    assert_ok(courier_test(&parts, &desk->notice, NOTICE_MAIL, &error), error);
    assert_non_null(strstr(other_end.subject, "this is a test"));
    run_for(desk, MINUTE);
    assert_int_equal(other_end.failed, 1);
    other_end.refuses = true;
    assert_false(courier_test(&parts, &desk->notice, NOTICE_MAIL, &error));
    assert_string_equal(error->what, "the server answered 503");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_desk, tear_down_desk)
    const struct CMUnitTest tests[] = {
        TEST(a_folder_that_is_held_and_works_again_is_said_in_time),
        TEST(a_pause_is_no_news),
        TEST(a_ledger_that_cannot_be_written_is_news),
        TEST(each_batch_is_said_once_when_it_is_over),
        TEST(a_batch_that_could_not_be_said_is_said_after_a_restart),
        TEST(other_folders_are_none_of_its_news),
        TEST(a_folder_that_a_reload_removes_and_adds_again_loses_nothing),
        TEST(a_card_with_a_verdict_is_news_and_a_locked_catalog_delays_nothing),
        TEST(a_test_is_delivered_at_once_and_moves_nothing),
    };

    journal_mute();
    return cmocka_run_group_tests_name("folders", tests, NULL, NULL);
}
