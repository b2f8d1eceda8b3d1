#include "daemon/settings/snapshot.h"

#include <string.h>

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "config/conf_text.h"
#include "daemon/settings/draft.h"
#include "daemon/settings/profiles.h"

enum {
    CHECK_MS = 20000, /* a watermark may lie on a slow share, but the watchdog waits 30 s only */
    NAMES_MAX = 256,  /* profiles that a guess considers */
};

/* Snapshot. */

static void folder_free(void *data)
{
    Folder *folder = data;

    g_free(folder->name);
    g_free(folder->path);
    g_free(folder->output);
    g_strfreev(folder->ignore);
    g_free(folder->file);
    g_free(folder);
}

static Settings *settings_new(const char *file)
{
    Settings *settings = g_new0(Settings, 1);

    atomic_init(&settings->refs, 1);
    settings->file = g_strdup(file);
    settings->files = g_ptr_array_new_with_free_func((GDestroyNotify) named_file_free);
    settings->folders = g_ptr_array_new_with_free_func(folder_free);
    settings->profiles = g_ptr_array_new_with_free_func((GDestroyNotify) profile_text_free);
    return settings;
}

Settings *settings_ref(Settings *settings)
{
    atomic_fetch_add(&settings->refs, 1);
    return settings;
}

void settings_unref(Settings *settings)
{
    if (!settings || atomic_fetch_sub(&settings->refs, 1) != 1)
        return;
    g_free(settings->file);
    g_ptr_array_unref(settings->files);
    g_ptr_array_unref(settings->folders);
    g_ptr_array_unref(settings->profiles);
    g_free(settings->profiles_text);
    g_free(settings);
}

const Folder *settings_folder(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (!strcmp(folder->name, name))
            return folder;
    }
    return NULL;
}

const ProfileText *settings_profile(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->profiles->len; i++) {
        const ProfileText *profile = settings->profiles->pdata[i];
        if (!strcmp(profile->name, name))
            return profile;
    }
    return NULL;
}

/* Draft. */

static Draft *draft_new(const char *file, GPtrArray *mistakes)
{
    Draft *draft = g_new0(Draft, 1);

    draft->settings = settings_new(file);
    draft->shipped_mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    draft->shipped = settings_files_new(draft->shipped_mistakes);
    draft->used = g_ptr_array_new();
    draft->reads = g_string_new(NULL);
    draft->loops = g_array_new(FALSE, TRUE, sizeof(LoopFolder));
    draft->mistakes = mistakes;
    draft->before = mistakes->len;
    return draft;
}

static void draft_free(Draft *draft)
{
    if (!draft)
        return;
    settings_unref(draft->settings);
    settings_files_free(draft->files);
    settings_files_free(draft->shipped);
    g_ptr_array_unref(draft->shipped_mistakes);
    g_ptr_array_unref(draft->used);
    g_string_free(draft->reads, TRUE);
    g_array_unref(draft->loops);
    g_free(draft);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Draft, draft_free)

/* Profiles. */

static void add_profiles(Draft *draft, const SettingsFiles *files)
{
    for (guint i = 0; i < files->nodes->len; i++) {
        const ConfNode *node = files->nodes->pdata[i];

        /* the user's are added first, and win */
        if (!strcmp(node->name, "profile") && !settings_profile(draft->settings, node->title))
            g_ptr_array_add(draft->settings->profiles, profile_text_new(node));
    }
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void read_shipped(Draft *draft)
{
    g_autofree char *directory = places_profiles();
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

/* What to do about a profile that isn't there; newly allocated. */
static char *profile_advice(const Settings *settings, const char *name)
{
    const char *names[NAMES_MAX + 1] = { NULL };
    g_autofree char *all = NULL;
    guint count = MIN(settings->profiles->len, NAMES_MAX);
    const char *meant = NULL;

    for (guint i = 0; i < count; i++)
        names[i] = ((const ProfileText *) settings->profiles->pdata[i])->name;
    meant = text_closest(name, names);
    if (meant)
        return g_strdup_printf("did you mean %s?", meant);
    if (!count)
        return g_strdup_printf("write profile \"%s\" { ... }", name);
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < count; i++)
        g_string_append_printf(list, "%s%s", i ? ", " : "", names[i]);
    all = g_string_free(list, FALSE);
    return g_strdup_printf("there are: %s", all);
}

static void use_profile(Draft *draft, const ProfileText *profile)
{
    if (!g_ptr_array_find(draft->used, profile, NULL))
        g_ptr_array_add(draft->used, (gpointer) (guintptr) profile);
}

/* Appends what was wrong in the shipped files: one of them may have had the missing profile. */
static void tell_shipped(Draft *draft)
{
    while (draft->shipped_mistakes->len)
        g_ptr_array_add(draft->mistakes, g_ptr_array_steal_index(draft->shipped_mistakes, 0));
}

const ProfileText *draft_find_profile(Draft *draft, const char *name, const ConfNode *said)
{
    const ProfileText *profile = settings_profile(draft->settings, name);
    g_autofree char *key = g_strdup_printf("profile \"%s\"", name);
    g_autofree char *shown = text_shorten(name, 60);
    g_autofree char *advice = NULL;
    Error *mistake = NULL;

    if (profile)
        use_profile(draft, profile);
    if (profile || g_hash_table_contains(draft->files->stated, key))
        return profile;
    advice = profile_advice(draft->settings, name);
    error_set(&mistake, ERROR_SETUP, advice, "%s%s: no such profile", said ? "profile = " : "",
              shown);
    if (said) {
        g_autofree char *file = text_escape(said->file);
        error_where(&mistake, "%s:%d", file, said->line);
    }
    g_ptr_array_add(draft->mistakes, mistake);
    tell_shipped(draft);
    return NULL;
}

void draft_ask_reads(Draft *draft, const ConfNode *accept, unsigned formats)
{
    g_autofree char *place = accept ? conf_line(accept->file, accept->line) : NULL;
    g_autofree char *list = format_list(formats);

    if (place && *list && !strstr(draft->reads->str, place))
        g_string_append_printf(draft->reads, "%sreads { accept = { %s } }\n", place, list);
}

/* Has a worker look at the profiles in use, and keeps their text for the workers. */
static void check_profiles(Draft *draft, const char *worker)
{
    g_autofree char *installed = worker ? NULL : places_worker();

    draft->settings->profiles_text = profiles_document(draft->used);
    g_string_prepend(draft->reads, draft->settings->profiles_text);
    if (draft->reads->len)
        profiles_check(worker ? worker : installed, draft->reads->str, CHECK_MS,
                       draft->settings->files, draft->mistakes);
}

/* Loading. */

static void read_top(Draft *draft)
{
    TopSettings top = { 0 };

    params_default(top_settings, &top);
    for (guint i = 0; i < draft->files->trees->len; i++)
        conf_apply(draft->files->trees->pdata[i], &top, draft->mistakes);
    draft->settings->workers = top.workers ? top.workers : (int) g_get_num_processors();
    draft->settings->memory = top.memory ? top.memory : memory_of_machine("") / 2;
    draft->settings->reconcile_ms = top.reconcile;
    draft->settings->history_ms = top.history;
    draft->settings->stop_ms = top.stop_timeout;
}

/* What all snapshots have: everything outside of folders. file may be NULL. */
static Draft *draft_begin(const char *file, GPtrArray *mistakes)
{
    Draft *draft = draft_new(file, mistakes);

    draft->files = file ? settings_files_read(file, mistakes) : settings_files_new(mistakes);
    read_top(draft);
    add_profiles(draft, draft->files);
    draft->own = draft->settings->profiles->len;
    read_shipped(draft);
    add_profiles(draft, draft->shipped);
    return draft;
}

/* The snapshot, or NULL when there was a mistake. */
static Settings *draft_end(Draft *draft)
{
    for (guint i = 0; i < draft->shipped->names->len; i++)
        g_ptr_array_add(draft->files->names, g_strdup(draft->shipped->names->pdata[i]));
    conf_sort(draft->mistakes, draft->files->names);
    return draft->mistakes->len > draft->before ? NULL : g_steal_pointer(&draft->settings);
}

/* The first one is the configuration itself. */
static void note_includes(Draft *draft)
{
    for (guint i = 1; i < draft->files->names->len; i++) {
        g_autofree char *top = text_escape(draft->settings->file);

        g_ptr_array_add(draft->settings->files, named_file_new(draft->files->names->pdata[i], top));
    }
}

Settings *settings_load(const char *file, const char *worker, GPtrArray *mistakes)
{
    g_autoptr(Draft) draft = draft_begin(file, mistakes);

    note_includes(draft);
    draft_add_folders(draft);
    for (guint i = 0; i < draft->own; i++) /* also those that no folder uses yet */
        use_profile(draft, draft->settings->profiles->pdata[i]);
    check_profiles(draft, worker);
    return draft_end(draft);
}

Settings *settings_for_batch(const char *file, const char *worker, const char *profile,
                             const char *path, const char *output, GPtrArray *mistakes)
{
    g_autoptr(Draft) draft = draft_begin(file, mistakes);
    Folder *folder = draft_batch_folder(draft, path, output);

    g_ptr_array_add(draft->settings->folders, folder);
    folder->profile = draft_find_profile(draft, profile, NULL);
    check_profiles(draft, worker);
    return draft_end(draft);
}

Settings *settings_of_profiles(const char *file)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Draft) draft = draft_begin(file, mistakes);

    return g_steal_pointer(&draft->settings);
}
