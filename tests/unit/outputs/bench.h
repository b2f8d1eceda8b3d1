/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A job in a ledger, and an output directory of its own, for tests of this room. */
#pragma once

#include "daemon/outputs/staging.h"
#include "tests/unit/check.h"
#include "tests/unit/take.h"

typedef struct Bench {
    char *dir;
    Ledger *ledger;
    ProfileText profile;
    Folder folder;
    LedgerRow row;
    Provenance provenance;
} Bench;

int set_up(void **state);
int tear_down(void **state);

/* A claimed row of `source`. */
LedgerRow add_job(const Bench *bench, const char *source);

/* Of the bench's job. */
Staging *staging_of(const Bench *bench);

/* Opens an output and writes `text` into it; whether it was wanted. */
bool put(Staging *staging, const char *name, Exists exists, const char *text);

void publish(Staging *staging);

/* One output of the bench's job, published. */
void make(const Bench *bench, const char *name, Exists exists, const char *text);

void assert_text(const Bench *bench, const char *name, const char *text);

/* What the ledger says of the outputs of the bench's job, newly allocated. */
GArray *recorded(const Bench *bench);
