/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts.h - what belongs to a picture beside its file: the other files of its shot.
 *
 * A picture and its parts have the same shot key (files/shot.h). A part waits until a picture of
 * its key is begun or ends; from then on it belongs to that row, moves with its original, and comes
 * back with it. Where it is to lie is recorded before it is moved. Rows, errors, times and threads
 * as ledger.h says. */
#pragma once

#include "daemon/ledger/ledger.h"

typedef struct LedgerPart {
    int64_t id;
    char *source; /* bytes, relative to the folder: its own place */
    FileId file;
    int kind;   /* a ShotKind */
    char *to;   /* bytes, relative to the folder: where it lies now, or was to be moved; NULL: it is
                   at its own place */
    bool moved; /* it has left its own place */
    bool late;  /* it came when its picture was begun already, which was made without it */
} LedgerPart;

void ledger_part_clear(LedgerPart *part);

/* An empty array of LedgerPart, which clears them. */
GArray *ledger_parts_new(void);

typedef struct PartOffer {
    const char *folder, *shot, *source;
    int kind; /* 0: only asks whether it IS_KNOWN, else ALONE; nothing is written */
    const FileId *file;
    int64_t within_ns; /* it is of no picture that has ended and whose date is further from its own;
                          0: of any; below 0: of none */
} PartOffer;

typedef enum PartState {
    PART_ALONE,   /* there is no picture of its shot */
    PART_WAITS,   /* there is one, which has not ended, or was cancelled */
    PART_IS_DUE,  /* a picture that has ended has got it, which is to be moved now */
    PART_IS_KNOWN /* it belongs to a picture that has ended, since an earlier call */
} PartState;

/* Of a file that lies in the folder; another file that had its name is forgotten. No disk is waited
 * for: a power cut may undo it, after which it is to be offered again. */
bool parts_offer(Ledger *ledger, const PartOffer *offer, PartState *state, Error **err);

/* The file has left its place, unless a picture has begun to move it. */
bool parts_forget(Ledger *ledger, const char *folder, const char *source, Error **err);

typedef struct ShotPictures {
    bool known;        /* the newest picture of the shot is queued, in progress or has ended */
    LedgerState state; /* of it */
    char *source;      /* of it, newly allocated */
    FileId file;
    GArray *parts; /* of LedgerPart: those that lie at their places and belong to no picture that
                      has ended */
} ShotPictures;

void shot_pictures_clear(ShotPictures *shot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ShotPictures, shot_pictures_clear)

/* What the ledger knows of a shot. */
bool parts_find_shot(Ledger *ledger, const char *folder, const char *shot, ShotPictures *found,
                     Error **err);

/* Of a RAW the newest finished picture of its shot, of that the RAW, where both are pictures of
 * their own: *twin has an id, a source, a file and numbers, to be cleared by the caller. */
bool parts_twin(Ledger *ledger, const LedgerRow *row, LedgerRow *twin, bool *found, Error **err);

/* Appends the sidecars of the other pictures of its shot: of logo.png those of logo.jpg. */
bool parts_of_others(Ledger *ledger, const LedgerRow *row, GArray *parts, Error **err);

/* Appends the parts that wait and belong to no picture (of LedgerPart), by name, from behind
 * `after` ("": the first) on. */
bool parts_list_waiting(Ledger *ledger, const char *folder, const char *after, int limit,
                        GArray *parts, Error **err);

/* ---- of a row that was taken ---- */

/* Gives the row the parts of its shot that wait, and appends all its parts. *only (may be NULL):
 * its original is not to be moved, parts of it are. */
bool parts_take(Ledger *ledger, const LedgerRow *row, GArray *parts, bool *only, Error **err);

/* Records where the parts are to lie: `to` of each. */
bool parts_plan(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);

/* Records which were moved; those without `to` stay with the row. No disk is waited for. */
bool parts_end(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);

/* The file of a part is gone or was changed: it is no part. As parts_end(). */
bool parts_drop(Ledger *ledger, const LedgerRow *row, const LedgerPart *part, Error **err);

/* As unmoved_keep(): parts could not be moved. Of a row that has ended, `original` is where that is
 * now; it is no longer to be moved. */
bool parts_keep(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, const char *dir,
                bool shut, const char *fix, int64_t delay_ms, Error **err);

/* These parts of the row, or of one that it is made of again, lie at their places: they are its. */
bool parts_give(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);

/* ---- of any row ---- */

bool parts_of(Ledger *ledger, int64_t id, GArray *parts, Error **err);
