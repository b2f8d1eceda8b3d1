#include "daemon/settings.h"

#include <dirent.h>
#include <string.h>

#include "base/memory.h"
#include "base/places.h"
#include "base/text.h"
#include "daemon/loops.h"
#include "daemon/profiles.h"
#include "daemon/settings_read.h"

enum {
    CHECK_MS = 20000, /* a watermark may lie on a slow share, but the watchdog waits 30 s only */
    NAMES_MAX = 256,  /* profiles that a guess considers */
};

/* A snapshot in the making. */
typedef struct Draft {
    Settings *settings;
    SettingsFiles *files; /* the user's */
    SettingsFiles *shipped;
    GPtrArray *shipped_mistakes;
    GPtrArray *used; /* of ProfileText, borrowed: those that a worker is started with */
    GString *reads;  /* what a worker has to be able to read, see worker/profile.h */
    GArray *loops;   /* of LoopFolder */
    GPtrArray *mistakes;
    guint before; /* mistakes that were there when we began */
    guint own;    /* the first so many profiles are the user's */
} Draft;

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

/* The profile called `name`, which is checked then; NULL, with a mistake appended, if there is
 * none. One that was written wrongly has been reported already. `said` is where it was asked for,
 * or NULL for the command line. */
static const ProfileText *find_profile(Draft *draft, const char *name, const ConfNode *said)
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

/* Notes that these formats have to be readable, which not every libvips can: once for each place
 * that says so. */
static void ask_reads(Draft *draft, const ConfNode *accept, unsigned formats)
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

/* Folders. */

static void check_accept(const ConfNode *section, GPtrArray *mistakes)
{
    const ConfNode *node = conf_find(section, "accept");

    if (node && !node->append && !node->values->len)
        conf_mistake(mistakes, node->file, node->line, "name at least one format",
                     "accept = { }: no picture would be worked on");
}

static void check_ignore(const ConfNode *section, GPtrArray *mistakes)
{
    const ConfNode *node = conf_find(section, "ignore");

    for (guint i = 0; node && i < node->values->len; i++) {
        g_autofree char *shown = text_shorten(node->values->pdata[i], 60);
        if (strchr(node->values->pdata[i], '/'))
            conf_mistake(mistakes, node->file, node->line, "give the pattern of a name, without /",
                         "ignore = %s: a pattern is compared with names and not with paths", shown);
    }
}

/* Reads a `retry` section over what is in `retry`; mistakes may be NULL. */
static void apply_retry(const ConfNode *section, RetrySettings *retry, GPtrArray *mistakes)
{
    const ConfNode *node = conf_find(section, "retry");

    if (!node)
        return;
    conf_apply(node, retry, mistakes);
    if (mistakes && retry->max < retry->first)
        conf_mistake(mistakes, node->file, node->line, "give max at least as long as first",
                     "the longest wait (max) is shorter than the first one");
}

/* Where the setting `name` of a folder was said: in the folder, else in defaults; NULL: nowhere. */
static const ConfNode *said_in(const ConfNode *node, const ConfNode *defaults, const char *name)
{
    const ConfNode *said = conf_find(node, name);

    return said || !defaults ? said : conf_find(defaults, name);
}

/* Takes what was said over into a folder. */
static Folder *folder_new(const ConfNode *node, FolderSettings *said, const RetrySettings *retry)
{
    Folder *folder = g_new0(Folder, 1);

    folder->name = g_strdup(node->title);
    folder->path = g_steal_pointer(&said->path);
    folder->output = g_steal_pointer(&said->output);
    folder->recursive = said->recursive;
    folder->ignore = said->ignore ? g_steal_pointer(&said->ignore) : g_new0(char *, 1);
    folder->originals = (Originals) said->originals;
    folder->duplicates = (Duplicates) said->duplicates;
    folder->chain = said->chain;
    folder->min_free = said->min_free;
    folder->sandbox = (SandboxPolicy) said->sandbox;
    folder->isolate = said->isolate;
    folder->watch = (WatchWay) said->watch;
    folder->retry = (RetryPolicy){ .attempts = retry->attempts,
                                   .first_ms = retry->first,
                                   .max_ms = retry->max };
    folder->quiet_ms = said->quiet;
    folder->incomplete_ms = said->incomplete;
    folder->deadline_ms = said->deadline;
    folder->limits = said->limits;
    folder->rights = rights_read(&said->rights);
    folder->file = g_strdup(node->file);
    folder->line = node->line;
    return folder;
}

static void add_loop(Draft *draft, const ConfNode *node, const ConfNode *defaults,
                     const Folder *folder)
{
    const ConfNode *path = conf_find(node, "path");
    const ConfNode *output = said_in(node, defaults, "output");
    LoopFolder loop = { .name = folder->name,
                        .recursive = folder->recursive,
                        .chain = folder->chain };

    if (path && folder->path) {
        loop.path = folder->path;
        loop.path_file = path->file;
        loop.path_line = path->line;
    }
    if (output && folder->output) {
        loop.output = folder->output;
        loop.output_file = output->file;
        loop.output_line = output->line;
    }
    g_array_append_val(draft->loops, loop);
}

/* What every folder begins with: built in, then said in `defaults`, which may be NULL. Mistakes in
 * it are reported if mistakes isn't NULL. */
static void inherit(const ConfNode *defaults, FolderSettings *said, RetrySettings *retry,
                    GPtrArray *mistakes)
{
    params_default(folder_settings, said);
    params_default(retry_settings, retry);
    if (!defaults)
        return;
    conf_apply(defaults, said, mistakes);
    apply_retry(defaults, retry, mistakes);
}

static void add_folder(Draft *draft, const ConfNode *node, const ConfNode *defaults)
{
    FolderSettings said = { 0 };
    RetrySettings retry = { 0 };
    const ConfNode *profile = said_in(node, defaults, "profile");
    Folder *folder = NULL;

    inherit(defaults, &said, &retry, NULL);
    conf_apply(node, &said, draft->mistakes);
    apply_retry(node, &retry, draft->mistakes);
    conf_demand(node, defaults, draft->mistakes);
    check_ignore(node, draft->mistakes);
    check_accept(node, draft->mistakes);
    rights_check(node, draft->mistakes);
    folder = folder_new(node, &said, &retry);
    add_loop(draft, node, defaults, folder);
    ask_reads(draft, said_in(node, defaults, "accept"), folder->limits.accept);
    if (profile && said.profile)
        folder->profile = find_profile(draft, said.profile, profile);
    g_ptr_array_add(draft->settings->folders, folder);
    params_clear(folder_settings, &said);
}

/* Reports the mistakes of `defaults` once, whether a folder inherits from it or not. */
static void check_defaults(Draft *draft, const ConfNode *defaults)
{
    FolderSettings said = { 0 };
    RetrySettings retry = { 0 };

    inherit(defaults, &said, &retry, draft->mistakes);
    check_ignore(defaults, draft->mistakes);
    check_accept(defaults, draft->mistakes);
    rights_check(defaults, draft->mistakes);
    params_clear(folder_settings, &said);
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

static void add_folders(Draft *draft)
{
    const ConfNode *defaults = find_node(draft->files, "defaults");

    if (defaults)
        check_defaults(draft, defaults);
    for (guint i = 0; i < draft->files->nodes->len; i++) {
        const ConfNode *node = draft->files->nodes->pdata[i];
        if (!strcmp(node->name, "folder"))
            add_folder(draft, node, defaults);
    }
    loops_check((const LoopFolder *) (void *) draft->loops->data, draft->loops->len,
                draft->mistakes);
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
    add_folders(draft);
    for (guint i = 0; i < draft->own; i++) /* also those that no folder uses yet */
        use_profile(draft, draft->settings->profiles->pdata[i]);
    check_profiles(draft, worker);
    return draft_end(draft);
}

/* The one folder of a batch, whose limits are those of `defaults`, and whose outputs are those of
 * the person who runs it. Nothing waits there: a picture
 * is tried twice, since its worker may have been taken down by another one, and that is all. */
static Folder *batch_folder(Draft *draft, const char *path, const char *output)
{
    FolderSettings said = { 0 };
    RetrySettings retry = { 0 };
    const ConfNode *defaults = find_node(draft->files, "defaults");
    Folder *folder = g_new0(Folder, 1);

    inherit(defaults, &said, &retry, draft->mistakes);
    if (defaults)
        ask_reads(draft, conf_find(defaults, "accept"), said.limits.accept);
    folder->name = g_strdup("batch");
    folder->path = g_strdup(path);
    folder->output = g_strdup(output);
    folder->recursive = true;
    folder->ignore = g_new0(char *, 1);
    folder->originals = ORIGINALS_UNTOUCHED;
    folder->sandbox = (SandboxPolicy) said.sandbox;
    folder->isolate = said.isolate;
    folder->retry = (RetryPolicy){ .attempts = 2, .first_ms = 200, .max_ms = 1000 };
    folder->quiet_ms = said.quiet;
    folder->incomplete_ms = said.incomplete;
    folder->deadline_ms = said.deadline;
    folder->limits = said.limits;
    folder->file = g_strdup("");
    params_clear(folder_settings, &said);
    return folder;
}

Settings *settings_for_batch(const char *file, const char *worker, const char *profile,
                             const char *path, const char *output, GPtrArray *mistakes)
{
    g_autoptr(Draft) draft = draft_begin(file, mistakes);
    Folder *folder = batch_folder(draft, path, output);

    g_ptr_array_add(draft->settings->folders, folder);
    folder->profile = find_profile(draft, profile, NULL);
    check_profiles(draft, worker);
    return draft_end(draft);
}

Settings *settings_of_profiles(const char *file)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Draft) draft = draft_begin(file, mistakes);

    return g_steal_pointer(&draft->settings);
}
