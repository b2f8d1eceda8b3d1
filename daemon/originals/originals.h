/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* originals.h - moves an original when its picture is finished, or has failed. Any thread; one for
 * each original.
 *
 * A directory done/, failed/ or trash/ that a stranger has made, or one below it, is not used:
 * ERROR_CONFIG. Where the folder is sticky, new directories are sticky too. A name that is taken
 * (original->as) is no error: *gone is false then. */
#pragma once

#include "daemon/originals/original.h"

/* Opens for reading the original of a finished picture, this very `file`, where it still lies at
 * its path or in done/, there under `new_name` where that is not NULL; -1 where it does not. */
int originals_open_finished(const Folder *folder, const char *source, const char *new_name,
                            const FileId *file);

/* Keeps it, or moves it to done/, as original->new_name, or to the trash, as folder->originals
 * says. *gone: it is no longer at its path (moved now or before, or replaced by another file, which
 * stays; or a user has renamed or removed it: *original->missing). ERROR_TRANSIENT while a program
 * has it open for writing. */
bool originals_move_finished(const Original *original, bool *gone, Error **err);

/* Moves it to the directory `name` (done, failed) of the folder, without a report. *gone as above.
 */
bool originals_move_below(const Original *original, const char *name, bool *gone, Error **err);

/* Moves it to the trash of its mount, else to trash/ in original->root. *gone as above. */
bool originals_move_to_trash(const Original *original, bool *gone, Error **err);

/* Moves it to failed/, with a report beside it (report.h), which is whole and on disk when this
 * succeeds. Where only the original can't be moved, the report is written, and says so; this then
 * fails, not with ERROR_ENVIRONMENT. *gone as above. */
bool originals_move_failed(const Original *original, int attempts, const Error *why, bool *gone,
                           Error **err);

/* Removes original->report of an earlier try, where it still says that the original is in its
 * place. */
void originals_remove_report(const Folder *folder, const char *report);
