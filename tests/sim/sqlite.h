/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sqlite.h - SQLite on the simulated disks.
 *
 * Its files are those of disk.h, its time and its chance are the world's. The calls of the daemon
 * pass points, and have the ledger's faults. */
#pragma once

/* Once, before SQLite is used: it has one thread, and this file system is its only one. */
void sqlite_begin(void);

/* At the start of a world, and when the daemon was killed: memory that connections share is lost,
 * and so are their locks. */
void sqlite_forget(void);
