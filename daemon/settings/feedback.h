/* feedback.h - folders that would feed on themselves or on each other.
 *
 * A finished picture that lands in a watched tree is a new picture, and so on until the disk is
 * full. Paths are compared as they really are: through symbolic links, bind mounts (of parts of a
 * file system too) and names that differ only by the file system's leave. Directories that don't
 * exist yet count by the part of their path that does; those on a share that does not answer within
 * two seconds count by their text. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

typedef struct LoopFolder {
    const char *name;
    const char *path;   /* absolute; NULL: not known, the folder watches nothing */
    const char *output; /* absolute; NULL: not known */
    bool recursive;
    bool chain;            /* it may watch the output of another folder */
    const char *path_file; /* where path was said */
    int path_line;
    const char *output_file; /* where output was said */
    int output_line;
} LoopFolder;

/* Appends a mistake for each folder that watches what another one watches, for each output that
 * lies in what a folder watches without `chain`, and for each circle of folders with it. done/,
 * failed/ and trash/ at the top of a folder are not watched.
 */
void loops_check(const LoopFolder *folders, unsigned count, GPtrArray *mistakes);
