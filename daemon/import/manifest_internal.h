/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* manifest_internal.h - what the manifests that lie in a destination say, and their two kinds. Any
 * thread. */
#pragma once

#include "daemon/import/manifest.h"
#include "daemon/import/mhl.h"
#include "daemon/import/sums.h"

#define CARDS_DIRECTORY "_cards"

typedef struct ManifestHistory {
    GHashTable *files;   /* name -> HistoryFile, of the newest manifest that says a digest of it */
    GPtrArray *patterns; /* of char *: what the newest generation leaves out */
    char *chain;         /* the text of the chain; NULL: there is none */
    int64_t last;        /* the number of the newest generation; 0: none */
    unsigned manifests;  /* how many there are, of both kinds */
} ManifestHistory;

typedef struct HistoryFile {
    char *name;
    Content content; /* size -1: not known */
    int64_t mtime_ns;
} HistoryFile;

void manifest_history_free(ManifestHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ManifestHistory, manifest_history_free)

/* Reads the generations of `destination`; none where it has no ascmhl/. Errors: CONFIG where one is
 * damaged, is missing, or is another one than the chain says. */
bool manifest_history_read(const char *destination, ManifestHistory **history, Error **err);

/* Adds what the files for `sha256sum -c` in _cards/ say. */
bool manifest_history_add_sums(ManifestHistory *history, const char *destination, Error **err);

/* Whether there is one. */
bool manifest_history_has_sums(const char *destination);

/* The text of a file below `destination`, newly allocated; *text NULL: there is none. */
bool manifest_text(const char *destination, const char *name, char **text, size_t *length,
                   Error **err);
