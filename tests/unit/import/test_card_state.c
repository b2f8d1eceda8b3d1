/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each state of a card has a word of its own, by which a catalog finds it again. */
#include "daemon/import/card_state.h"
#include "tests/unit/check.h"

static void each_state_is_found_by_its_word(void **state)
{
    (void) state;
    for (CardState card = 0; card < CARD_STATES; card++)
        assert_int_equal(card_state_from_word(card_state_word(card)), card);
}

static void a_word_of_another_version_is_a_failure(void **state)
{
    (void) state;
    assert_int_equal(card_state_from_word("proved"), CARD_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_is_found_by_its_word),
        cmocka_unit_test(a_word_of_another_version_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
