/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* staging.h - the files that a job makes, hidden until publish.h names them.
 *
 * While its worker writes it, a file has no name at all (O_TMPFILE). When all outputs of the job
 * are complete, or at once where the file system has no unnamed files, it gets a hidden name
 * (.hotfolder-...) that the ledger knew first. Nothing appears under a final name before every
 * output of the job is whole and on disk, and the ledger says so; from there a crash is rolled
 * forward (recover.h). */
#pragma once

#include "daemon/files/provenance.h"
#include "daemon/ledger/ledger.h"
#include "daemon/outputs/planned.h"
#include "wire/protocol.h"

typedef struct Staging Staging;

/* For one attempt of a job. `folder`, `row` and `ledger` are borrowed. planned: of a dry run, in
 * which nothing is written; else NULL. One thread at a time, which has the job. */
Staging *staging_new(const Folder *folder, const LedgerRow *row, const Provenance *provenance,
                     Ledger *ledger, Planned *planned);
/* Removes what was not published. */
void staging_free(Staging *staging);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Staging, staging_free)

/* Opens the output `name` (bytes, relative to folder->output), which folder->names may change. *fd
 * is O_RDWR at 0 and the caller's to close, as the staging itself can only read; -1 where there is
 * nothing to write (the output exists already, or the run is dry). The file gets the time `mtime`
 * (seconds since 1970, or PROTOCOL_NOW) before it is published. */
bool staging_open(Staging *staging, const char *name, Exists exists, int64_t mtime, int *fd,
                  Error **err);

/* The same for a copy of a file beside the picture, at `path` in the folder: it lies beside the
 * first output, under its own name, or with a number where that is taken. -1 too where an output of
 * the picture has its name. */
bool staging_open_beside(Staging *staging, const char *path, int64_t mtime, int *fd, Error **err);

/* Whether no output was opened yet. */
bool staging_is_empty(const Staging *staging);

/* Whether no process has one of its files open for writing any more, as far as the file system can
 * tell: one without leases (NFS, FUSE) cannot. */
bool staging_is_closed(const Staging *staging);

/* Whether the file system of one of them cannot tell. */
bool staging_is_uncertain(const Staging *staging);

/* Whether the folder allows so many files, and so many bytes in all of them; the worker cannot
 * write a single one much beyond that. */
bool staging_within_limits(const Staging *staging, Error **err);

/* Whether a file got this hidden name in the output directory that the folder has now: another
 * configuration may have given it another. */
bool staging_was_here(const Folder *folder, const char *hidden);

/* Final names, or those that a dry run would make; newly allocated, NULL ends it. */
char **staging_list(const Staging *staging);

/* The same as "a.jpg, thumbs/a.jpg", newly allocated; NULL: none. */
char *staging_names(const Staging *staging);

/* Of all outputs that have their names. */
int64_t staging_published_bytes(const Staging *staging);

/* "a.jpg is of an earlier a.jpg; exists = replace takes its place": why an output got a number
 * though the name was one of its own source, or was skipped though the file there is of another
 * picture; borrowed, NULL: there is no such output. */
const char *staging_note(const Staging *staging);
