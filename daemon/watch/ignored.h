/* ignored.h - the files of a folder that were left in place, and why.
 *
 * It keeps a scan from opening them again and a message from being told twice, and it is what
 * `status` counts. What is known of a file are two hashes, so 100,000 files cost about 8 MB; more
 * than that are counted, but looked at again by each scan and told no more. One thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/watch/counters.h"

typedef struct Left Left;

Left *left_new(void);
void left_free(Left *left);

/* Remembers that `path` was left for `reason` (static). id may be NULL where only the name
 * decided. True when that is news: it wasn't known with this reason. */
bool left_add(Left *left, const char *path, const FileId *id, const char *reason);

/* Whether this very file is known as left; the running scan then knows that it is still there. */
bool left_knows(Left *left, const char *path, const FileId *id);

/* It changed and is being looked at: not counted meanwhile, but what was told stays told, in the
 * running scan too. */
void left_pause(Left *left, const char *path);

/* It is gone, or became a picture. */
void left_drop(Left *left, const char *path);

/* Around a scan of the whole folder: what it did not meet is forgotten at its end. */
void left_scan_begins(Left *left);
void left_scan_ended(Left *left);

Tally *left_tally(Left *left);
