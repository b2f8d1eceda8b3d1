/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* places.h - which folder a path belongs to, by its text alone: a share may not respond. Any
 * thread. */
#pragma once

#include <stdbool.h>

#include "daemon/control/answer.h"
#include "daemon/settings/snapshot.h"

/* The folder of this name, or with this directory; NULL with an answer that refuses. */
const Folder *places_folder(const Settings *settings, const char *name, Answer *answer);

/* The folder whose directory `path` (absolute) is or lies in; of several, the deepest one. *inside
 * is the rest of `path`, "" for the directory itself. NULL: none. */
const Folder *places_of_input(const Settings *settings, const char *path, const char **inside);

/* The same of the directories where outputs appear. */
const Folder *places_of_output(const Settings *settings, const char *path, const char **inside);

/* Whether the rest of a path is in a directory of hotfolder's own at the top of a folder. */
bool places_is_reserved(const char *inside);
