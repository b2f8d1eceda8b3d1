/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* companions.h - what becomes of a file that is ready and belongs to a shot: it is a picture, it
 * goes with one, or it waits for another file of its shot.
 *
 * The inside of the watcher; the folder's thread only. */
#pragma once

#include "daemon/watch/folder.h"
#include "daemon/watch/readiness.h"

typedef enum Settlement {
    SETTLED_PICTURE, /* offer it to the intake as a picture */
    SETTLED_PART,    /* the ledger has it as a part of its shot */
    SETTLED_WAIT,    /* it waits for another file */
    SETTLED_ALONE,   /* it is no picture, and there is none beside it */
    SETTLED_NOT,     /* the ledger cannot say: an error */
} Settlement;

typedef struct ShotVerdict {
    Settlement settlement;
    const char *reason; /* static; of WAIT and ALONE */
    int64_t again_ms;   /* of WAIT: check it again then, or when a file of the shot comes */
} ShotVerdict;

/* What the file is to its shot: by its name, and of a RAW by its content. SHOT_NONE in a folder
 * where files are apart, and where it is not ready or no part of a shot. */
ShotKind companions_kind(const WatchedFolder *watched, const char *path,
                         const Observation *observation);

/* Whether nothing is ever made of it in this folder. */
bool companions_only(const WatchedFolder *watched, ShotKind kind);

/* Whether a file of the other of these two formats may be of its shot: JPEG and HEIF. */
bool companions_may_be_twin(const Observation *observation);

/* Whether the ledger may know more of its shot after a flush. */
bool companions_want_flush(const WatchedFolder *watched, const char *path,
                           const Observation *observation);

/* The verdict on a file of this kind, not SHOT_NONE, that was found ready. */
ShotVerdict companions_settle(WatchedFolder *watched, const char *path, ShotKind kind,
                              const Observation *observation, const FileHistory *history,
                              int64_t now_ms, Error **err);

/* The picture at `path` was offered, and not flushed: those of its shot that wait are parts from
 * now on. Their paths, newly allocated; NULL: none. What the ledger refuses waits on. */
GPtrArray *companions_follow(WatchedFolder *watched, const char *path);

/* The file has left its place. */
void companions_gone(WatchedFolder *watched, const char *path);
