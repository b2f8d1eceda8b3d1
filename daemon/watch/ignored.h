/* ignored.h - the files of a folder that were left in place, and why.
 *
 * It keeps a scan from opening them again and a message from being told twice, and it is what
 * `status` counts. What is known of a file are two hashes, so 100,000 files cost about 8 MB; more
 * than that are counted, but looked at again by each scan and told no more. One thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/watch/counters.h"

typedef struct IgnoredFiles IgnoredFiles;

IgnoredFiles *ignored_new(void);
void ignored_free(IgnoredFiles *ignored);

/* Remembers that `path` was left for `reason` (static). id may be NULL where only the name
 * decided. True when that is news: it wasn't known with this reason. */
bool ignored_add(IgnoredFiles *ignored, const char *path, const FileId *id, const char *reason);

/* Whether this very file is known as left; the running scan then knows that it is still there. */
bool ignored_knows(IgnoredFiles *ignored, const char *path, const FileId *id);

/* It changed and is being looked at: not counted meanwhile, but what was told stays told, in the
 * running scan too. */
void ignored_pause(IgnoredFiles *ignored, const char *path);

/* It is gone, or became a picture. */
void ignored_drop(IgnoredFiles *ignored, const char *path);

/* Around a scan of the whole folder: what it did not meet is forgotten at its end. */
void ignored_scan_begins(IgnoredFiles *ignored);
void ignored_scan_ended(IgnoredFiles *ignored);

Counters *ignored_counters(IgnoredFiles *ignored);
