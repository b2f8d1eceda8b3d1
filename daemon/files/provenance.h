/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* provenance.h - what an output was made of, stored with it in the extended attribute
 * user.hotfolder.
 *
 * It shows which files are our outputs, without the ledger: a batch that runs again makes only what
 * is missing. Where the file system has no such attributes, nothing is known. Any thread. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/sequence.h"

#define PROVENANCE_NO_TIME INT64_MIN /* not known */

typedef struct Provenance {
    uint64_t source;     /* XXH3-64 of the source's absolute path */
    uint64_t content[2]; /* XXH3-128 of its bytes */
    uint64_t profile;    /* ProfileText.hash */
    uint64_t folder;     /* XXH3-64 of the absolute path of the folder that numbered it */
    Sequence sequence;   /* the source's numbers */
    int64_t time;        /* of the source's file, as its names may have it: s since 1970 */
} Provenance;

/* Stores it with the open file, whose stat(2) data is st and which is not written any more. */
void provenance_set(int fd, const struct stat *st, const Provenance *provenance);

/* Whether `name` is the file that would be made again: it has this source, content and profile, and
 * is unchanged since. */
bool provenance_matches(int dir_fd, const char *name, const Provenance *provenance);

/* Whether the open file, whose stat(2) data is st, is an output of ours, unchanged since. */
bool provenance_is_ours(int fd, const struct stat *st);

/* What `name` was made of; it may have been changed since. False where nothing says so. One of an
 * older version has no numbers and no time; anybody may have written it: they may be wrong. */
bool provenance_read(int dir_fd, const char *name, Provenance *provenance);
