/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/load.h"

#include <string.h>

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/user.h"
#include "daemon/settings/draft.h"
#include "daemon/settings/folder.h"
#include "daemon/settings/identity.h"
#include "daemon/settings/import_sections.h"
#include "daemon/settings/imports_document.h"
#include "daemon/settings/notice_sections.h"
#include "daemon/settings/programs.h"
#include "daemon/settings/tables.h"

enum { CHECK_MS = 20000 }; /* a watermark may lie on a slow share, but the watchdog waits 30 s */

static void add_profiles(Draft *draft, const SettingsFiles *files)
{
    for (guint i = 0; i < files->nodes->len; i++) {
        const ConfNode *node = files->nodes->pdata[i];

        /* a profile of the user's is added first, and replaces a shipped one of its name */
        if (!strcmp(node->name, "profile") && !settings_find_profile(draft->settings, node->title))
            g_ptr_array_add(draft->settings->profiles, profile_text_new(node));
    }
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void read_shipped(Draft *draft)
{
    g_autofree char *directory = paths_profiles();
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) listing = g_dir_open(directory, 0, NULL);
    const char *name = NULL;

    while (listing && (name = g_dir_read_name(listing)))
        if (g_str_has_suffix(name, ".conf") && *name != '.')
            g_ptr_array_add(names, g_build_filename(directory, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        settings_files_add_profiles(draft->shipped, names->pdata[i]);
}

/* A worker reads these once, at its start: the profiles, the files that they name, its program and
 * the time zone. Newly allocated; NULL where fonts come to it, which lie in many places. */
static char *worker_key(const Settings *settings, const char *profiles, const char *worker)
{
    if (settings_draw_text(settings))
        return NULL;
    GString *key = g_string_new(profiles);
    identity_append(key, worker);
    identity_append(key, "/etc/localtime");
    for (guint i = settings->includes; i < settings->files->len; i++)
        identity_append(key, ((const NamedFile *) settings->files->pdata[i])->path);
    return g_string_free(key, FALSE);
}

/* Whether a check would say what it said before. */
static bool is_checked(const Draft *draft, const char *worker)
{
    const Settings *before = draft->before;

    if (!before || !before->worker_key || g_strcmp0(before->checked, draft->reads->str) != 0)
        return false;
    g_autofree char *now = worker_key(before, before->profiles_text, worker);
    return !g_strcmp0(now, before->worker_key);
}

static void copy_outputs(const GPtrArray *from, GPtrArray *to)
{
    for (guint i = 0; i < from->len; i++) {
        const NamedOutput *output = from->pdata[i];
        g_ptr_array_add(to, named_output_new(output->profile, output->name, output->where));
    }
}

static void take_over(const Settings *before, Settings *settings)
{
    for (guint i = before->includes; i < before->files->len; i++) {
        const NamedFile *file = before->files->pdata[i];
        g_ptr_array_add(settings->files, named_file_new(file->path, file->where));
    }
    copy_outputs(before->names, settings->names);
    copy_outputs(before->renames, settings->renames);
    for (guint i = 0; i < before->tracks->len; i++)
        g_ptr_array_add(settings->tracks, g_strdup(before->tracks->pdata[i]));
    settings->sandbox_lacks = g_strdup(before->sandbox_lacks);
}

/* The document for a worker that processes pictures. It must open the libraries of rare formats
 * before its sandbox closes. Newly allocated. */
static char *worker_document(const Settings *settings, const char *profiles)
{
    unsigned accept = 0;

    for (guint i = 0; i < settings->folders->len; i++)
        accept |= ((const Folder *) settings->folders->pdata[i])->limits.accept;
    g_autofree char *rare = format_words(accept & ~FORMATS_TRUSTED);
    return *rare ? g_strdup_printf("%sreads { accept = { %s } }\n", profiles, rare)
                 : g_strdup(profiles);
}

/* Lets a worker check the profiles in use, and keeps their text for the workers. */
static void check_profiles(Draft *draft, const char *given, const ProfileChecker *checker)
{
    g_autofree char *worker = given ? g_strdup(given) : paths_worker();
    Settings *settings = draft->settings;

    settings->includes = settings->files->len;
    g_autofree char *profiles = profiles_document(draft->used_profiles, settings->programs);
    g_autofree char *imports = imports_document(settings->imports, settings->cameras);
    settings->profiles_text = worker_document(settings, profiles);
    g_string_prepend(draft->reads, profiles);
    g_string_append(draft->reads, imports);
    settings->checked = g_strdup(draft->reads->str);
    if (is_checked(draft, worker))
        take_over(draft->before, settings);
    else if (draft->reads->len)
        profiles_check(worker, checker, draft->reads->str, CHECK_MS, settings, draft->errors);
    settings->worker_key = worker_key(settings, settings->profiles_text, worker);
}

static const NamedOutput *find_rename(const Settings *settings, const char *profile)
{
    for (guint i = 0; i < settings->renames->len; i++) {
        const NamedOutput *rename = settings->renames->pdata[i];
        if (!strcmp(rename->profile, profile))
            return rename;
    }
    return NULL;
}

/* What stays in its place keeps its name, too: the folder's users see it there. */
static void check_renames(const Draft *draft)
{
    for (guint i = 0; i < draft->settings->folders->len; i++) {
        const Folder *folder = draft->settings->folders->pdata[i];
        const NamedOutput *rename =
            folder->profile ? find_rename(draft->settings, folder->profile->name) : NULL;
        if (rename && folder->originals == ORIGINALS_KEEP)
            conf_add_error(draft->errors, folder->file, folder->line,
                           "set originals = done, or choose a profile without rename",
                           "folder \"%s\" keeps its originals in their place, and profile \"%s\" "
                           "(%s) renames them",
                           folder->name, folder->profile->name, rename->where);
    }
}

static void read_operators(Draft *draft, const char *name)
{
    const ConfNode *node = NULL;

    if (!name || !*name || user_group(name, &draft->settings->operators))
        return;
    for (guint i = 0; i < draft->files->trees->len && !node; i++)
        node = conf_find(draft->files->trees->pdata[i], "operators");
    g_autofree char *shown = text_value(name, 60);
    if (node)
        conf_add_error(draft->errors, node->file, node->line,
                       "give a name that `getent group` lists", "operators = %s: no such group",
                       shown);
}

static void read_top(Draft *draft)
{
    TopSettings top = { 0 };

    params_set_defaults(top_settings, &top);
    for (guint i = 0; i < draft->files->trees->len; i++)
        conf_apply(draft->files->trees->pdata[i], &top, draft->errors);
    draft->settings->workers = top.workers ? top.workers : (int) g_get_num_processors();
    draft->settings->memory = top.memory ? top.memory : memory_total("") / 2;
    draft->settings->reconcile_ms = top.reconcile;
    draft->settings->history_ms = top.history;
    draft->settings->stop_ms = top.stop_timeout;
    read_operators(draft, top.operators);
    params_clear(top_settings, &top);
}

/* What every snapshot has: everything outside of folders. file may be NULL. */
static Draft *draft_begin(const char *file, GPtrArray *errors)
{
    Draft *draft = draft_new(file, errors);

    draft->files = file ? settings_files_read(file, errors) : settings_files_new(errors);
    read_top(draft);
    draft_add_programs(draft);
    draft_add_imports(draft);
    add_profiles(draft, draft->files);
    draft->own_profiles = draft->settings->profiles->len;
    read_shipped(draft);
    add_profiles(draft, draft->shipped);
    return draft;
}

/* The snapshot, or NULL when there was an error. */
static Settings *draft_end(Draft *draft)
{
    for (guint i = 0; i < draft->shipped->names->len; i++)
        g_ptr_array_add(draft->files->names, g_strdup(draft->shipped->names->pdata[i]));
    conf_sort_errors(draft->errors, draft->files->names);
    return draft->errors->len > draft->errors_before ? NULL : g_steal_pointer(&draft->settings);
}

/* Every file but the first one, which is the configuration itself. */
static void add_includes(Draft *draft)
{
    for (guint i = 1; i < draft->files->names->len; i++) {
        g_autofree char *top = text_escape(draft->settings->file);

        g_ptr_array_add(draft->settings->files, named_file_new(draft->files->names->pdata[i], top));
    }
}

static Settings *load(const char *file, const char *worker, const Settings *before,
                      GPtrArray *errors)
{
    g_autoptr(Draft) draft = draft_begin(file, errors);

    draft->before = before;
    add_includes(draft);
    draft_add_folders(draft);
    draft_check_folders(draft);
    draft_check_thens(draft);
    draft_check_copies(draft);
    draft_add_notices(draft);
    draft_add_http(draft);
    for (guint i = 0; i < draft->own_profiles; i++) /* also those that no folder uses yet */
        draft_use_profile(draft, draft->settings->profiles->pdata[i]);
    check_profiles(draft, worker, NULL);
    check_renames(draft);
    return draft_end(draft);
}

Settings *settings_load(const char *file, const char *worker, GPtrArray *errors)
{
    return load(file, worker, NULL, errors);
}

Settings *settings_load_again(const Settings *before, GPtrArray *errors)
{
    return load(before->file, NULL, before, errors);
}

Settings *settings_load_batch(const char *file, const ProfileChecker *checker, const char *profile,
                              const char *path, const char *output, GPtrArray *errors)
{
    g_autoptr(Draft) draft = draft_begin(file, errors);
    Folder *folder = draft_batch_folder(draft, path, output);

    g_ptr_array_add(draft->settings->folders, folder);
    folder->profile = draft_find_profile(draft, profile, NULL);
    check_profiles(draft, NULL, checker);
    return draft_end(draft);
}

/* Lets a worker check what it will know. */
static void check_imports(Draft *draft, const ProfileChecker *checker)
{
    Settings *settings = draft->settings;
    g_autofree char *worker = paths_worker();

    settings->profiles_text = imports_document(settings->imports, settings->cameras);
    profiles_check(worker, checker, settings->profiles_text, CHECK_MS, settings, draft->errors);
}

Settings *settings_load_import(const char *file, const ProfileChecker *checker, const char *name,
                               const char *const *copy_to, GPtrArray *errors)
{
    g_autoptr(Draft) draft = draft_begin(file, errors);

    draft_choose_import(draft, name, copy_to);
    draft_add_folders(draft);
    draft_check_thens(draft);
    draft_check_destinations(draft);
    check_imports(draft, checker);
    return draft_end(draft);
}

Settings *settings_load_profiles(const char *file)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Draft) draft = draft_begin(file, errors);

    return g_steal_pointer(&draft->settings);
}

char *settings_watcher_of(const char *file, const char *path)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Draft) draft = draft_begin(file, errors);

    draft_add_folders(draft);
    const FeedbackFolder *watcher = feedback_watcher(
        (const FeedbackFolder *) (void *) draft->feedback->data, draft->feedback->len, path);
    return watcher ? g_strdup(watcher->name) : NULL;
}

bool settings_have_import(const char *file)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(SettingsFiles) files = settings_files_read(file, errors);
    bool found = false;

    for (guint i = 0; i < files->nodes->len && !found; i++)
        found = !strcmp(((const ConfNode *) files->nodes->pdata[i])->name, "import");
    return found;
}

Http *settings_load_http(const char *file, Sources *sources, GPtrArray *errors)
{
    g_autoptr(Draft) draft = draft_new(file, errors);

    draft->files = settings_files_read_noted(file, sources, errors);
    draft_add_http(draft);
    return errors->len ? NULL : g_steal_pointer(&draft->settings->http);
}
