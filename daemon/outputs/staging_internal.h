/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* staging_internal.h - the inside of a staging, which only staging.c, existing.c and publish.c
 * know.
 */
#pragma once

#include "daemon/outputs/staging.h"

enum {
    SHOWN_CHARACTERS = 200, /* characters of a name in a message */
    FD_PATH_BYTES = 32,
};

/* One output on its way. */
typedef struct StagedFile {
    char *wanted; /* as the profile named it */
    char *dir, *name;
    char *hidden; /* a name in dir; NULL while it has none */
    mode_t mode;  /* as it was made */
    int dir_fd, fd;
    unsigned number; /* of the name: 0, or beach-NUMBER.jpg */
    Exists exists;
    int64_t mtime; /* seconds since 1970, or PROTOCOL_NOW */
    bool replace, skipped, published;
    char *note; /* for staging_note(); NULL: none */
    FileId file;
    FileId replaced; /* what it replaces, of a picture that is made again */
} StagedFile;

struct Staging {
    const Folder *folder;
    Ledger *ledger;
    const LedgerRow *row;
    Provenance provenance;
    Planned *planned; /* NULL: the files are made */
    bool recorded;    /* the ledger knows the final names */
    int root_fd;
    GPtrArray *items; /* of StagedFile */
};

static inline StagedFile *staging_item(const Staging *staging, unsigned i)
{
    return g_ptr_array_index(staging->items, i);
}

/* The name by which an open file can be opened again, or linked. */
static inline const char *staging_fd_path(int fd, char path[FD_PATH_BYTES])
{
    g_snprintf(path, FD_PATH_BYTES, "/proc/self/fd/%d", fd);
    return path;
}

/* Gives it the hidden name of the job's output n, which no other attempt uses: the file of an
 * earlier one may still be there. */
void staging_hide(const Staging *staging, StagedFile *item, unsigned n);

/* Whether a file or a directory could not be made at dir_fd, with this errno value, because of a
 * sign in its name: *err is set then. It is of kind PICTURE: another try would not help. */
bool staging_refuses_sign(const Staging *staging, int dir_fd, const char *name, int code,
                          Error **err);

/* Finds the name of the output in a directory that may have it already. Names with numbers count
 * too: this picture has one where another had its name. */
bool staging_resolve_name(const Staging *staging, StagedFile *item, Error **err);

/* beach.jpg -> beach-1.jpg -> beach-2.jpg. */
bool staging_next_name(StagedFile *item, Error **err);

/* Whether it may still replace the file that has its name; else it is skipped, and noted. */
bool staging_may_replace(const Staging *staging, StagedFile *item);

/* The file that has its name is of another picture. */
void staging_note_skipped(StagedFile *item);

/* Whether `exists = skip` gives the output up for the file `st` that has its name; then it is
 * skipped, and noted where another picture made that file. */
bool staging_skips(const Staging *staging, StagedFile *item, const struct stat *st);

/* Opens the directory of its name, which another program has removed, and makes it where it is
 * missing. What lies there now is not replaced. */
bool staging_reopen(const Staging *staging, StagedFile *item, Error **err);

/* Stores in the ledger what is staged: hidden names only, or what is to be published. */
bool staging_record(Staging *staging, bool publish, Error **err);
