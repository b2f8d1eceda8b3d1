/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cards.h - what import.db says of cards, for a sender that must not wait for it: another process
 * may have it locked. One that is missing, locked or damaged is no error: it is read again. One
 * thread at a time. */
#pragma once

#include "daemon/import/catalog.h"

typedef struct Cards Cards;

/* state_dir is where import.db may be. */
Cards *cards_new(const char *state_dir);
void cards_free(Cards *cards);

/* Begins to read where the file has changed, or a card in it is being imported by a process that
 * may end without a word; takes what was read. Whether that is new. */
bool cards_turn(Cards *cards, int64_t now_ms);

/* The newest cards (of CardRecord), borrowed until the next turn; NULL: they are not known. */
const GPtrArray *cards_records(const Cards *cards);
