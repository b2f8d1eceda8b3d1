/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* healthcheck.h - checks whether work can be done for a folder: its output takes files, its
 * originals can move, no other service watches its directory (claim.h). Any thread;
 * healthcheck_all() and healthcheck_held(): main thread. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/settings/snapshot.h"

enum { HEALTHCHECK_TIMEOUT_MS = 2000 };

/* Claims the watched directory, makes an unnamed file of `need` bytes in the output directory, and
 * where originals are copied to, and removes it. It has 4 MB at most, since the sender of a picture
 * decides how large that is. False with the first reason. A watched directory that is missing, or
 * is none, is no error here, as the watcher reports it. */
bool healthcheck_run(const Folder *folder, int64_t need, Error **err);

/* The same for a thread that must not hang on a share that does not respond: a check without a
 * result after two seconds fails. It takes a reference of `settings`, which has the folder. */
bool healthcheck_run_timed(Settings *settings, const Folder *folder, int64_t need, Error **err);

/* Whether the servers of its directories respond within two seconds; an error is an answer too. */
bool healthcheck_responds(const Folder *folder);

/* Whether they have not responded for two seconds since a call of this asked them; never waits. To
 * be called again and again. Main thread only. */
bool healthcheck_is_silent(const Folder *folder);

/* The message about a folder that does not respond, newly allocated. */
char *healthcheck_hang_text(const Folder *folder);

/* Whether the file system of the output, and of copy_to, has min_free bytes and a few files to
 * spare. Cheap: asked before each picture. A missing directory is no error here. */
bool healthcheck_space(const Folder *folder, Error **err);

/* The other two parts of healthcheck_run(): whether originals can move, and whether the output
 * takes a small file. */
bool healthcheck_originals(const Folder *folder, Error **err);
bool healthcheck_output(const Folder *folder, Error **err);

/* Checks all folders of `settings` at once, in two seconds at most, however many shares do not
 * respond. Holds those whose check fails; an unavailable one is left to the watcher. Each that
 * cannot be used now, also because its path is missing, is appended to `problems` (of Error; may be
 * NULL) as "folder 'inbox' is unavailable: ...". */
void healthcheck_all(Settings *settings, Health *health, GPtrArray *problems);

/* Checks those that are held and due; one that works again is on trial. Never waits. True: checks
 * have no result yet, and this is to be called again soon. */
bool healthcheck_held(Settings *settings, Health *health);
