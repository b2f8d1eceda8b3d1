/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limit.h - the message that the limit of watches is too low. */
#pragma once

/* Says that `needed` directories need a watch and `unwatched` of them have none, how those are
 * scanned instead (`unscanned` of them lie in folders with watch = events), and what the limit is.
 * Newly allocated. */
char *watch_limit_text(int needed, int unwatched, int unscanned);

/* How many watches this user may have in all programs; G_MAXINT where there is no limit. */
int watch_limit_present(void);

/* What raises it for so many more directories, newly allocated: "raise the limit: sysctl ...". */
char *watch_limit_fix(int unwatched);
