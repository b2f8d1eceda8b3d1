/* retire.h - what happens to an original when its picture is finished, or failed. */
#pragma once

#include "daemon/fileid.h"
#include "daemon/settings.h"

/* Keeps it, moves it to done/ or to the trash, as folder->originals says. *gone: it is no longer at
 * its place (moved now or before, or replaced by another file, which is left alone). */
bool retire_finished(const Folder *folder, const char *source, const FileId *file, bool *gone,
                     Error **err);

/* Moves it to failed/, with NAME.txt beside it that says what, where, and how to fix it. */
bool retire_failed(const Folder *folder, const char *source, const FileId *file, int attempts,
                   const Error *why, bool *gone, Error **err);
