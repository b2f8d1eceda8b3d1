/* staging.h - the files that a job makes, where nobody sees them yet; publish.h names them.
 *
 * A staged file has no name at all (O_TMPFILE). Where a job has several files, or the file system
 * has no unnamed ones, it has a hidden name (.hotfolder-...) that the ledger knew first. Nothing
 * appears under a final name before every output of the job is whole and on disk, and the ledger
 * says so; from there a crash is rolled forward (recover.h). */
#pragma once

#include "daemon/files/provenance.h"
#include "daemon/ledger/ledger.h"
#include "wire/protocol.h"

typedef struct Stage Stage;

/* For one attempt of a job. `folder` and `ledger` are borrowed. dry: nothing is written. */
Stage *stage_new(const Folder *folder, const LedgerRow *row, const Origins *origins, Ledger *ledger,
                 bool dry);
/* Removes what was not placed. */
void stage_free(Stage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stage, stage_free)

/* Opens the output `name` (bytes, relative to folder->output): *fd is O_RDWR at 0 and the caller's
 * to close, for the stage itself can only read; -1 when there is nothing to write (it is there
 * already, or the run is dry). */
bool stage_open(Stage *stage, const char *name, Exists exists, int *fd, Error **err);

/* Whether no output was asked for yet. */
bool stage_is_empty(const Stage *stage);

/* Whether nobody has one of its files open for writing any more, as far as the file system can
 * tell: one without leases (NFS, FUSE) can't. */
bool stage_is_shut(const Stage *stage);

/* Whether a file system of one of them can't tell. */
bool stage_is_unsure(const Stage *stage);

/* Whether there are not more files than the folder allows, nor larger ones all together; the worker
 * can't write a single one much beyond that. */
bool stage_within_limits(const Stage *stage, Error **err);

/* Final names, or those a dry run would make: "a.jpg, thumbs/a.jpg", newly allocated; NULL: none.
 */
char *stage_names(const Stage *stage);
