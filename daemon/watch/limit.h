/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limit.h - the message that the limit of watches is too low. */
#pragma once

/* Says that `needed` directories need a watch and `unwatched` of them have none, how those are
 * scanned instead (`unscanned` of them lie in folders with watch = events), what the limit is, and
 * which command raises it. Newly allocated. */
char *watch_limit_text(int needed, int unwatched, int unscanned);
