/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/card_state.h"

#include <string.h>

static const char *const words[CARD_STATES] = {
    [CARD_READING] = "reading", [CARD_HELD] = "held",         [CARD_INTERRUPTED] = "interrupted",
    [CARD_SAFE] = "safe",       [CARD_NOT_SAFE] = "not safe", [CARD_COPIED] = "copied",
    [CARD_FAILED] = "failed",
};

const char *card_state_word(CardState state)
{
    return words[state];
}

CardState card_state_from_word(const char *word)
{
    for (CardState state = 0; state < CARD_STATES; state++) {
        if (!strcmp(words[state], word))
            return state;
    }
    return CARD_FAILED;
}
