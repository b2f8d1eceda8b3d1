/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder_check.h - whether this process may use the directories of a folder, and what else would
 * keep its pictures from being processed. Hangs as long as a share does not respond. Any thread. */
#pragma once

#include "daemon/control/finding.h"

/* Appends a finding for each thing that is wrong, or that a person should know. `lacks`: what the
 * sandbox of workers lacks here; NULL or "": nothing. */
void folder_check(GPtrArray *list, const Settings *settings, const Folder *folder,
                  const char *lacks);
