/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shot.h - the files of one shot, by their names: IMG_1.JPG, img_1.nef, IMG_1.NEF.xmp, IMG_1.WAV.
 *
 * A shot is what a camera or a phone makes at one press, and what programs write beside it: files
 * of one directory and one stem. Names only: what is in the files, and which of them is the
 * picture, the callers find out. Pure; any thread. */
#pragma once

#include <stdbool.h>

/* What a file is to its shot. Ledgers keep the numbers. */
typedef enum ShotKind {
    SHOT_NONE = 0,    /* its name makes it no part of any shot */
    SHOT_PICTURE = 1, /* a finished picture, in any format that has a word in settings */
    SHOT_RAW = 2,     /* camera RAW */
    SHOT_XMP = 3,     /* metadata: IMG_1.xmp, IMG_1.NEF.xmp */
    SHOT_AAE = 4,     /* what a phone's editor has changed */
    SHOT_THM = 5,     /* a thumbnail */
    SHOT_SOUND = 6,   /* a spoken note: .WAV */
    SHOT_FILM = 7,    /* .MOV of a live photo, .MP4 */
    SHOT_LRV = 8,     /* a small copy of a film */
} ShotKind;

/* By the extension of the last component of `path`, in upper or lower case. */
ShotKind shot_kind(const char *path);

/* Whether a file of this kind is never a picture of its own. A RAW and a picture may be one. */
bool shot_kind_is_companion(ShotKind kind);

/* Whether a lone file of this kind says nothing of a shot: sound and films come without pictures,
 * too. */
bool shot_kind_is_common(ShotKind kind);

/* For people and the journal, static: "picture", "RAW", "XMP sidecar", "sound". */
const char *shot_kind_name(ShotKind kind);

/* Where in `path` the tail after the stem begins: ".JPG", ".NEF.xmp"; borrowed. The end of it where
 * the name is no part of a shot. */
const char *shot_tail(const char *path);

/* What all files of the shot have in common: "card/img_1" of "card/IMG_1.NEF.xmp", the directory as
 * it is, the stem with its ASCII letters small. Newly allocated; NULL where the name is no part of
 * a shot. */
char *shot_key(const char *path);

/* How near the name of a sidecar is to that of a picture of its shot: 3 of IMG_1.JPG.xmp to
 * IMG_1.JPG, 2 of IMG_1.xmp, 1 of that of a RAW; 0: it is another picture's. */
int shot_nearness(const char *sidecar, const char *picture);

/* Whether both are files of one shot: their keys are the same. */
bool shot_is_same(const char *path, const char *other);
