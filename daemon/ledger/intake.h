/* intake.h - the one door: events, the start-up backlog, rescans and polling all come through it.
 *
 * The same file offered twice is one job; a file whose content was worked on already (a touch, a
 * chmod, a NAS's metadata pass) is no job. Called by the watcher's thread only. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/settings/snapshot.h"

struct Ledger;
typedef struct Intake Intake;

/* `added` is called, on the caller of intake_flush(), when there is new work in the ledger. */
Intake *intake_new(struct Ledger *ledger, void (*added)(void *user), void *user);
void intake_free(Intake *intake);

/* Offers `source` (relative to folder->path), found ready, open as fd and identified by id.
 * An error is of the ledger's making: kind WORLD or BUG; offer it again later. */
bool intake_offer(Intake *intake, const Folder *folder, const char *source, int fd,
                  const FileId *id, Error **err);

/* Whether the ledger knows this very file (fileid_same) at this place, in whatever state: a cheap
 * question before anything is opened or proved. *over: it is done or has failed, and the ledger
 * will know it until another file is offered at this place. */
bool intake_knows(Intake *intake, const Folder *folder, const char *source, const FileId *id,
                  bool *over);

/* Whether this very file was made by hotfolder: for file systems that keep no marks (provenance.h).
 */
bool intake_made(Intake *intake, const FileId *id);

/* After a full scan of the folder: rows of finished pictures that ended at least age_ms ago and
 * whose files are no longer there become history, some of them at each call. */
bool intake_tidy(Intake *intake, const Folder *folder, int64_t age_ms, Error **err);

/* Hands what was offered since the last call to the dispatcher. Call it after each burst of events
 * and every 64 files of a scan; and again, after a while, when it fails: what was not taken is
 * kept. Of kind LATER: only because the place of something offered came into work meanwhile. */
bool intake_flush(Intake *intake, Error **err);
