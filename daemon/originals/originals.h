/* originals.h - what happens to an original when its picture is finished, or failed. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/files/move.h"
#include "daemon/settings/snapshot.h"

typedef struct Retiring {
    const Folder *folder;
    const char *source; /* relative to the folder */
    const FileId *file; /* with its hash, where that is known */
    const char *temp;   /* a hidden name that only this picture uses */
    bool again; /* an earlier try may have been cut off anywhere: finish it, don't repeat it */
} Retiring;

/* The move of it to `to_path` below `to_root_fd`. */
Move retiring_move(const Retiring *retiring, int root_fd, int to_root_fd, const char *to_path);

/* A directory done/, failed/ or trash/ of somebody who is neither the folder's owner nor trusted
 * anyhow is not used, nor one below it: ERROR_SETUP. Where the folder is sticky, what is made below
 * them is, too.
 *
 * Keeps it, moves it to done/ or to the trash, as folder->originals says. *gone: it is no longer at
 * its place (moved now or before, or replaced by another file, which is left alone). */
bool retire_finished(const Retiring *retiring, bool *gone, Error **err);

/* Moves it to failed/, with NAME.txt beside it that says what, where, and how to fix it. The text
 * is there, whole and on disk, when this succeeds. */
bool retire_failed(const Retiring *retiring, int attempts, const Error *why, bool *gone,
                   Error **err);
