/* tables.h - configuration files as statements, with everything they include; and the tables
 * of every setting that is not an action's. */
#pragma once

#include "config/conf.h"
#include "daemon/files/ownership.h"
#include "formats/limits.h"

/* Settings outside of every section. */
typedef struct TopSettings {
    int workers;    /* 0: auto */
    int64_t memory; /* likewise */
    int64_t reconcile, history, stop_timeout;
} TopSettings;

typedef struct FolderSettings {
    char *path, *output, *profile;
    bool recursive;
    char **ignore;
    int originals, duplicates, sandbox, watch;
    bool chain, isolate, output_links;
    int64_t min_free;
    int64_t quiet, incomplete, deadline;
    Limits limits;
    RightsSettings rights;
} FolderSettings;

typedef struct RetrySettings {
    int attempts;
    int64_t first, max;
} RetrySettings;

extern const Param top_settings[];
extern const Param folder_settings[]; /* the first row is the path, which defaults {} has not */
extern const Param retry_settings[];

typedef struct SettingsFiles {
    GPtrArray *names;    /* of char *: every file that was opened, in that order */
    GPtrArray *trees;    /* of ConfNode: one for each */
    GPtrArray *nodes;    /* of ConfNode, borrowed: sections in the order read, includes in place */
    GHashTable *stated;  /* see conf_read() */
    GPtrArray *mistakes; /* borrowed */
} SettingsFiles;

/* Reads `file` and what it includes. Mistakes are appended. */
SettingsFiles *settings_files_read(const char *file, GPtrArray *mistakes);

/* Nothing read yet. */
SettingsFiles *settings_files_new(GPtrArray *mistakes);
void settings_files_free(SettingsFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SettingsFiles, settings_files_free)

/* Reads one more file, in which only profiles may stand. */
void settings_files_add_profiles(SettingsFiles *files, const char *file);
