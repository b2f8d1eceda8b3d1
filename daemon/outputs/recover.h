/* recover.h - publishes or removes the outputs that a crash left. The thread of the job. */
#pragma once

#include "daemon/ledger/ledger.h"

/* Finishes a job that a crash interrupted in `publishing`: publishes what is whole. *lost is true
 * where an output is missing that no folder has taken in as a picture: then all of them are
 * removed, and the job must be done again. */
bool recover_roll_forward(const Folder *folder, Ledger *ledger, const GArray *outputs, bool *lost,
                          Error **err);

/* Removes the hidden files of a job that a crash interrupted before `publishing`. */
void recover_remove_hidden(const Folder *folder, const GArray *outputs);
