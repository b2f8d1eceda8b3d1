/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recover.h - publishes or removes the outputs that a crash left. The thread of the job. */
#pragma once

#include "daemon/ledger/ledger.h"

/* Finishes a job that a crash interrupted in `publishing`: publishes what is whole. *lost is true
 * where an output is missing that was never published: the job must be done again, and hidden files
 * stay until the ledger has recorded that. An output that was published and taken away is not
 * missing. */
bool recover_roll_forward(const Folder *folder, Ledger *ledger, const GArray *outputs, bool *lost,
                          Error **err);

/* Removes the hidden files of a job that a crash interrupted before `publishing`. */
void recover_remove_hidden(const Folder *folder, const GArray *outputs);
