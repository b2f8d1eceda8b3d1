/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.h - what a sender remembers: how far it went, which the ledger keeps as its marks, and
 * what it has seen since.
 *
 * Each kind of each folder has a mark of its own: one that begins later, because a person has added
 * the kind or the folder, reports no history. One thread at a time. */
#pragma once

#include "daemon/ledger/marks.h"

enum { MEMORY_NONE = -1 }; /* of a mark: the notice is not about this kind */

/* Of a folder; "" is the ledger, which can only be held. */
typedef struct FolderMemory {
    char *folder;
    bool here; /* it is configured now */
    /* Kept: numbers of ends (ledger/marks.h), or MEMORY_NONE. */
    int64_t failed, done; /* up to these were sent */
    int64_t idle;         /* up to this one, batches were sent */
    int64_t batch;        /* the last end of a batch that is over, and not sent; 0: none */
    int held;             /* whether it was held when that was sent last */
    /* Seen; times on clock_ms(). */
    bool is_held;
    int64_t held_ms;                    /* since when it is or is not */
    int64_t newest_failed, newest_done; /* ends */
    int64_t quiet_ms;                   /* since when nothing ends, and nothing is to be done */
    int64_t quiet_end;                  /* the newest end then; 0: it was not looked at yet */
} FolderMemory;

typedef struct CardMemory {
    int64_t id, ended_ms;
    char *state; /* a word of card_state_word() */
} CardMemory;

typedef struct Memory {
    GArray *folders;      /* of FolderMemory */
    GArray *cards;        /* of CardMemory: what was sent, or was so when the notice was new */
    bool knows_cards;     /* those that there were when the notice was new are among them */
    int64_t sent_wall_ms; /* when a digest was delivered last; 0: never */
    bool changed;         /* the marks in the ledger are older */
} Memory;

void memory_init(Memory *memory);
void memory_clear(Memory *memory);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Memory, memory_clear)

/* From the marks of the ledger (of LedgerMark), and to them: newly allocated. */
void memory_read(Memory *memory, const GArray *marks);
GArray *memory_marks(const Memory *memory);

/* Follows the settings: a folder and a kind that are new begin at `last_end`, those that a person
 * has taken out of the notice are forgotten. A folder that the configuration does not have now
 * keeps its marks: nothing ends in it meanwhile. */
void memory_follow(Memory *memory, const Notice *notice, const Settings *settings,
                   int64_t last_end);

/* NULL: none. */
FolderMemory *memory_find(const Memory *memory, const char *folder);
CardMemory *memory_find_card(const Memory *memory, int64_t id);

/* This is what was sent of a card. */
void memory_keep_card(Memory *memory, int64_t id, int64_t ended_ms, const char *state);

/* Forgets those that are not among these ids (of int64_t). */
void memory_retain_cards(Memory *memory, const GArray *ids);
