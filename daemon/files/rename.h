/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rename.h - gives a file another name within its file system, never one that is taken.
 *
 * Names are relative to open directories; a link as the last component is renamed itself. Any
 * thread. */
#pragma once

#include <stdbool.h>

/* Whether these are two names of one file, which a rename leaves that a power cut interrupted:
 * btrfs may keep both, and so does a linkat(2) without its unlinkat(2). */
bool rename_is_half_done(int from_fd, const char *from, int to_fd, const char *to);

/* Renames a file. EEXIST where the new name is taken by another file; where it is a second name of
 * the same file, the interrupted rename is finished. A file system without RENAME_NOREPLACE gets a
 * hard link instead, or a check before the rename. 0, or -1 with errno. */
int rename_to_free_name(int from_fd, const char *from, int to_fd, const char *to);
