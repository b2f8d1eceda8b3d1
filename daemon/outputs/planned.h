/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* planned.h - the names that a dry run has given: no file keeps them for their pictures. Any
 * thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Planned Planned;

Planned *planned_new(void);
void planned_free(Planned *planned);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Planned, planned_free)

/* Gives the name `path`, relative to the output directory; false where another picture has it. */
bool planned_take(Planned *planned, const char *path);
