/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* intake.h - the only way for files into the ledger: what events, scans and polls find is offered
 * here.
 *
 * The same file offered twice is one job, also under another name when a user has renamed it; a
 * hard link or a copy is a picture of its own. A file whose content was finished already (a touch,
 * a chmod, a NAS's metadata pass) is no job. One thread at a time uses an intake: each folder of
 * the watcher has its own. */
#pragma once

#include <glib.h>

#include "daemon/files/fileid.h"
#include "daemon/files/shot.h"
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

/* ---- the other files of a shot ---- */

typedef enum IntakePart {
    INTAKE_PART_ALONE,  /* there is no picture of its shot yet */
    INTAKE_PART_WAITS,  /* there is one, and it moves with that */
    INTAKE_PART_IS_LATE /* its picture has ended: it moves to where that lies, or stays with it */
} IntakePart;

/* Offers a file that lies ready beside its picture, or before it comes; not one that is to be a
 * picture of its own. As often as one likes: of a file that is known nothing is written. Offer it
 * again after each scan: a power cut may undo it. What is late is moved by its job from here on.
 * RAW, sound, film and thumbnails belong to no picture that has ended if they were made half a day
 * before or after it, since cameras begin to count again; they are INTAKE_PART_ALONE then. Nothing
 * waits for intake_flush(). */
bool intake_offer_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                       const FileId *id, IntakePart *part, Error **err);

/* The same of a file whose picture is offered and not flushed yet: it belongs to no picture that
 * has ended. */
bool intake_hold_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                      const FileId *id, Error **err);

/* Whether this very file is a part of a picture already: a cheap question before intake_shot(). */
bool intake_knows_part(Intake *intake, const Folder *folder, const char *source, const FileId *id);

/* The file has left its place. One that is moved with its picture stays known. */
void intake_forget_part(Intake *intake, const Folder *folder, const char *source);

/* What is known of a shot. */
typedef struct IntakeShot {
    bool known; /* a picture of it was offered and flushed: it is queued, in progress, done, ... */
    bool finished; /* and has ended */
    bool raw;      /* a RAW of it was offered as a part, and waits */
    bool sidecar;  /* the same of an XMP */
    char *picture; /* the newest picture's source; NULL: not known */
    FileId file;   /* of it */
} IntakeShot;

void intake_shot_clear(IntakeShot *shot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IntakeShot, intake_shot_clear)

/* `source` is that of any file of the shot. A picture that was offered and not flushed is not known
 * yet. */
bool intake_shot(Intake *intake, const Folder *folder, const char *source, IntakeShot *shot,
                 Error **err);

/* Whether hotfolder made this file, on a file system that keeps no provenance (provenance.h). */
bool intake_is_output(Intake *intake, const FileId *id);

/* Call it after a full scan of the folder. Rows of pictures that ended at least age_ms ago and
 * whose files no longer exist become history, some of them at each call; parts without a picture
 * whose files no longer exist are forgotten. */
bool intake_mark_absent(Intake *intake, const Folder *folder, int64_t age_ms, Error **err);

/* The rights of the directory `path` (relative to the folder; "": the whole folder) may have
 * changed: originals that could not be moved out of it, or of one below it, are tried again now. */
void intake_retry_moves(Intake *intake, const Folder *folder, const char *path);

/* Hands what was offered since the last call to the dispatcher. Call it after each burst of events
 * and every 64 files of a scan. After a failure call it again, a little later: offers that were not
 * accepted are kept. An error is of kind TRANSIENT while a file of the same folder and name is in
 * progress. */
bool intake_flush(Intake *intake, Error **err);
