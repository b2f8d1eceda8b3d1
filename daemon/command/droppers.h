/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* droppers.h - who may drop pictures into a folder. Main thread. */
#pragma once

#include "command/unit.h"

/* A sentence for people about the directory, newly allocated; "" where it cannot be examined. *fix
 * (may be NULL) becomes what lets a person drop pictures where so far none may, newly allocated, or
 * NULL; without it, the sentence says that too. */
char *droppers_text(const char *path, UnitManager manager, char **fix);
