/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* intake.h - the only way for files into the ledger: what events, scans and polls find is offered
 * here.
 *
 * The same file offered twice is one job, also under another name when a user has renamed it; a
 * hard link or a copy is a picture of its own. A file whose content was finished already (a touch,
 * a chmod, a NAS's metadata pass) is no job. One thread at a time uses an intake: each folder of
 * the watcher has its own. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/settings/snapshot.h"

struct Ledger;
typedef struct Intake Intake;

/* `added` is called, on the caller of intake_offer() or intake_flush(), when there is new work in
 * the ledger. */
Intake *intake_new(struct Ledger *ledger, void (*added)(void *user), void *user);

/* Another one for the same ledger, for another thread. */
Intake *intake_copy(const Intake *intake);
void intake_free(Intake *intake);

/* Offers `source` (relative to folder->path), found ready, open as fd and identified by id. An
 * error is the ledger's: kind ENVIRONMENT or INTERNAL, or TRANSIENT while the old file of this name
 * is in progress, or the file itself under an old name; offer it again later. */
bool intake_offer(Intake *intake, const Folder *folder, const char *source, int fd,
                  const FileId *id, Error **err);

/* Whether the ledger knows this very file (fileid_same) under this name, in whatever state: a cheap
 * question before a file is opened or examined. *finished: it has ended, and the ledger
 * will know it under this name until another file is offered under it, or this one under another.
 */
bool intake_knows(Intake *intake, const Folder *folder, const char *source, const FileId *id,
                  bool *finished);

/* Whether hotfolder made this file, on a file system that keeps no provenance (provenance.h). */
bool intake_is_output(Intake *intake, const FileId *id);

/* Call it after a full scan of the folder. Rows of pictures that ended at least age_ms ago and
 * whose files no longer exist become history, some of them at each call. */
bool intake_mark_absent(Intake *intake, const Folder *folder, int64_t age_ms, Error **err);

/* The rights of the directory `path` (relative to the folder; "": the whole folder) may have
 * changed: originals that could not be moved out of it, or of one below it, are tried again now. */
void intake_retry_moves(Intake *intake, const Folder *folder, const char *path);

/* Hands what was offered since the last call to the dispatcher. Call it after each burst of events
 * and every 64 files of a scan. After a failure call it again, a little later: offers that were not
 * accepted are kept. An error is of kind TRANSIENT while a file of the same folder and name is in
 * progress. */
bool intake_flush(Intake *intake, Error **err);
