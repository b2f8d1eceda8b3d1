/* async.h - work that may hang for as long as a share does not answer, for a thread that must not.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Errand Errand;

/* Begins work(data) in a thread of its own; where none is to be had, it is done before this
 * returns. data is freed when both the work has ended and the errand was left. */
Errand *errand_start(void (*work)(void *data), void *data, GDestroyNotify free_data);

/* One that asks the servers of all these directories (char *) for them, whatever is remembered
 * here; an error is an answer. A reference is taken. */
Errand *errand_ask(GPtrArray *directories);

/* Whether the work has ended, for which it waits at most so long. Then data is the caller's to look
 * at until errand_leave(). */
bool errand_over(Errand *errand, int64_t patience_ms);

/* Whether mounts came or went since it began, told once: what it hangs on may be there no longer,
 * and whoever asks again may get an answer. False while many others hang that were left already. */
bool errand_outdated(const Errand *errand);

/* Work that has not ended goes on alone. NULL is ignored. */
void errand_leave(Errand *errand);
