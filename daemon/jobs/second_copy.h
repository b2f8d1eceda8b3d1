/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* second_copy.h - copies of originals as they arrived, below the folder's copy_to: a picture's own
 * when it is begun, those of the other files of its shot before they move. Each is whole and on
 * disk when these succeed. No event, no undo and no ledger knows them. On the pool thread that has
 * the job.
 *
 * Errors are of kind ENVIRONMENT, which holds the folder, but TRANSIENT where the file changes. */
#pragma once

#include "daemon/jobs/job.h"

/* Of the job's source, which is open. */
bool second_copy_original(const Job *job, Error **err);

/* Of a part, where it is at its place. */
bool second_copy_part(const Job *job, const LedgerPart *part, Error **err);

/* Of all parts that the job has, where originals stay. */
bool second_copy_of_kept(Job *job, Error **err);
