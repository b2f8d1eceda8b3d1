/* ignored.h - the files of a folder that hotfolder does not process, and why.
 *
 * With it a scan does not open them again, a message is written once, and `status` can count them.
 * Each file costs two hashes: 100,000 files are about 8 MB. Files beyond that number are counted,
 * but each scan opens them again, and no message is written about them. One thread; the counters:
 * any thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/watch/counters.h"

typedef struct IgnoredFiles IgnoredFiles;

IgnoredFiles *ignored_new(void);
void ignored_free(IgnoredFiles *ignored);

/* Remembers that `path` is ignored for `reason` (static). id is NULL where the name alone decided.
 * True when that is new: the path was not ignored for this reason before. */
bool ignored_add(IgnoredFiles *ignored, const char *path, const FileId *id, const char *reason);

/* Whether this file is ignored already. If it is, the running scan has found it (see below). */
bool ignored_knows(IgnoredFiles *ignored, const char *path, const FileId *id);

/* Stops counting the file while it is checked again; its message is not repeated. The running scan
 * has found it. */
void ignored_pause(IgnoredFiles *ignored, const char *path);

/* The file is gone, or is ignored no more. */
void ignored_drop(IgnoredFiles *ignored, const char *path);

/* Around a scan of the whole folder: its end forgets the files that the scan did not find. */
void ignored_scan_begins(IgnoredFiles *ignored);
void ignored_scan_ended(IgnoredFiles *ignored);

Counters *ignored_counters(IgnoredFiles *ignored);
