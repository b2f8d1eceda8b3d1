/* staging_internal.h - the inside of a staging, which only staging.c and publish.c know. */
#pragma once

#include "daemon/outputs/staging.h"

enum {
    OUTPUT_NUMBERS = 100000, /* numbers to try for outputs of one name */
    SHOWN_CHARACTERS = 200,  /* characters of a name in a message */
    FD_PATH_BYTES = 32,
};

/* One output on its way. */
typedef struct Staged {
    char *wanted; /* as the profile named it */
    char *dir, *name;
    char *hidden; /* a name in dir; NULL while it has none */
    int dir_fd, fd;
    unsigned number; /* of the name: 0, or beach-NUMBER.jpg */
    Exists exists;
    bool replace, skipped, published;
    FileId file;
} Staged;

struct Stage {
    const Folder *folder;
    Ledger *ledger;
    int64_t job;
    const char *source;
    Origins origins;
    bool dry;
    bool recorded; /* the ledger knows the final names */
    int root_fd;
    GPtrArray *items; /* of Staged */
};

static inline Staged *staging_item(const Stage *staging, unsigned i)
{
    return g_ptr_array_index(staging->items, i);
}

/* The name by which an open file can be opened again, or linked. */
static inline const char *staging_fd_path(int fd, char path[FD_PATH_BYTES])
{
    g_snprintf(path, FD_PATH_BYTES, "/proc/self/fd/%d", fd);
    return path;
}

/* Gives it the hidden name of the job's output n. */
void stage_hide(const Stage *staging, Staged *item, unsigned n);

/* Stores in the ledger what is staged: hidden names only, or what is to be published. */
bool stage_record(Stage *staging, bool publish, Error **err);
