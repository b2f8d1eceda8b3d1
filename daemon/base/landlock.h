/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* landlock.h - lets a process reach only what it says, by path: the kernel's landlock(7). What is
 * allowed to whom is said by each sandbox. The process that confines itself, before any thread. */
#pragma once

#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>

#define PATHS_READ    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define PATHS_RUN     (PATHS_READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define PATHS_DEVICES (PATHS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* Versions of the kernel's interface: 2 knows the right to move a file to another directory, 3
 * (Linux 6.2) the right to truncate one by its path. Before that, any process may truncate what its
 * user may write. Older headers lack the names of these rights. */
enum { LANDLOCK_WITH_REFER = 2, LANDLOCK_WITH_TRUNCATE = 3 };
enum { PATHS_REFER = 1 << 13, PATHS_TRUNCATE = 1 << 14 };

/* The newest version that the kernel has; 0 with errno: it has none. */
int landlock_version(void);

/* What `attributes`, a struct of the kernel or a longer one, handles is forbidden from
 * landlock_enter() on, where nothing allows it. A descriptor, or -1 with errno. */
int landlock_begin(const void *attributes, size_t size);

/* Allows these rights to a path and what is below it. One that is not there needs no right. 0, or
 * an errno value. */
int landlock_allow(int ruleset, const char *path, uint64_t rights);

/* Confines the process, and closes the ruleset. 0, or an errno value. */
int landlock_enter(int ruleset);
