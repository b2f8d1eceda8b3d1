/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ignore.h - names of files that are never pictures: files that systems, transfers and editors
 * make.
 *
 * A name can only keep a file from being taken; what a picture is, its bytes say. Any thread. */
#pragma once

#include <stdbool.h>

#include "daemon/settings/snapshot.h"

/* The file at the top of a folder that says what becomes of its pictures. */
#define STATUS_FILE "HOTFOLDER.txt"

/* Why a file or a directory of this name (without its path) is ignored, static; NULL: it is not. */
const char *ignore_reason(const Folder *folder, const char *name, bool directory);

/* What keeps a path from being taken, whatever is in the file. */
typedef struct IgnoredPlace {
    const char *reason;  /* static */
    const char *pattern; /* that the name fits, borrowed; NULL: another reason than a name */
    bool configured;     /* the pattern is one of folder->ignore */
    bool above;          /* it is about a directory that the path is in: */
    size_t length;       /* the first bytes of the path, up to what is ignored */
} IgnoredPlace;

/* Why the file, or the directory, at `path` (relative to the folder) is not taken: its name, or
 * that of a directory that it is in. False: they do not keep it from being taken, or it is in one
 * of our own directories. */
bool ignore_place(const Folder *folder, const char *path, bool directory, IgnoredPlace *place);

/* The reason of a directory that is not entered, with recursive = no. */
extern const char ignore_not_recursive[];

/* The reason of STATUS_FILE, which is not counted among what is ignored. */
extern const char ignore_status_file[];

/* The reason of what programs keep beside a picture, where it is no part of a shot. */
extern const char ignore_sidecar[];

/* Whether a person may have meant a file or a directory that is ignored for `reason` to be
 * processed: a dot folder, or a file with a picture's extension. It deserves a message. */
bool ignore_is_notable(const char *name, bool directory, const char *reason);

/* Whether `path` (relative to the folder) is one of our own directories at its top: done, failed,
 * trash. */
bool ignore_is_reserved(const char *path);

/* Whether the directory `path` (relative to the folder) is where outputs of a folder lie that were
 * undone: trash/ in its output directory. */
bool ignore_is_output_trash(const Settings *settings, const Folder *folder, const char *path);

/* The shipped rows, for the manual and the tests; false after the last one. */
bool ignore_row(unsigned index, const char **pattern, bool *directory, const char **reason);
