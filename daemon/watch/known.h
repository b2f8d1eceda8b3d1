/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* known.h - the files of a folder that need no check again: those that the ledger has finished
 * with, and those that hotfolder ignores, and why.
 *
 * With it a scan opens no ignored file again, a poll does not ask the ledger for a finished one, a
 * message is written once, and `status` can count ignored files. A path has one entry; a full scan
 * asks the ledger for every file, and forgets the ignored files that it did not find.
 *
 * Each file costs two hashes: 100,000 files are about 6 MB, and the table grows to 12 MB. Ignored
 * files beyond 100,000 are counted, but each scan opens them again, and no message is written about
 * them; the ledger is asked again for finished files beyond 290,000. One thread changes it;
 * known_reason() and the counters: any thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/watch/counters.h"

typedef struct KnownFiles KnownFiles;

KnownFiles *known_new(void);
void known_free(KnownFiles *known);

/* Remembers that `path` is ignored for `reason` (static). id is NULL where the name alone decided.
 * True when that is new: the path was not ignored for this reason before. */
bool known_ignore(KnownFiles *known, const char *path, const FileId *id, const char *reason);

/* Whether this file is ignored already. If it is, the running scan has found it (see below). */
bool known_is_ignored(KnownFiles *known, const char *path, const FileId *id);

/* Why the file or the directory at `path` is ignored, static; NULL: it is not, or is checked again.
 * Any thread. */
const char *known_reason(KnownFiles *known, const char *path);

/* Stops counting an ignored file while it is checked again; its message is not repeated. The
 * running scan has found it. */
void known_pause(KnownFiles *known, const char *path);

/* Remembers that the ledger has finished with this file. Its row leaves the path when another file
 * is offered under it: the caller drops the path then. It also does when this file is offered under
 * another name: should the file come back, the next full scan asks the ledger. */
void known_finish(KnownFiles *known, const char *path, const FileId *id);

/* Whether the file at `path` is this one (fileid_same), and finished since the last full scan
 * began. */
bool known_is_finished(KnownFiles *known, const char *path, const FileId *id);

/* The file is gone, was offered, or is ignored no more. */
void known_drop(KnownFiles *known, const char *path);

/* Around a scan of the whole folder: its end forgets the files that the scan did not find. */
void known_scan_begins(KnownFiles *known);
void known_scan_ended(KnownFiles *known);

Counters *known_counters(KnownFiles *known); /* of ignored files */
