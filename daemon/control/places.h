/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* places.h - which folder a path belongs to, by its text alone: a share may not respond. Any
 * thread. */
#pragma once

#include <stdbool.h>

#include "daemon/control/answer.h"
#include "daemon/control/request.h"
#include "daemon/settings/snapshot.h"

/* The folder that a request asks about: its parameter `folder` is the name of one, or `path` lies
 * in one. NULL where it has neither, and where there is no such folder, which the answer refuses.
 */
const Folder *places_asked(const Settings *settings, const Request *request, Answer *answer);

/* The folder whose directory `path` (absolute) is or lies in; of several, the deepest one. *inside
 * is the rest of `path`, "" for the directory itself. NULL: none. */
const Folder *places_of_input(const Settings *settings, const char *path, const char **inside);

/* The same of the directories where outputs appear. */
const Folder *places_of_output(const Settings *settings, const char *path, const char **inside);
