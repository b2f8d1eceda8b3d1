/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.h - what a sender looks at: the ledger and the health of folders, from its memory on.
 *
 * A look asks the ledger only where a picture has ended since the last one, or a batch may be going
 * on; then one row of an index for each folder and kind. What cannot be read now is looked at
 * again. */
#pragma once

#include "daemon/digest/news.h"
#include "daemon/folders/health.h"

/* Borrowed. */
typedef struct Look {
    const Settings *settings;
    const Notice *notice;
    Ledger *ledger;
    Health *health;
    const char *ledger_reason; /* why the ledger cannot be written; NULL: it can */
    int64_t now_ms, wall_ms;   /* clock_ms(), clock_wall_ms() */
} Look;

/* Looks, and remembers; *asked_end is the last end that was asked for, -1 at first. Whether
 * anything in a folder is news. */
bool look_around(const Look *look, Memory *memory, int64_t *asked_end);

/* Adds all that is news in folders. False: what was seen is no longer so, and is to be asked for
 * again. */
bool look_collect(const Look *look, Memory *memory, News *news);
