/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/folder.h"

#include <string.h>

#include "base/text.h"
#include "daemon/settings/tables.h"

static void check_accept(const ConfNode *section, GPtrArray *errors)
{
    const ConfNode *node = conf_find(section, "accept");

    if (node && !node->append && !node->values->len)
        conf_add_error(errors, node->file, node->line, "name at least one format",
                       "accept = { }: no picture would be processed");
}

static void check_ignore(const ConfNode *section, GPtrArray *errors)
{
    const ConfNode *node = conf_find(section, "ignore");

    for (guint i = 0; node && i < node->values->len; i++) {
        g_autofree char *shown = text_shorten(node->values->pdata[i], 60);
        if (strchr(node->values->pdata[i], '/'))
            conf_add_error(errors, node->file, node->line, "give the pattern of a name, without /",
                           "ignore = %s: a pattern is compared with names, not with paths", shown);
    }
}

/* Reads a `retry` section over what is in `retry`; errors may be NULL. */
static void apply_retry(const ConfNode *section, RetrySettings *retry, GPtrArray *errors)
{
    const ConfNode *node = conf_find(section, "retry");

    if (!node)
        return;
    conf_apply(node, retry, errors);
    if (errors && retry->max < retry->first)
        conf_add_error(errors, node->file, node->line, "give max at least as long as first",
                       "the longest wait (max) is shorter than the first one");
}

/* The statement of the setting `name` in the folder, else in defaults; NULL: none. */
static const ConfNode *find_setting(const ConfNode *node, const ConfNode *defaults,
                                    const char *name)
{
    const ConfNode *statement = conf_find(node, name);

    return statement || !defaults ? statement : conf_find(defaults, name);
}

/* A folder with these settings, whose texts it takes over. */
static Folder *folder_new(const ConfNode *node, FolderSettings *settings,
                          const RetrySettings *retry)
{
    Folder *folder = g_new0(Folder, 1);

    folder->name = g_strdup(node->title);
    folder->path = g_steal_pointer(&settings->path);
    folder->output = g_steal_pointer(&settings->output);
    if (strcmp(settings->copy_to, "none") != 0)
        folder->copy_to = g_steal_pointer(&settings->copy_to);
    folder->recursive = settings->recursive;
    folder->ignore = settings->ignore ? g_steal_pointer(&settings->ignore) : g_new0(char *, 1);
    folder->originals = (Originals) settings->originals;
    folder->duplicates = (Duplicates) settings->duplicates;
    folder->shots = (Shots) settings->shots;
    folder->prefer = (Prefer) settings->prefer;
    folder->gather_ms = settings->gather;
    folder->companions = (Companions) settings->companions;
    folder->chain = settings->chain;
    folder->min_free = settings->min_free;
    folder->sandbox = (SandboxPolicy) settings->sandbox;
    folder->isolate = settings->isolate;
    folder->names = (NameRule) settings->names;
    folder->output_links = settings->output_links;
    folder->status_file = settings->status_file;
    folder->watch = (WatchMethod) settings->watch;
    folder->order = (Order) settings->order;
    folder->priority = settings->priority;
    folder->retry = (RetryPolicy){ .attempts = retry->attempts,
                                   .first_ms = retry->first,
                                   .max_ms = retry->max };
    folder->quiet_ms = settings->quiet;
    folder->incomplete_ms = settings->incomplete;
    folder->deadline_ms = settings->deadline;
    folder->limits = settings->limits;
    folder->ownership = ownership_read(&settings->ownership);
    folder->file = g_strdup(node->file);
    folder->line = node->line;
    return folder;
}

/* Advises on a setting of shots that says nothing without another one. */
static void advise(Draft *draft, const ConfNode *statement, const char *why, const char *fix)
{
    g_autofree char *file = text_escape(statement->file);
    Error *advice = NULL;

    error_set(&advice, ERROR_CONFIG, fix, "%s = %s: %s", statement->name,
              statement->values->len ? (const char *) statement->values->pdata[0] : "", why);
    error_set_where(&advice, "%s:%d", file, statement->line);
    g_ptr_array_add(draft->settings->advice, advice);
}

static void advise_on_shots(Draft *draft, const ConfNode *node, const Folder *folder)
{
    static const char *const of_shots[] = { "prefer", "gather", "companions" };
    const ConfNode *prefer = conf_find(node, "prefer");

    for (size_t i = 0; i < G_N_ELEMENTS(of_shots) && folder->shots == SHOTS_APART; i++) {
        const ConfNode *statement = conf_find(node, of_shots[i]);
        if (statement)
            advise(draft, statement, "it says nothing with shots = apart",
                   "remove it, or write shots = together");
    }
    if (prefer && folder->shots == SHOTS_TOGETHER && folder->prefer != PREFER_JPEG &&
        !folder_takes_raw(folder))
        advise(draft, prefer, "this folder does not accept camera RAW, so that the JPEG is taken",
               "write accept += { raw }");
}

static void add_feedback(Draft *draft, const ConfNode *node, const ConfNode *defaults,
                         const Folder *folder)
{
    const ConfNode *path = conf_find(node, "path");
    const ConfNode *output = find_setting(node, defaults, "output");
    FeedbackFolder paths = { .name = folder->name,
                             .recursive = folder->recursive,
                             .chain = folder->chain };

    if (path && folder->path) {
        paths.path = folder->path;
        paths.path_file = path->file;
        paths.path_line = path->line;
    }
    if (output && folder->output) {
        paths.output = folder->output;
        paths.output_file = output->file;
        paths.output_line = output->line;
    }
    if (folder->copy_to) {
        const ConfNode *copy_to = find_setting(node, defaults, "copy_to");
        paths.copy_to = folder->copy_to;
        paths.copy_to_file = copy_to->file;
        paths.copy_to_line = copy_to->line;
    }
    g_array_append_val(draft->feedback, paths);
}

/* The settings that every folder begins with: built-in ones, then those of `defaults`, which may be
 * NULL. Errors in it are appended where `errors` is not NULL. */
static void inherit(const ConfNode *defaults, FolderSettings *settings, RetrySettings *retry,
                    GPtrArray *errors)
{
    params_set_defaults(folder_settings, settings);
    params_set_defaults(retry_settings, retry);
    if (!defaults)
        return;
    conf_apply(defaults, settings, errors);
    apply_retry(defaults, retry, errors);
}

static void add_folder(Draft *draft, const ConfNode *node, const ConfNode *defaults)
{
    FolderSettings settings = { 0 };
    RetrySettings retry = { 0 };
    const ConfNode *profile = find_setting(node, defaults, "profile");
    Folder *folder = NULL;

    inherit(defaults, &settings, &retry, NULL);
    conf_apply(node, &settings, draft->errors);
    apply_retry(node, &retry, draft->errors);
    conf_require(node, defaults, draft->errors);
    check_ignore(node, draft->errors);
    check_accept(node, draft->errors);
    ownership_check(node, draft->errors);
    folder = folder_new(node, &settings, &retry);
    folder->gather_set = find_setting(node, defaults, "gather") != NULL;
    advise_on_shots(draft, node, folder);
    add_feedback(draft, node, defaults, folder);
    draft_require_formats(draft, find_setting(node, defaults, "accept"), folder->limits.accept);
    if (profile && settings.profile)
        folder->profile = draft_find_profile(draft, settings.profile, profile);
    g_ptr_array_add(draft->settings->folders, folder);
    params_clear(folder_settings, &settings);
}

/* Reports the errors of `defaults` once, whether a folder inherits from it or not. */
static void check_defaults(Draft *draft, const ConfNode *defaults)
{
    FolderSettings settings = { 0 };
    RetrySettings retry = { 0 };

    inherit(defaults, &settings, &retry, draft->errors);
    check_ignore(defaults, draft->errors);
    check_accept(defaults, draft->errors);
    ownership_check(defaults, draft->errors);
    params_clear(folder_settings, &settings);
}

static const ConfNode *find_node(const SettingsFiles *files, const char *name)
{
    for (guint i = 0; i < files->nodes->len; i++) {
        const ConfNode *node = files->nodes->pdata[i];
        if (!strcmp(node->name, name))
            return node;
    }
    return NULL;
}

void draft_add_folders(Draft *draft)
{
    const ConfNode *defaults = find_node(draft->files, "defaults");

    if (defaults)
        check_defaults(draft, defaults);
    for (guint i = 0; i < draft->files->nodes->len; i++) {
        const ConfNode *node = draft->files->nodes->pdata[i];
        if (!strcmp(node->name, "folder"))
            add_folder(draft, node, defaults);
    }
}

void draft_check_folders(Draft *draft)
{
    feedback_check((const FeedbackFolder *) (void *) draft->feedback->data, draft->feedback->len,
                   draft->errors);
}

Folder *draft_batch_folder(Draft *draft, const char *path, const char *output)
{
    FolderSettings settings = { 0 };
    RetrySettings retry = { 0 };
    const ConfNode *defaults = find_node(draft->files, "defaults");
    Folder *folder = g_new0(Folder, 1);

    inherit(defaults, &settings, &retry, draft->errors);
    if (defaults)
        draft_require_formats(draft, conf_find(defaults, "accept"), settings.limits.accept);
    folder->name = g_strdup("batch");
    folder->path = g_strdup(path);
    folder->output = g_strdup(output);
    folder->recursive = true;
    folder->ignore = g_new0(char *, 1);
    folder->originals = ORIGINALS_UNTOUCHED;
    folder->shots = (Shots) settings.shots;
    folder->prefer = (Prefer) settings.prefer;
    folder->sandbox = (SandboxPolicy) settings.sandbox;
    folder->isolate = settings.isolate;
    folder->names = (NameRule) settings.names;
    folder->output_links = settings.output_links;
    folder->retry = (RetryPolicy){ .attempts = 2, .first_ms = 200, .max_ms = 1000 };
    folder->quiet_ms = settings.quiet;
    folder->incomplete_ms = settings.incomplete;
    folder->deadline_ms = settings.deadline;
    folder->limits = settings.limits;
    folder->file = g_strdup("");
    params_clear(folder_settings, &settings);
    return folder;
}
