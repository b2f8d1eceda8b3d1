/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* undo_bench.h - a folder whose pictures are done without a worker: their outputs are published,
 * their originals moved, and both are recorded, by the code of the daemon. */
#pragma once

#include "daemon/jobs/undoer.h"
#include "daemon/ledger/answers.h"
#include "tests/unit/check.h"
#include "wire/protocol.h"

typedef struct UndoBench {
    char *dir, *in, *out, *path; /* path: of the ledger */
    bool mounted;                /* dir is a file system of its own */
    ProfileText profile;
    Folder folder;
    Ledger *ledger;
    Undoer *undoer; /* without a thread */
} UndoBench;

/* An output that a picture gets. Borrowed. */
typedef struct Save {
    const char *name;
    Exists exists;
} Save;

UndoBench *undo_bench_new(void);
void undo_bench_free(UndoBench *bench);
int set_up_undo(void **state);
int tear_down_undo(void **state);

/* Closes the ledger and the undoer, and opens them. */
void close_ledger(UndoBench *bench);
void open_ledger(UndoBench *bench);

/* Makes the trash of the mount unusable, so that trash/ is used. */
void have_no_trash(const UndoBench *bench);

/* Writes the file into the folder, offers it, and does it; each output has `text` and its own name
 * in it. `saves` ends with one without a name. The id of its row. */
int64_t do_picture(const UndoBench *bench, const char *source, const char *text, const Save *saves);

/* The newest row of this name. */
LedgerRow row_of(const UndoBench *bench, const char *source);
LedgerState state_of(const UndoBench *bench, const char *source);

/* Undoes it for "ann"; the error, or NULL. */
Error *undo_it(const UndoBench *bench, const char *source);

/* Whether the intake would make a new picture of the file that lies there. */
bool is_new_work(const UndoBench *bench, const char *source);
