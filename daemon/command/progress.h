/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* progress.h - a line at the end of a terminal that is drawn again and again while something goes
 * on. Nothing is drawn where standard error is no such terminal. Main thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Progress {
    bool draws, drawn;
    int64_t drawn_ms;
} Progress;

Progress progress_new(void);

/* Whether it is time to draw it again. */
bool progress_is_due(const Progress *progress);

void progress_draw(Progress *progress, const char *text);

/* Takes the line away: other lines follow. */
void progress_end(Progress *progress);

/* "[#####     ]", newly allocated; `whole` is more than 0. */
char *progress_bar(int64_t part, int64_t whole);
