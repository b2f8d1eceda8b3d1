/* exit_deadline.h - a stop that ends, though a thread hangs in a share that does not answer. */
#pragma once

#include <stdint.h>

/* This process ends with `status` in so long (rounded up to seconds), whatever it waits for then;
 * called again, counted anew. What was not finished the ledger knows, as after a loss of power. */
void exit_deadline_set(int64_t ms, int status);
