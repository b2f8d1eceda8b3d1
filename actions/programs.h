/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* programs.h - the programs that a profile may let run: what the profiles document says of them.
 * The daemon knows how they are run. One thread; the table is filled before a profile is read. */
#pragma once

#include "config/param.h"
#include "formats/format.h"

typedef struct KnownProgram {
    char *name;
    int takes, gives; /* Format */
    double grows;     /* how many times as wide and high its result may be */
    bool alpha;       /* its result may be transparent where the picture was not */
} KnownProgram;

extern const Param known_program_params[]; /* all but the name */

/* Takes over the texts of it. */
void programs_add(const KnownProgram *program);

/* Borrowed; NULL: there is none of that name. */
const KnownProgram *programs_find(const char *name);

/* What to do where there is none of that name, newly allocated. */
char *programs_advice(const char *name);
