/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other files of a shot: whose they are, and what the ledger remembers of their moves. */
#include "daemon/files/shot.h"
#include "daemon/ledger/answers.h"
#include "daemon/ledger/parts.h"
#include "daemon/ledger/schema.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/ledger/bench.h"

enum { HOUR_MS = 3600 * 1000 };

static PartState offer_part_of(Ledger *ledger, const char *source, FileId file, int64_t within_ns)
{
    g_autofree char *shot = shot_key(source);
    PartOffer offer = { "inbox", shot, source, (int) shot_kind(source), &file, within_ns };
    g_autoptr(Error) error = NULL;
    PartState state = PART_ALONE;

    assert_ok(parts_offer(ledger, &offer, &state, &error), error);
    return state;
}

static PartState offer_part(Ledger *ledger, const char *source, int number)
{
    return offer_part_of(ledger, source, file_number(number), 0);
}

static void offer_picture(Ledger *ledger, const char *source, int number)
{
    LedgerOffer offer = {
        (char *) (uintptr_t) "inbox", (char *) (uintptr_t) source, file_number(number), false, { 0 }
    };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(ledger, &offer, 1, NULL, &error), error);
}

/* The parts of the row, "IMG_1.NEF,img_1.xmp"; newly allocated. */
static char *taken(Ledger *ledger, const LedgerRow *row)
{
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(GString) names = g_string_new("");
    g_autoptr(Error) error = NULL;

    assert_ok(parts_take(ledger, row, parts, NULL, &error), error);
    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(names, "%s%s", i ? "," : "",
                               g_array_index(parts, LedgerPart, i).source);
    return g_strdup(names->str);
}

static void has_parts(Ledger *ledger, const LedgerRow *row, const char *names)
{
    g_autofree char *are = taken(ledger, row);

    assert_string_equal(are, names);
}

static void end(Ledger *ledger, const LedgerRow *row, LedgerOriginal original)
{
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_done(ledger, row, original, false, &error), error);
}

/* Takes the one row whose original or parts are to be moved. */
static LedgerRow take_unmoved(Ledger *ledger)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    assert_ok(unmoved_take(ledger, "inbox", 9, rows, &error), error);
    assert_int_equal(rows->len, 1);
    return g_array_index(rows, LedgerRow, 0);
}

static bool is_due(Ledger *ledger)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(unmoved_take(ledger, "inbox", 9, rows, &error), error);
    for (guint i = 0; i < rows->len; i++)
        assert_ok(ledger_release(ledger, &g_array_index(rows, LedgerRow, i), &error), error);
    return rows->len > 0;
}

/* Moves all parts of the row to done/. */
static void move_parts(Ledger *ledger, const LedgerRow *row)
{
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(Error) error = NULL;

    assert_ok(parts_take(ledger, row, parts, NULL, &error), error);
    for (guint i = 0; i < parts->len; i++) {
        LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        g_free(part->to);
        part->to = g_strconcat("done/", part->source, NULL);
        part->moved = true;
    }
    assert_ok(parts_plan(ledger, row, parts, &error), error);
    assert_ok(parts_end(ledger, row, parts, &error), error);
}

static void a_picture_gets_the_parts_of_its_shot_that_came_before_it_and_after_it(void **state)
{
    assert_int_equal(offer_part(*state, "a/IMG_1.NEF", 1), PART_ALONE);
    assert_int_equal(offer_part(*state, "a/IMG_12.NEF", 2), PART_ALONE);
    assert_int_equal(offer_part(*state, "b/IMG_1.NEF", 3), PART_ALONE);
    assert_int_equal(offer_part(*state, "a/IMG_1 (2).NEF", 4), PART_ALONE);
    offer_picture(*state, "a/img_1.jpg", 5);
    assert_int_equal(offer_part(*state, "a/IMG_1.NEF.xmp", 6), PART_WAITS);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a/img_1.jpg");
    has_parts(*state, &row, "a/IMG_1.NEF,a/IMG_1.NEF.xmp");
    assert_int_equal(offer_part(*state, "a/img_1.wav", 7), PART_WAITS);
    has_parts(*state, &row, "a/IMG_1.NEF,a/IMG_1.NEF.xmp,a/img_1.wav");
}

static void a_part_that_is_offered_again_is_one_part(void **state)
{
    offer_picture(*state, "a.jpg", 1);
    for (int times = 0; times < 3; times++)
        assert_int_equal(offer_part(*state, "a.nef", 2), PART_WAITS);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    has_parts(*state, &row, "a.nef");
    assert_int_equal(offer_part(*state, "a.nef", 3), PART_WAITS); /* another file */
    has_parts(*state, &row, "a.nef");
}

static void a_part_of_a_picture_that_is_forgotten_waits_for_the_next_one(void **state)
{
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "a.jpg", 1);
    offer_part(*state, "a.nef", 2);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    has_parts(*state, &row, "a.nef");
    assert_ok(ledger_forget(*state, &row, &error), error);
    assert_int_equal(offer_part(*state, "a.nef", 2), PART_ALONE);
    offer_picture(*state, "a.png", 3);
    g_auto(LedgerRow) next = begin_source(*state, "inbox", "a.png");
    has_parts(*state, &next, "a.nef");
}

/* It came between the move of the original and the end of its picture. */
static void a_part_that_comes_while_its_picture_ends_is_to_be_moved(void **state)
{
    offer_picture(*state, "a.jpg", 1);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    has_parts(*state, &row, "");
    offer_part(*state, "a.nef", 2);
    end(*state, &row, ORIGINAL_MOVED);
    g_auto(LedgerRow) late = take_unmoved(*state);
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(Error) error = NULL;
    bool only = false;
    assert_ok(parts_take(*state, &late, parts, &only, &error), error);
    assert_int_equal(parts->len, 1);
    assert_true(only);
    move_parts(*state, &late);
    assert_ok(unmoved_forget(*state, &late, ORIGINAL_STAYS, &error), error);
    assert_false(is_due(*state));
}

static void a_part_that_comes_after_its_picture_is_to_be_moved_once(void **state)
{
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "a.jpg", 1);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    end(*state, &row, ORIGINAL_MOVED);
    assert_false(is_due(*state));
    assert_int_equal(offer_part(*state, "a.nef", 2), PART_IS_DUE);
    assert_int_equal(offer_part(*state, "a.nef", 2), PART_IS_KNOWN);
    g_auto(LedgerRow) late = take_unmoved(*state);
    move_parts(*state, &late);
    assert_int_equal(offer_part(*state, "a.nef", 2), PART_IS_KNOWN); /* a scan met it before */
    assert_ok(unmoved_forget(*state, &late, ORIGINAL_STAYS, &error), error);
    assert_false(is_due(*state));
    assert_int_equal(offer_part(*state, "a.nef", 2), PART_IS_DUE); /* a person put it back */
}

/* The job has read its parts by then. */
static void a_part_that_comes_while_others_are_moved_is_moved_after_them(void **state)
{
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "a.jpg", 1);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    end(*state, &row, ORIGINAL_MOVED);
    assert_int_equal(offer_part(*state, "a.wav", 2), PART_IS_DUE);
    g_auto(LedgerRow) first = take_unmoved(*state);
    move_parts(*state, &first);
    assert_int_equal(offer_part(*state, "a.nef", 3), PART_IS_DUE);
    assert_ok(unmoved_forget(*state, &first, ORIGINAL_STAYS, &error), error);
    assert_true(is_due(*state));
    g_auto(LedgerRow) second = take_unmoved(*state);
    move_parts(*state, &second);
    assert_ok(unmoved_forget(*state, &second, ORIGINAL_STAYS, &error), error);
    assert_false(is_due(*state));
}

static void an_original_that_stays_keeps_its_late_parts_beside_it(void **state)
{
    offer_picture(*state, "a.jpg", 1);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    end(*state, &row, ORIGINAL_STAYS);
    assert_int_equal(offer_part(*state, "a.nef", 2), PART_IS_KNOWN);
    assert_false(is_due(*state));
    offer_picture(*state, "a.jpg", 3); /* another picture takes its name, and its parts */
    g_auto(LedgerRow) next = begin_source(*state, "inbox", "a.jpg");
    has_parts(*state, &next, "a.nef");
}

static void a_raw_of_another_day_is_of_no_picture_that_has_ended(void **state)
{
    const int64_t hour = INT64_C(3600) * 1000000000;
    FileId near = { .ino = 5, .size = 1, .mtime_ns = hour };
    FileId far = { .ino = 6, .size = 1, .mtime_ns = 20 * hour };

    offer_picture(*state, "a.jpg", 1);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    end(*state, &row, ORIGINAL_MOVED);
    assert_int_equal(offer_part_of(*state, "a.nef", far, 12 * hour), PART_ALONE);
    assert_false(is_due(*state));
    assert_int_equal(offer_part_of(*state, "a.nef", near, 12 * hour), PART_IS_DUE);
    assert_int_equal(offer_part_of(*state, "a.xmp", far, 0), PART_IS_KNOWN);
}

/* What was planned is known after a crash; what was moved comes back with its picture. */
static void a_picture_that_is_tried_again_has_its_parts_at_their_places(void **state)
{
    Bench *bench = bench_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    reopen(bench);
    offer_picture(bench->ledger, "a.jpg", 1);
    offer_part(bench->ledger, "a.nef", 2);
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "a.jpg");
    g_autoptr(GArray) parts = ledger_parts_new();
    assert_ok(parts_take(bench->ledger, &row, parts, NULL, &error), error);
    g_array_index(parts, LedgerPart, 0).to = g_strdup("failed/a-1.nef");
    assert_ok(parts_plan(bench->ledger, &row, parts, &error), error);
    reopen(bench);
    g_autoptr(GArray) planned = ledger_parts_new();
    assert_ok(parts_of(bench->ledger, row.id, planned, &error), error);
    assert_string_equal(g_array_index(planned, LedgerPart, 0).to, "failed/a-1.nef");
    assert_false(g_array_index(planned, LedgerPart, 0).moved);

    g_auto(LedgerRow) again = begin_source(bench->ledger, "inbox", "a.jpg");
    move_parts(bench->ledger, &again);
    assert_ok(ledger_fail(bench->ledger, &again, ORIGINAL_MOVED, NULL, &error), error);
    g_autoptr(GArray) entries = ledger_entries_new();
    assert_ok(ledger_history(bench->ledger, "inbox", "a.jpg", 1, entries, &error), error);
    LedgerRow failed = g_array_index(entries, LedgerEntry, 0).row;
    assert_ok(ledger_take_ended(bench->ledger, &failed, &error), error);
    assert_int_equal(offer_part(bench->ledger, "a.nef", 2), PART_IS_KNOWN); /* it is put back */
    assert_ok(parts_give(bench->ledger, &failed, planned, &error), error);
    assert_ok(ledger_reopen(bench->ledger, &failed, &error), error);
    assert_int_equal(offer_part(bench->ledger, "a.nef", 2), PART_WAITS);
    g_autoptr(GArray) back = ledger_parts_new();
    assert_ok(parts_of(bench->ledger, row.id, back, &error), error);
    assert_int_equal(back->len, 1);
    assert_false(g_array_index(back, LedgerPart, 0).moved);
    assert_null(g_array_index(back, LedgerPart, 0).to);
    *state = bench;
    tear_down(state);
}

static void a_picture_that_is_made_again_takes_the_parts_of_the_first_one(void **state)
{
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "a.jpg", 1);
    offer_part(*state, "a.nef", 2);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    move_parts(*state, &row);
    end(*state, &row, ORIGINAL_MOVED);
    LedgerOffer offer = {
        (char *) (uintptr_t) "inbox", (char *) (uintptr_t) "a.jpg", file_number(1), false, { 0 }
    };
    g_auto(LedgerRow) again = { 0 };
    g_autoptr(GArray) back = ledger_parts_new();
    assert_ok(parts_of(*state, row.id, back, &error), error);
    assert_ok(ledger_offer_again(*state, &offer, true, &again, &error), error);
    assert_ok(parts_give(*state, &again, back, &error), error);
    has_parts(*state, &again, "a.nef");
    g_autoptr(GArray) none = ledger_parts_new();
    assert_ok(parts_of(*state, row.id, none, &error), error);
    assert_int_equal(none->len, 0);
}

static void a_part_is_forgotten_unless_its_picture_moves_it(void **state)
{
    g_autoptr(Error) error = NULL;

    offer_part(*state, "a.nef", 2);
    assert_ok(parts_forget(*state, "inbox", "a.nef", &error), error);
    g_autoptr(GArray) waiting = ledger_parts_new();
    assert_ok(parts_list_waiting(*state, "inbox", "", 9, waiting, &error), error);
    assert_int_equal(waiting->len, 0);
    offer_part(*state, "b.nef", 3);
    offer_part(*state, "c.nef", 4);
    offer_picture(*state, "b.jpg", 1);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "b.jpg");
    has_parts(*state, &row, "b.nef");
    assert_ok(parts_forget(*state, "inbox", "b.nef", &error), error);
    has_parts(*state, &row, "b.nef");
    assert_ok(parts_list_waiting(*state, "inbox", "", 9, waiting, &error), error);
    assert_int_equal(waiting->len, 1);
    assert_string_equal(g_array_index(waiting, LedgerPart, 0).source, "c.nef");
}

/* A job ends the file that it has read, not a newer one. */
static void a_part_that_was_changed_while_it_moved_is_not_called_moved(void **state)
{
    g_autoptr(GArray) parts = ledger_parts_new(), now = ledger_parts_new();
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "a.jpg", 1);
    offer_part(*state, "a.xmp", 2);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    assert_ok(parts_take(*state, &row, parts, NULL, &error), error);
    offer_part(*state, "a.xmp", 3);
    g_array_index(parts, LedgerPart, 0).moved = true;
    assert_ok(parts_end(*state, &row, parts, &error), error);
    assert_ok(parts_take(*state, &row, now, NULL, &error), error);
    assert_int_equal(now->len, 1);
    assert_false(g_array_index(now, LedgerPart, 0).moved);
    assert_ok(parts_drop(*state, &row, &g_array_index(parts, LedgerPart, 0), &error), error);
    has_parts(*state, &row, "a.xmp");
    assert_ok(parts_drop(*state, &row, &g_array_index(now, LedgerPart, 0), &error), error);
    has_parts(*state, &row, "");
}

static void parts_that_could_not_be_moved_are_due_after_their_pause(void **state)
{
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "w/a.jpg", 1);
    offer_part(*state, "w/a.nef", 2);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "w/a.jpg");
    has_parts(*state, &row, "w/a.nef");
    assert_ok(parts_keep(*state, &row, ORIGINAL_MOVED, "w", true, "chmod g+w", HOUR_MS, &error),
              error);
    end(*state, &row, ORIGINAL_MOVED);
    assert_false(is_due(*state));
    pass_time(HOUR_MS);
    assert_true(is_due(*state));
}

static void a_part_that_comes_when_its_picture_is_begun_is_late(void **state)
{
    g_autoptr(GArray) before = ledger_parts_new(), after = ledger_parts_new();
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) error = NULL;

    offer_picture(*state, "a.jpg", 1);
    offer_part(*state, "a.nef", 2);
    row = take_source(*state, "inbox", "a.jpg");
    assert_ok(parts_take(*state, &row, before, NULL, &error), error);
    assert_int_equal(before->len, 1);
    assert_false(g_array_index(before, LedgerPart, 0).late);
    assert_ok(ledger_begin(*state, &row, NULL, &error), error);
    offer_part(*state, "a.xmp", 3);
    assert_ok(parts_take(*state, &row, after, NULL, &error), error);
    assert_int_equal(after->len, 2);
    assert_false(g_array_index(after, LedgerPart, 0).late);
    assert_true(g_array_index(after, LedgerPart, 1).late);
}

/* Each file that arrives asks: a folder that keeps its originals has all of their parts. */
static void what_is_of_a_shot_is_found_by_its_index(void **state)
{
    static const Sql questions[] = { SQL_PART_FIND, SQL_PART_IS_THERE, SQL_PART_TAKE,
                                     SQL_PART_TAKE_LATE, SQL_PART_OF_SHOT };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *plan = plan_of(ledger_sql[questions[i]]);
        assert_non_null(strstr(plan, "SEARCH part USING INDEX part_shot (folder=? AND shot=?)"));
        assert_null(strstr(plan, "SCAN"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_memory, tear_down_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_picture_gets_the_parts_of_its_shot_that_came_before_it_and_after_it),
        TEST(a_part_that_is_offered_again_is_one_part),
        TEST(a_part_of_a_picture_that_is_forgotten_waits_for_the_next_one),
        TEST(a_part_that_comes_while_its_picture_ends_is_to_be_moved),
        TEST(a_part_that_comes_after_its_picture_is_to_be_moved_once),
        TEST(a_part_that_comes_while_others_are_moved_is_moved_after_them),
        TEST(an_original_that_stays_keeps_its_late_parts_beside_it),
        TEST(a_raw_of_another_day_is_of_no_picture_that_has_ended),
        cmocka_unit_test(a_picture_that_is_tried_again_has_its_parts_at_their_places),
        TEST(a_picture_that_is_made_again_takes_the_parts_of_the_first_one),
        TEST(a_part_is_forgotten_unless_its_picture_moves_it),
        TEST(a_part_that_was_changed_while_it_moved_is_not_called_moved),
        TEST(parts_that_could_not_be_moved_are_due_after_their_pause),
        TEST(a_part_that_comes_when_its_picture_is_begun_is_late),
        TEST(what_is_of_a_shot_is_found_by_its_index),
    };

    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
