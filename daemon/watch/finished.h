/* finished.h - the files of a folder that the ledger has finished with.
 *
 * A poll does not ask the ledger for them again. The ledger removes a finished row only when
 * another file is offered under its path; the caller drops that file here too. A scan of the whole
 * folder clears the table and asks the ledger for every file.
 *
 * Each file costs two hashes: 100,000 files are 4 MB. The table grows to 8 MB; files that do not
 * fit are asked for again. One thread. */
#pragma once

#include "daemon/files/fileid.h"

typedef struct FinishedFiles FinishedFiles;

FinishedFiles *finished_new(void);
void finished_free(FinishedFiles *finished);

/* Remembers the file at `path`; it replaces an older one of this path. */
void finished_add(FinishedFiles *finished, const char *path, const FileId *id);

/* Whether the file remembered at `path` is this one (fileid_same). */
bool finished_has(const FinishedFiles *finished, const char *path, const FileId *id);

void finished_drop(FinishedFiles *finished, const char *path);
void finished_clear(FinishedFiles *finished);
