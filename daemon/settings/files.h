/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files.h - configuration files as statements, with everything they include.
 *
 * A file that others may change is refused (trust.h). Main thread. */
#pragma once

#include "config/conf.h"
#include "daemon/settings/sources.h"

typedef struct SettingsFiles {
    GPtrArray *names;   /* of char *: every file that was opened, in that order */
    GPtrArray *trees;   /* of ConfNode: one for each */
    GPtrArray *nodes;   /* of ConfNode, borrowed: sections in the order read, includes in place */
    GHashTable *set_at; /* see conf_read() */
    GPtrArray *errors;  /* borrowed */
    Sources *sources;   /* what is read; borrowed, NULL: it is not noted */
} SettingsFiles;

/* Reads `file` and what it includes. Errors are appended. */
SettingsFiles *settings_files_read(const char *file, GPtrArray *errors);

/* The same, and notes in `sources` (NULL: not) what has to change for another result. */
SettingsFiles *settings_files_read_noted(const char *file, Sources *sources, GPtrArray *errors);

/* Without any file yet; `errors` is borrowed. */
SettingsFiles *settings_files_new(GPtrArray *errors);
void settings_files_free(SettingsFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SettingsFiles, settings_files_free)

/* Reads one more file, in which only profiles may stand. */
void settings_files_add_profiles(SettingsFiles *files, const char *file);
