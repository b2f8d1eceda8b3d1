/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cards of the service's catalog, as the control socket answers. */
#include <unistd.h>

#include "daemon/control/answers.h"
#include "tests/unit/import/catalog_bench.h"

static Answer *ask(const char *dir)
{
    g_autoptr(Request) request = request_new(0);
    Answer *answer = answer_new();

    answer_cards(&(ControlView){ .state_dir = dir }, request, answer);
    return answer;
}

static void without_a_catalog_there_are_no_cards_and_none_is_made(void **state)
{
    g_autoptr(Answer) answer = ask(*state);
    g_autofree char *path = g_build_filename(*state, "import.db", NULL);

    assert_int_equal(answer->status, ANSWER_OK);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(answer->json, "cards")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer->json, "cards")), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_card_that_is_read_and_its_verdict_are_seen_from_outside(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/card");
    g_autoptr(Catalog) catalog = open_in(*state);
    CardRecord *record = find(catalog, card, false);

    for (int turn = 0; turn < 2; turn++) {
        if (turn) {
            record->state = CARD_SAFE;
            record->verdict = g_strdup("SAFE TO FORMAT: 2 of 2 files");
            record->ended_ms = record->began_ms + 1;
        }
        assert_ok(catalog_keep(catalog, record, false, &error), error);
        g_autoptr(Answer) answer = ask(*state);
        const cJSON *one = cJSON_GetArrayItem(cJSON_GetObjectItem(answer->json, "cards"), 0);
        assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(one, "state")),
                            turn ? "safe" : "reading");
        assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(one, "may_be_pulled")), turn);
        assert_int_equal(cJSON_HasObjectItem(one, "verdict"), turn);
        assert_int_equal(cJSON_HasObjectItem(one, "ended"), turn);
    }
    card_record_free(record);
}

static void a_catalog_that_cannot_be_read_is_an_error_with_its_name(void **state)
{
    g_autofree char *path = g_build_filename(*state, "import.db", NULL);

    assert_true(g_file_set_contents(path, "no database", -1, NULL));
    g_autoptr(Answer) answer = ask(*state);
    assert_int_equal(answer->status, ANSWER_FAILED);
    assert_non_null(strstr(cJSON_GetStringValue(cJSON_GetObjectItem(answer->json, "error")), path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_catalog_there_are_no_cards_and_none_is_made,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_card_that_is_read_and_its_verdict_are_seen_from_outside,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_catalog_that_cannot_be_read_is_an_error_with_its_name,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests_name("control cards", tests, NULL, NULL);
}
