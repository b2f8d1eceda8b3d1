/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor.h - the examination of a set-up: by the daemon, as the user and in the sandbox that it
 * has, or by the command where no daemon runs. */
#pragma once

#include "daemon/control/finding.h"

/* Appends what is found of the folder; one that does not respond in ten seconds is a problem. It
 * takes a reference of `settings`. Any thread. */
void doctor_folder(GPtrArray *list, Settings *settings, const Folder *folder, const char *lacks);

/* The same of each folder, all at the same time. */
void doctor_folders(GPtrArray *list, Settings *settings, const char *lacks);

/* Appends whether folders take what others make: mounts may have made such a loop since the
 * configuration was read. Any thread. */
void doctor_loops(GPtrArray *list, const Settings *settings);
