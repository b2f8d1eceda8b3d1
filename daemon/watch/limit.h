/* limit.h - what to say when fewer directories may be watched than there are. */
#pragma once

/* The message: how many directories need a watch, how many of them get none, what is done instead
 * (`unscanned` of them lie in folders that say watch = events), which limit says so, and the
 * command that raises it. Newly allocated. */
char *watch_limit_text(int needed, int unwatched, int unscanned);
