/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load.h - makes a snapshot from configuration files.
 *
 * Nothing is kept between two calls. A call waits up to 20 s for the worker that checks profiles,
 * and for shares that do not respond: for the main thread and for commands. */
#pragma once

#include "daemon/settings/notices.h"
#include "daemon/settings/profiles.h"
#include "daemon/settings/sources.h"

/* Reads and checks `file` and everything that it includes. Profiles are checked by running `worker
 * --check` (a path, or NULL for the installed one). Every error is appended to `errors` (of
 * Error, where set to FILE:LINE), in the order of files and lines; NULL where there was one. The
 * caller owns the reference. */
Settings *settings_load(const char *file, const char *worker, GPtrArray *errors);

/* The same for `before->file`, whose profiles are not checked again where neither they nor what
 * they name has changed: a reload that changes nothing is cheap. */
Settings *settings_load_again(const Settings *before, GPtrArray *errors);

/* A snapshot of one folder, for a batch. `checker` (settings/profiles.h) checks the profile, or,
 * where it is NULL, the installed worker. From `file`, when it isn't NULL, come its profiles, its
 * `defaults` and its settings outside of sections, but none of its folders. `path` and `output` are
 * absolute. */
Settings *settings_load_batch(const char *file, const ProfileChecker *checker, const char *profile,
                              const char *path, const char *output, GPtrArray *errors);

/* A snapshot for importing a card; `checker` as for a batch. Its document (profiles_text) is about
 * imports and cameras alone. From `file` come its imports, or the one called `name`, with their
 * cameras and folders; no folder's directory is looked at. With `copy_to` (absolute; not NULL),
 * they copy to these directories and hand nothing on. Without `file`, or without an import in it,
 * that is one called IMPORT_BY_HAND, which has the defaults. */
Settings *settings_load_import(const char *file, const ProfileChecker *checker, const char *name,
                               const char *const *copy_to, GPtrArray *errors);

/* The name of the folder of `file` that watches what appears in the directory `path`, which is
 * absolute; newly allocated. NULL: none, or the file cannot be read. Nothing is checked. */
char *settings_watcher_of(const char *file, const char *path);

/* A snapshot of the profiles in `file` (when it isn't NULL) and of the shipped ones, and of nothing
 * else. None is checked; a section with an error is left out. */
Settings *settings_load_profiles(const char *file);

/* Whether `file`, or what it includes, has an import. Nothing is checked, no worker is started:
 * quick, for every medium that appears on a machine. */
bool settings_have_import(const char *file);

/* The section `http` of `file`, or of what it includes; NULL where there is none, or after errors
 * were appended. Nothing else is checked, and no worker is started: for the page. `sources` learns
 * of each file that was read. */
Http *settings_load_http(const char *file, Sources *sources, GPtrArray *errors);
