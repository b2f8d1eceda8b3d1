/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* numbers.h - the numbers of the pictures of a batch, {seq} in their names.
 *
 * A batch has no ledger that outlives it: what a picture's outputs say of it (provenance.h) is what
 * is remembered. A picture that has outputs keeps its numbers, so that the same names are found
 * again. One without gets the number behind that of the picture before it, where no other picture
 * has that: a batch that was interrupted goes on as if it had not been. Otherwise it gets the next
 * number of all. Where the file system of the outputs has no extended attributes, nothing is known,
 * and numbers begin with 1. One thread. */
#pragma once

#include "base/sequence.h"
#include "daemon/files/provenance.h"

typedef struct Numbers Numbers;

/* `today`: as clock_local_day() has it; days begin with number 1. */
Numbers *numbers_new(int today);
void numbers_free(Numbers *numbers);

/* Remembers the numbers of the picture that an output was made of. */
void numbers_add(Numbers *numbers, const Provenance *made);

/* The numbers of the picture `path` in the folder `folder`, both absolute. Call it in the order
 * of the tree. */
Sequence numbers_draw(Numbers *numbers, const char *folder, const char *path);
