/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* put_back.h - finds a file that was moved out of its place, and moves it back.
 *
 * An original that is to be tried again, or whose picture is undone, comes back from failed/, done/
 * or the trash; an output that was taken away comes back from the trash. Only that very file comes
 * back, by a rename, and only to a free name. Errors are of kind CONFIG where a person sees why it
 * can't come back, TRANSIENT while a program has it open for writing, else what the file system
 * said. Any thread that may wait for the disk; one at a time for each file. */
#pragma once

#include "base/error.h"
#include "daemon/files/fileid.h"

/* A file and the place to which it belongs. Borrowed. */
typedef struct Belonging {
    const char *root;     /* absolute: the folder, or where the output is */
    const char *path;     /* bytes, relative to root */
    const FileId *file;   /* with its hash, where that is known */
    const char *new_name; /* the last part of its path in done/; NULL: that of path */
} Belonging;

typedef enum SpotKind {
    SPOT_OWN,         /* where it belongs */
    SPOT_DONE,        /* done/ in root */
    SPOT_FAILED,      /* failed/ in root */
    SPOT_TRASH,       /* trash/ in root */
    SPOT_MOUNT_TRASH, /* the trash of root's mount */
    SPOT_KINDS
} SpotKind;

/* Sets of them. */
#define SPOT_BIT(kind) (1u << (kind))
#define SPOTS_ENDED    (SPOT_BIT(SPOT_OWN) | SPOT_BIT(SPOT_DONE) | SPOTS_TRASH)
#define SPOTS_TRASH    (SPOT_BIT(SPOT_TRASH) | SPOT_BIT(SPOT_MOUNT_TRASH))

/* Where a file lies. */
typedef struct Spot {
    SpotKind kind;
    char *path; /* owned: relative to root; in the trash of the mount: its name there */
} Spot;

void spot_clear(Spot *spot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Spot, spot_clear)

/* Finds the file in places of `kinds`, also under another name in the same directory. An error says
 * that it is in none of them: it was changed, renamed or removed, or the trash was emptied. */
bool put_back_find(const Belonging *it, unsigned kinds, Spot *spot, Error **err);

/* Opens it for reading in the first of the places of `kinds` in which it is; -1 with an error, as
 * put_back_find() says it. */
int put_back_open(const Belonging *it, unsigned kinds, Error **err);

/* Whether another file has its name in one of the places, but the trash of a disk. */
bool put_back_is_replaced(const Belonging *it, unsigned kinds);

/* Whether it can be put back from there now: nothing has its name, that is the same disk, and no
 * program is writing it. */
bool put_back_check(const Belonging *it, const Spot *spot, Error **err);

/* Moves it from `spot` to where it belongs, durably; missing directories are made. True too where
 * it is there already. *there (may be NULL) becomes what stat(2) says of it there. */
bool put_back_move(const Belonging *it, const Spot *spot, FileId *there, Error **err);

/* The way back: moves it from where it belongs to exactly `spot`, where it was. */
bool put_back_revert(const Belonging *it, const Spot *spot, Error **err);

/* Removes what belonged to it in the place that it has left: its report in failed/, its information
 * in the trash. */
void put_back_clean(const Belonging *it, const Spot *spot);
