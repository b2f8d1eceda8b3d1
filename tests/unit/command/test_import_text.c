/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people and programs read of a card, from given records. */
#include <stdlib.h>
#include <time.h>

#include "command/import_text.h"
#include "command/json.h"
#include "daemon/control/cards.h"
#include "tests/unit/check.h"

#define MB INT64_C(1048576)

/* 2026-11-30 14:02 UTC, a Monday. */
#define NOW_MS (INT64_C(1796047320) * 1000)
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

#define LITERAL(literal) ((char *) (uintptr_t) (literal))

static CardRecord reading(void)
{
    static char first[] = "/srv/cards", second[] = "/mnt/backup";
    static char *two[] = { first, second, NULL };

    return (CardRecord){ .id = 7,
                         .name = LITERAL("EOS_DIGITAL"),
                         .state = CARD_READING,
                         .pid = 4711,
                         .files = 512,
                         .done = 213,
                         .bytes = 5120 * MB,
                         .read = 410 * MB,
                         .began_ms = NOW_MS - 10000,
                         .destinations = two };
}

static void progress_is_counts_speed_and_where(void **state)
{
    CardRecord card = reading();
    g_autofree char *whole = import_text_progress(&card, card_record_speed(&card, NOW_MS));
    g_autofree char *still = import_text_progress(&card, 0);
    g_autofree char *slow = import_text_progress(&card, 0.8 * (double) MB);

    (void) state;
    assert_string_equal(whole, "213 of 512, 41 MB/s, /srv/cards, /mnt/backup");
    assert_string_equal(still, "213 of 512, /srv/cards, /mnt/backup");
    assert_string_equal(slow, "213 of 512, 0.8 MB/s, /srv/cards, /mnt/backup");
    card.done = 512;
    g_autofree char *proof = import_text_progress(&card, (double) MB);
    assert_string_equal(proof, "512 of 512, copies are read back, /srv/cards, /mnt/backup");
}

static void a_card_that_is_not_read_has_no_speed(void **state)
{
    CardRecord card = reading();

    (void) state;
    card.state = CARD_HELD;
    assert_true(card_record_speed(&card, NOW_MS) == 0);
    card.state = CARD_READING;
    card.began_ms = NOW_MS;
    assert_true(card_record_speed(&card, NOW_MS) == 0);
}

static void a_time_of_the_last_week_is_a_weekday(void **state)
{
    g_autofree char *today = import_text_when(NOW_MS - 60000, NOW_MS);
    g_autofree char *saturday = import_text_when(NOW_MS - 2 * DAY_MS, NOW_MS);
    g_autofree char *tuesday = import_text_when(NOW_MS - 6 * DAY_MS, NOW_MS);
    g_autofree char *before = import_text_when(NOW_MS - 7 * DAY_MS, NOW_MS);
    g_autofree char *later = import_text_when(NOW_MS + 2 * DAY_MS, NOW_MS);

    (void) state;
    assert_string_equal(today, "today 14:01");
    assert_string_equal(saturday, "Saturday 14:02");
    assert_string_equal(tuesday, "Tuesday 14:02");
    assert_string_equal(before, "2026-11-23 14:02"); /* which Monday would it be? */
    assert_string_equal(later, "2026-12-02 14:02");
}

static void a_known_card_says_when_it_was_imported_and_what_came_of_it(void **state)
{
    CardRecord card = reading();

    (void) state;
    card.state = CARD_SAFE;
    card.done = 512;
    card.ended_ms = NOW_MS - 2 * DAY_MS;
    g_autofree char *saturday = import_text_known(&card, NOW_MS);
    card.ended_ms = NOW_MS;
    card.state = CARD_NOT_SAFE;
    g_autofree char *today = import_text_known(&card, NOW_MS);
    assert_string_equal(saturday, "imported on Saturday 14:02: 512 of 512, SAFE; nothing new");
    assert_string_equal(today, "imported today 14:02: 512 of 512, NOT SAFE; nothing new");
}

static void only_a_card_that_is_not_worked_on_may_be_pulled(void **state)
{
    static const struct {
        const char *text;
        CardState state;
        bool may;
    } cases[] = {
        { "do not pull: it is being read", CARD_READING, false },
        { "do not pull: it is not copied yet", CARD_HELD, false },
        { "may be pulled; do not format it", CARD_INTERRUPTED, true },
        { "may be pulled", CARD_SAFE, true },
        { "may be pulled; do not format it", CARD_NOT_SAFE, true },
        { "may be pulled; do not format it", CARD_COPIED, true },
        { "may be pulled; do not format it", CARD_FAILED, true },
        { "may be pulled; do not format it", CARD_HELD, true }, /* by hand */
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CardRecord card = reading();
        card.state = cases[i].state;
        card.pid = cases[i].may ? 0 : 4711;
        g_autofree char *text = import_text_pull(&card);
        cJSON *json = cards_json_of(&card, NOW_MS);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(json, "may_be_pulled")), cases[i].may);
        assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(json, "safe")), card.state == CARD_SAFE);
        assert_string_equal(json_text(json, "state"), card_state_word(card.state));
        cJSON_Delete(json);
    }
}

static void a_state_is_progress_a_reason_or_the_verdict(void **state)
{
    CardRecord card = reading();
    g_autofree char *now = import_text_state(&card, NOW_MS);

    (void) state;
    assert_string_equal(now, "213 of 512, 41 MB/s, /srv/cards, /mnt/backup");
    card.state = CARD_HELD;
    card.reason = LITERAL("/mnt/backup needs 12 GB more\nand more");
    g_autofree char *held = import_text_state(&card, NOW_MS);
    assert_string_equal(held, "held at 213 of 512: /mnt/backup needs 12 GB more");
    card.state = CARD_INTERRUPTED;
    card.reason = NULL;
    g_autofree char *interrupted = import_text_state(&card, NOW_MS);
    assert_string_equal(interrupted, "interrupted at 213 of 512");
    card.state = CARD_SAFE;
    card.verdict = LITERAL("SAFE TO FORMAT: 512 of 512 files on 2 disks");
    g_autofree char *safe = import_text_state(&card, NOW_MS);
    assert_string_equal(safe, card.verdict);
}

static void programs_get_what_is_known_and_nothing_else(void **state)
{
    CardRecord card = reading();

    (void) state;
    card.uuid = LITERAL("1234-ABCD");
    card.import = LITERAL("");
    card.reason = LITERAL("a\nb");
    cJSON *json = cards_json_of(&card, NOW_MS);
    assert_string_equal(json_text(json, "name"), "EOS_DIGITAL");
    assert_string_equal(json_text(json, "uuid"), "1234-ABCD");
    assert_null(cJSON_GetObjectItem(json, "import"));
    assert_null(cJSON_GetObjectItem(json, "verdict"));
    assert_null(cJSON_GetObjectItem(json, "ended"));
    assert_true(json_number(json, "files") == 512 && json_number(json, "done") == 213);
    assert_true(json_number(json, "bytes_per_s") == 41 * MB);
    assert_string_equal(json_text(json, "began"), "2026-11-30T14:01:50Z");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "reasons")), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "destinations")), 2);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_counts_speed_and_where),
        cmocka_unit_test(a_card_that_is_not_read_has_no_speed),
        cmocka_unit_test(a_time_of_the_last_week_is_a_weekday),
        cmocka_unit_test(a_known_card_says_when_it_was_imported_and_what_came_of_it),
        cmocka_unit_test(only_a_card_that_is_not_worked_on_may_be_pulled),
        cmocka_unit_test(a_state_is_progress_a_reason_or_the_verdict),
        cmocka_unit_test(programs_get_what_is_known_and_nothing_else),
    };

    setenv("TZ", "UTC", 1); /* NOLINT(concurrency-mt-unsafe): one thread */
    tzset();
    return cmocka_run_group_tests_name("import_text", tests, NULL, NULL);
}
