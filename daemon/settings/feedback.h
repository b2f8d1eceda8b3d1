/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feedback.h - finds folders that would feed themselves or each other.
 *
 * A finished picture that lands in a watched tree is a new picture, and so on until the disk is
 * full. Paths are compared by where they lead: through symbolic links, through bind mounts (of
 * parts of a file system too), and in another case where the file system makes no difference. Of a
 * directory that doesn't exist yet, the part that exists counts; a directory on a share that does
 * not respond within two seconds counts by its text. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

typedef struct FeedbackFolder {
    const char *name;
    const char *path;    /* absolute; NULL: not known, and the folder watches nothing */
    const char *output;  /* absolute; NULL: not known */
    const char *copy_to; /* absolute; NULL: none */
    /* Where each is set; line 0: not known. */
    const char *path_file, *output_file, *copy_to_file;
    int path_line, output_line, copy_to_line;
    bool recursive;
    bool chain; /* it may watch the output of another folder, by its `chain` */
} FeedbackFolder;

/* Appends an error for each folder that watches what another one watches, for each output that
 * is inside what a folder without `chain` watches, for each loop of folders with it, and for each
 * `copy_to` inside what any folder watches. done/, failed/ and trash/ at the top of a folder are
 * not watched. */
void feedback_check(const FeedbackFolder *folders, unsigned count, GPtrArray *errors);

/* The folder that watches what appears in the directory `path`, which is absolute; borrowed. NULL:
 * none. */
const FeedbackFolder *feedback_watcher(const FeedbackFolder *folders, unsigned count,
                                       const char *path);
