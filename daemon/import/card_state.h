/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* card_state.h - how far a card is, and its verdict in a word. Any thread. */
#pragma once

typedef enum CardState {
    CARD_READING,     /* it is listed, or being copied */
    CARD_HELD,        /* it waits for room, or for a destination */
    CARD_INTERRUPTED, /* it was pulled, or the import was stopped */
    CARD_SAFE,        /* SAFE TO FORMAT */
    CARD_NOT_SAFE,
    CARD_COPIED, /* of a camera: copied, and not proved */
    CARD_FAILED, /* nothing could be done with it */
    CARD_STATES
} CardState;

/* "reading", "held", "interrupted", "safe", "not safe", "copied", "failed"; static. */
const char *card_state_word(CardState state);

/* The state of such a word; CARD_FAILED for any other one. */
CardState card_state_from_word(const char *word);
