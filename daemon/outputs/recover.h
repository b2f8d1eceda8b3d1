/* recover.h - what a crash left of a job's outputs: it is published, or removed. */
#pragma once

#include "daemon/ledger/ledger.h"

/* Finishes a job that a crash caught in `publishing`: places what is whole. *lost is true when
 * something is not there any more, and no folder has taken it in as its own picture: then nothing
 * of it is left and the job must be done again. */
bool output_roll_forward(const Folder *folder, Ledger *ledger, const GArray *outputs, bool *lost,
                         Error **err);

/* Removes the hidden files of a job that a crash caught before `publishing`. */
void output_sweep(const Folder *folder, const GArray *outputs);
