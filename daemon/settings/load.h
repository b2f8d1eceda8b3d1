/* load.h - makes a snapshot of configuration files, or of none.
 *
 * Nothing is kept between two calls. They wait for the worker that checks profiles, and for shares
 * (20 s and 2 s at most); so they are for the main thread and for commands. */
#pragma once

#include "daemon/settings/snapshot.h"

/* Reads and checks `file` and everything it includes. Profiles are checked by running
 * `worker --check` (a path, or NULL for the installed one). Every mistake is appended to
 * `mistakes` (of Error, where set to FILE:LINE), in the order of files and lines; NULL is returned
 * when there was one. */
Settings *settings_load(const char *file, const char *worker, GPtrArray *mistakes);

/* A snapshot of one folder for a batch: of `file`, when it isn't NULL, its profiles, what its
 * `defaults` say and its settings of the whole are taken, and none of its folders. `path` and
 * `output` are absolute. */
Settings *settings_for_batch(const char *file, const char *worker, const char *profile,
                             const char *path, const char *output, GPtrArray *mistakes);

/* A snapshot of what profiles there are, in `file` (when it isn't NULL) and shipped, and of nothing
 * else: none is checked, and mistakes hide only what they stand in. */
Settings *settings_of_profiles(const char *file);
