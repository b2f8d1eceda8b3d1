/* staging_internal.h - the inside of a stage, which only staging.c and publish.c know. */
#pragma once

#include "daemon/outputs/staging.h"

enum {
    MOST_NUMBERS = 100000, /* of outputs of one name */
    SHOWN = 200,           /* characters of a name in a message */
    SELF_MAX = 32,
};

/* One output on its way. */
typedef struct Staged {
    char *wanted; /* as the profile named it */
    char *dir, *name;
    char *hidden; /* a name in dir; NULL while it has none */
    int dir_fd, fd;
    unsigned number; /* of the name: 0, or beach-NUMBER.jpg */
    Exists exists;
    bool replace, skipped, placed;
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

static inline Staged *item_at(const Stage *stage, unsigned i)
{
    return g_ptr_array_index(stage->items, i);
}

/* The name by which an open file can be opened again, or linked. */
static inline const char *self_path(int fd, char path[SELF_MAX])
{
    g_snprintf(path, SELF_MAX, "/proc/self/fd/%d", fd);
    return path;
}

/* Gives it the hidden name of the job's output n. */
void stage_hide(const Stage *stage, Staged *item, unsigned n);

/* Tells the ledger what is staged: as hidden names only, or as what is to be placed. */
bool stage_record(Stage *stage, bool publish, Error **err);
