/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts.h - the other files of a job's shot: they go where its original goes, under one name.
 *
 * The original moves first. Where each file is to lie is recorded before that (ledger/parts.h), so
 * that a later attempt finds what a crash has left. On the pool thread that has the job. */
#pragma once

#include "daemon/jobs/job.h"

typedef bool PartsMoveOriginal(const Job *job, const Original *original, const void *user,
                               bool *gone, Error **why);

/* Moves the original by `move`, as originals.h does, with `failed` to failed/, under a name that is
 * free for its parts, too; then its parts. *end: where it is. False: it stays, and *why says why. A
 * part that could not be moved is job->parts.unmoved, which is of the environment where the disk is
 * full or broken. */
bool parts_move(Job *job, bool failed, PartsMoveOriginal *move, const void *user,
                LedgerOriginal *end, Error **why);

/* Records that parts stay because of job->parts.unmoved, where that is set: call it before the end
 * of the picture is recorded. */
bool parts_record(const Job *job, LedgerOriginal original, Error **err);

/* Those that were moved just now, for people; newly allocated, NULL: none. */
char *parts_moved_now(const Job *job);

/* Logs it, where that is set. */
void parts_report(const Job *job);
