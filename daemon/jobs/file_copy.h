/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* file_copy.h - a copy of a file of a folder in another directory: whole, on disk, and under a name
 * that no other file has. On a pool thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/settings/snapshot.h"

typedef struct FileCopy {
    int from;             /* open for reading */
    const FileId *file;   /* what it is */
    const char *source;   /* its path, for people */
    const Folder *folder; /* whose rules of names and ownership hold */
    const char *root;     /* the directory, absolute */
    const char *dir;      /* below it, "" for none; it is made */
    const char *name;     /* with a number where another file has it */
    const char *temp;     /* a hidden name that only this copy uses */
} FileCopy;

/* Where a file of that name, or with one of its numbers, has the same content already, that is the
 * copy. TRANSIENT where the file changed meanwhile. */
bool file_copy_make(const FileCopy *copy, Error **err);

/* Makes the empty file `to`, which is below `root`, what `from` is; both stay open. */
bool file_copy_bytes(int from, const FileId *file, int to, const char *source, const char *root,
                     Error **err);
