/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder_probe.h - what a hidden file in a hot folder shows of its file system: whether its changes
 * are reported, whether leases tell that a process still writes, and whether its clock is ours.
 *
 * The file has a name that the watcher ignores, and is removed. Hangs as long as a share does not
 * respond. Any thread. */
#pragma once

#include "daemon/control/finding.h"

/* Appends what was found; nothing of a directory that cannot be used, which folder_check() says. */
void folder_probe(GPtrArray *list, const Folder *folder);

/* What a file that was written between the two times and has this time says about the clock of its
 * file system, as milliseconds ahead of ours, negative: behind; 0 within two seconds. */
int64_t folder_probe_skew_ms(int64_t before_ms, int64_t after_ms, int64_t written_ms);
