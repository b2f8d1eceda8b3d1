#include "daemon/settings/load.h"

#include <string.h>

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "daemon/settings/draft.h"
#include "daemon/settings/folder.h"
#include "daemon/settings/profiles.h"
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

/* Lets a worker check the profiles in use, and keeps their text for the workers. */
static void check_profiles(Draft *draft, const char *worker)
{
    g_autofree char *installed = worker ? NULL : paths_worker();

    draft->settings->profiles_text = profiles_document(draft->used_profiles);
    g_string_prepend(draft->reads, draft->settings->profiles_text);
    if (draft->reads->len)
        profiles_check(worker ? worker : installed, draft->reads->str, CHECK_MS, draft->settings,
                       draft->errors);
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
}

/* What every snapshot has: everything outside of folders. file may be NULL. */
static Draft *draft_begin(const char *file, GPtrArray *errors)
{
    Draft *draft = draft_new(file, errors);

    draft->files = file ? settings_files_read(file, errors) : settings_files_new(errors);
    read_top(draft);
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

Settings *settings_load(const char *file, const char *worker, GPtrArray *errors)
{
    g_autoptr(Draft) draft = draft_begin(file, errors);

    add_includes(draft);
    draft_add_folders(draft);
    for (guint i = 0; i < draft->own_profiles; i++) /* also those that no folder uses yet */
        draft_use_profile(draft, draft->settings->profiles->pdata[i]);
    check_profiles(draft, worker);
    return draft_end(draft);
}

Settings *settings_load_batch(const char *file, const char *worker, const char *profile,
                              const char *path, const char *output, GPtrArray *errors)
{
    g_autoptr(Draft) draft = draft_begin(file, errors);
    Folder *folder = draft_batch_folder(draft, path, output);

    g_ptr_array_add(draft->settings->folders, folder);
    folder->profile = draft_find_profile(draft, profile, NULL);
    check_profiles(draft, worker);
    return draft_end(draft);
}

Settings *settings_load_profiles(const char *file)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Draft) draft = draft_begin(file, errors);

    return g_steal_pointer(&draft->settings);
}
