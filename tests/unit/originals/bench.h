/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.h - one folder, and originals in it that are finished. */
#pragma once

#include "daemon/originals/originals.h"
#include "tests/unit/check.h"

typedef struct Bench {
    char *dir;
    ProfileText profile;
    Folder folder;
    bool missing; /* see Original */
} Bench;

int set_up(void **state);
int tear_down(void **state);

FileId id_of(const Bench *bench, const char *name);
Original original_of(Bench *bench, const char *name, const FileId *id);

/* Finishes it; whether it is gone from the inbox. */
bool finish(Bench *bench, const char *name);
void assert_text(const Bench *bench, const char *name, const char *text);

/* The two names of one file that btrfs leaves when the power goes between the syncs of the two
 * directories. Whether only `to` is left after the original was finished. */
bool ends_as_one(Bench *bench, const char *to, const char *never);
