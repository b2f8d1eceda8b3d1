/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts_bench.h - the bench of bench.h with a folder that keeps the files of a shot together. */
#pragma once

#include "daemon/ledger/parts.h"
#include "tests/unit/jobs/bench.h"

int set_up_shots(void **state);

/* Of a file of the folder. */
FileId id_of(const Bench *bench, const char *name);

/* Offers a file of the folder as a part of its shot. */
PartState offer_part(const Bench *bench, const char *name);

/* A file beside a picture, of which its name is the content; it is offered. */
void drop_part(const Bench *bench, const char *name);

/* Whether the file that was dropped as `name` lies there. */
bool lies(const Bench *bench, const char *path, const char *name);

/* Whether no original and no part is to be moved still. */
bool nothing_is_due(const Bench *bench);
