/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe.h - `hotfolder-worker --describe [ACTION]`: the actions, from their tables. */
#pragma once

#include <stdbool.h>

/* Prints the action `name`, or a list of all for NULL: for people, or as the JSON that hotfolder(1)
 * describes. Exit status: 0, or 1 for an unknown action. */
int worker_describe(const char *name, bool json);

/* `hotfolder-worker --names`: prints their names, a line each, for programs. */
int worker_names(void);
