/* finished.h - the files of a folder that the ledger has finished with.
 *
 * It spares a poll a question to the ledger for each of them. Only what the ledger can't take back
 * may be in it: a finished row goes when another file is offered at its place, and that is dropped
 * here, too. A scan of the whole folder trusts nobody but the ledger, and fills it anew.
 *
 * Two hashes a file: 100,000 files cost 4 MB. What finds no place in 8 MB is only asked for again.
 * One thread. */
#pragma once

#include "daemon/files/fileid.h"

typedef struct FinishedFiles FinishedFiles;

FinishedFiles *finished_new(void);
void finished_free(FinishedFiles *finished);

/* The file at `path` instead of the one that was seen there. */
void finished_add(FinishedFiles *finished, const char *path, const FileId *id);

/* Whether it is this very file (fileid_same) that was seen there. */
bool finished_has(const FinishedFiles *finished, const char *path, const FileId *id);

void finished_drop(FinishedFiles *finished, const char *path);
void finished_clear(FinishedFiles *finished);
