/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pages.h - the pictures that a request is about, one after another. One answer goes on for about a
 * second: it has `next`, with which the next request goes on behind them. */
#pragma once

#include "daemon/control/answer.h"
#include "daemon/control/request.h"
#include "daemon/control/view.h"
#include "daemon/ledger/answers.h"

typedef struct Pages {
    Ledger *ledger;
    LedgerQuery query;
    const char *folder; /* by name: of this folder; NULL: what fits the query */
    char *name;         /* by name: behind this one */
    GArray *entries;    /* that were read at once */
    guint next;         /* of them */
    bool is_last;       /* there are none behind these */
    int64_t looked_at;  /* how many pages_next() has given */
    int64_t end_ms;     /* clock_ms() */
} Pages;

void pages_clear(Pages *pages);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pages, pages_clear)

/* What fits the query, the newest change first, behind the parameter `after`. False with an answer
 * that refuses. query->limit is how many are read at once. */
bool pages_begin(Pages *pages, const ControlView *view, const Request *request,
                 const LedgerQuery *query, Answer *answer);

/* Of each name in the folder what had it last, by name. */
void pages_begin_names(Pages *pages, const ControlView *view, const Request *request,
                       const Folder *folder);

/* The next one, until the next call; NULL: there are no more, the answer has taken its time, or
 * *err is set. */
const LedgerEntry *pages_next(Pages *pages, Error **err);

/* For a request that changes pictures, before the first one: the first answer tells their `total`.
 * False with an answer that refuses. */
bool pages_add_total(const Pages *pages, const Request *request, Answer *answer);

/* Adds `next`, if there may be more. */
void pages_add_next(const Pages *pages, Answer *answer);

/* The same, and how many this answer has `looked_at`. */
void pages_end(const Pages *pages, Answer *answer);
