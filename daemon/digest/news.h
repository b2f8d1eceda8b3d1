/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* news.h - what is news: pure functions of what a sender remembers, what it sees, and the time that
 * it is given (clock_ms()).
 *
 * A folder is news once it is held, or works again, for some seconds, and that is not what was sent
 * last: what came and went meanwhile is not. A batch is over when nothing is queued or in progress
 * for the time that the notice says; it is news once, also where the next one begins before it was
 * sent. */
#pragma once

#include "daemon/digest/memory.h"
#include "daemon/import/catalog.h"

enum { NEWS_SETTLE_MS = 5000 }; /* longer than a folder that was held works on trial */

/* The folder is, or is not, held or unavailable. */
void news_see_state(FolderMemory *folder, bool is_held, int64_t now_ms);

/* What is known of the ends in a folder. */
typedef struct FolderEnds {
    LedgerEnd failed, done; /* the newest ones */
    bool unfinished;        /* a picture is queued or in progress */
    int64_t wall_ms;        /* now */
} FolderEnds;

/* Whether a batch may be going on, so that `unfinished` decides something. */
bool news_is_batch(const FolderMemory *folder);

/* Whether a batch is over now: that is to be kept. */
bool news_see_ends(FolderMemory *folder, const FolderEnds *ends, int64_t idle_ms, int64_t now_ms);

/* What of the folder is news, as bits of `on` (1 << NoticeKind). */
unsigned news_of_folder(const FolderMemory *folder, unsigned on, int64_t now_ms);

/* A change of the state that the notice is not about counts as sent; whether there was one. */
bool news_skip_state(FolderMemory *folder, unsigned on, int64_t now_ms);

/* Whether this card is news. A card that is being read is none, and what is said of it next is. */
bool news_is_card(const Memory *memory, const CardRecord *record);

/* Takes over what is known of the cards (of CardRecord): of a new notice, all of them. */
void news_see_cards(Memory *memory, const GPtrArray *records);

/* ---- what is sent ---- */

typedef struct FolderNews {
    char *folder; /* "": the ledger */
    unsigned kinds;
    int64_t failed, done;                 /* pictures */
    int64_t failed_wall_ms, done_wall_ms; /* the first of them ended then */
    bool is_held;
    const char *state; /* "held", "unavailable", "available" */
    char *reason;      /* of a held one */
    int64_t held_wall_ms;
    int64_t batch_failed, batch_done; /* of the batches that are over */
    int64_t until, batch;             /* the numbers of ends up to which this goes */
} FolderNews;

typedef struct CardNews {
    int64_t id, ended_ms;
    CardState state;
    char *name, *verdict, *reason; /* verdict, reason: NULL: none */
    int64_t files, done;
} CardNews;

typedef struct News {
    GArray *folders;       /* of FolderNews: those that have news */
    GArray *pictures;      /* of LedgerEntry: some of those that failed, the newest first */
    GArray *cards;         /* of CardNews */
    int64_t since_wall_ms; /* the first of all this */
    bool is_test;          /* a person has asked for a notice that says nothing else */
} News;

void news_init(News *news);
void news_clear(News *news);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(News, news_clear)

bool news_is_empty(const News *news);

void news_add_card(News *news, const CardRecord *record);

/* It was delivered, at this time: the marks move to where it ends. */
void news_sent(Memory *memory, const News *news, int64_t wall_ms);
