/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* programs.h - the programs of the configuration, `program "NAME" { ... }`, which a profile may let
 * run on its pictures. Main thread. */
#pragma once

#include "daemon/settings/draft.h"

/* Reads every `program` of the configuration into the snapshot, and appends errors: a program that
 * others could change is one. */
void draft_add_programs(Draft *draft);

/* Whether the first word of `run`, a setting of a section, is the whole path of a program that no
 * other user can change; else an error is appended. */
void draft_check_program(Draft *draft, const ConfNode *node, char *const *run, const char *example);

/* The part of a profiles document that names them; newly allocated, "" for none. */
char *programs_document(const GPtrArray *programs);
