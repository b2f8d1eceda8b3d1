/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* question.h - what a command asks the daemon to do, as the JSON object of a POST. */
#pragma once

#include "command/client.h"

/* About a picture, by a path that a person typed: newly allocated. Looks at the file system. */
cJSON *question_of_path(const Target *target, const char *typed);

/* Adds a folder, by its name or its directory as a person typed it. Looks at the file system. */
void question_add_folder(cJSON *question, const Target *target, const char *typed);

/* Asks it with a POST of `path`, and frees it. The answer, newly allocated; NULL: the daemon has
 * refused, and that was shown. `wrong` as client_ask() has it. */
cJSON *question_ask(const Target *target, const char *path, cJSON *question, int wrong);
