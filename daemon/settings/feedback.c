/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/feedback.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "config/conf.h"
#include "daemon/files/async.h"
#include "daemon/files/mounts.h"

enum { ANSWER_MS = 2000 };

/* ---- locations ---- */

/* A path, or a directory above it. */
typedef struct Ancestor {
    dev_t dev;
    ino_t ino;
    size_t length; /* of its part of the real path, in bytes */
} Ancestor;

/* A path, and what is known of where it leads. */
typedef struct Location {
    char *real;
    GPtrArray *aliases; /* of char *: see aliases_of() */
    GArray *ancestors;  /* of Ancestor: those that exist, the deepest first */
    bool exists;        /* the first ancestor is the path itself */
} Location;

/* Two exports of one server have one device number and the same top, so both paths are compared. */
static bool is_same_directory(const char *alias, const char *path)
{
    struct stat a, b;

    return stat(alias, &a) < 0 || stat(path, &b) < 0 ||
           (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* Every path that leads to what the real path `path` names: itself, and one for each other mount of
 * that part of its file system. Newly allocated. */
static GPtrArray *aliases_of(const GPtrArray *mounts, const char *path)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    const Mount *home = mounts_find(mounts, path);
    const char *rest = NULL;
    g_autofree char *inside = NULL; /* the path within the file system */

    g_ptr_array_add(paths, g_strdup(path));
    if (!home)
        return paths;
    rest = mounts_below(path, home->point);
    inside = mounts_join(home->root, rest ? rest : "");
    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        rest = mounts_below(inside, mount->root);
        if (mount == home || !rest || strcmp(mount->device, home->device) != 0)
            continue;
        g_autofree char *alias = mounts_join(mount->point, rest);
        if (is_same_directory(alias, path))
            g_ptr_array_add(paths, g_steal_pointer(&alias));
    }
    return paths;
}

static GArray *ancestors_of(const char *path)
{
    GArray *ancestors = g_array_new(FALSE, FALSE, sizeof(Ancestor));
    g_autofree char *head = g_strdup(path);

    for (;;) {
        struct stat st;

        if (stat(head, &st) == 0) {
            Ancestor ancestor = { .dev = st.st_dev, .ino = st.st_ino, .length = strlen(head) };
            g_array_append_val(ancestors, ancestor);
        }
        if (!strcmp(head, "/"))
            return ancestors;
        char *parent = g_path_get_dirname(head);
        g_free(head);
        head = parent;
    }
}

static void location_free(Location *location)
{
    if (!location)
        return;
    g_free(location->real);
    g_clear_pointer(&location->aliases, g_ptr_array_unref);
    g_clear_pointer(&location->ancestors, g_array_unref);
    g_free(location);
}

/* The search for a location, in a thread of its own. */
typedef struct Search {
    GPtrArray *mounts;
    char *path;
    Location *location;
} Search;

static void run_search(void *data)
{
    const Search *search = data;
    Location *location = search->location;

    location->real = mounts_real_path(search->path);
    location->aliases = aliases_of(search->mounts, location->real);
    location->ancestors = ancestors_of(location->real);
    location->exists =
        location->ancestors->len &&
        g_array_index(location->ancestors, Ancestor, 0).length == strlen(location->real);
}

static void search_free(void *data)
{
    Search *search = data;

    g_ptr_array_unref(search->mounts);
    g_free(search->path);
    location_free(search->location);
    g_free(search);
}

/* Of a path on a share that does not respond only its text is known. */
static Location *location_by_text(const char *path)
{
    Location *location = g_new0(Location, 1);

    location->real = g_strdup(path);
    location->aliases = g_ptr_array_new_with_free_func(g_free);
    location->ancestors = g_array_new(FALSE, FALSE, sizeof(Ancestor));
    g_ptr_array_add(location->aliases, g_strdup(path));
    return location;
}

/* Newly allocated; NULL for no path. A mount that did not respond is not asked again. */
static Location *find_location(GPtrArray *mounts, const char *path, GHashTable *unresponsive)
{
    if (!path)
        return NULL;
    const Mount *mount = mounts_find(mounts, path);
    /* A link may have led from / to the share; / itself responds. */
    const char *point = mount && strcmp(mount->point, "/") != 0 ? mount->point : path;
    if (g_hash_table_contains(unresponsive, point))
        return location_by_text(path);
    Search *data = g_new0(Search, 1);
    *data = (Search){ g_ptr_array_ref(mounts), g_strdup(path), g_new0(Location, 1) };
    AsyncCall *search = async_start(run_search, data, search_free);
    Location *location = NULL;
    if (async_wait(search, ANSWER_MS)) {
        location = g_steal_pointer(&data->location);
    } else {
        location = location_by_text(path);
        g_hash_table_add(unresponsive, g_strdup(point));
    }
    async_abandon(search);
    return location;
}

/* As mounts_below(), but compares each ancestor by its inode: this finds bind mounts without /proc,
 * and names in another case where the file system makes no difference. */
static const char *below_by_inode(const Location *location, const Location *directory)
{
    const Ancestor *wanted = (const Ancestor *) (const void *) directory->ancestors->data;

    for (guint i = 0; directory->exists && i < location->ancestors->len; i++) {
        const Ancestor *ancestor = &g_array_index(location->ancestors, Ancestor, i);
        if (ancestor->dev == wanted->dev && ancestor->ino == wanted->ino) {
            const char *rest = location->real + ancestor->length;
            return rest + strspn(rest, "/");
        }
    }
    return NULL;
}

/* The path of `location` below `directory`, borrowed; "" for the directory itself, NULL where no
 * alias lies inside. */
static const char *inside(const Location *location, const Location *directory)
{
    for (guint i = 0; i < location->aliases->len; i++) {
        const char *rest = mounts_below(location->aliases->pdata[i], directory->real);
        if (rest)
            return rest;
    }
    return below_by_inode(location, directory);
}

static bool is_reserved(const char *rest)
{
    static const char *const own[] = { "done", "failed", "trash" };

    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        if (mounts_below(rest, own[i]))
            return true;
    return false;
}

/* A folder and its two locations; NULL where a path isn't known. */
typedef struct FolderLocations {
    const FeedbackFolder *folder;
    Location *path, *output, *copy_to;
} FolderLocations;

/* Whether the folder of `entry` watches the location. */
static bool watches(const FolderLocations *entry, const Location *location)
{
    const char *rest = inside(location, entry->path);

    return rest && (!*rest || (entry->folder->recursive && !is_reserved(rest)));
}

static bool same(const Location *a, const Location *b)
{
    const char *rest = inside(a, b);

    return rest && !*rest;
}

/* ---- errors ---- */

/* Where its path is set, newly allocated. */
static char *path_place(const FeedbackFolder *folder)
{
    g_autofree char *file = text_escape(folder->path_file);

    return folder->path_line ? g_strdup_printf("%s:%d", file, folder->path_line)
                             : g_steal_pointer(&file);
}

/* Two folders; the error is reported where the path of the second one is set. */
static void check_pair(const FolderLocations *first, const FolderLocations *second,
                       GPtrArray *errors)
{
    const FeedbackFolder *a = first->folder, *b = second->folder;
    g_autofree char *a_shown = text_escape(a->path);
    g_autofree char *b_shown = text_escape(b->path);
    g_autofree char *place = path_place(a);
    const char *how = NULL;

    if (same(second->path, first->path))
        how = "the same as";
    else if (watches(first, second->path))
        how = "inside";
    else if (watches(second, first->path))
        how = "contains";
    if (!how)
        return;
    conf_add_error(errors, b->path_file, b->path_line,
                   !strcmp(how, "the same as")
                       ? "give each folder a directory of its own"
                       : "move it, or set recursive = no in the outer folder",
                   "path = %s: %s %s, which folder \"%s\" (%s) watches", b_shown, how, a_shown,
                   a->name, place);
}

/* True where the output of `from` feeds another folder that has `chain`. */
static bool check_output(const FolderLocations *watcher, const FolderLocations *from,
                         GPtrArray *errors)
{
    const FeedbackFolder *folder = from->folder;
    g_autofree char *output = text_escape(folder->output);
    g_autofree char *path = text_escape(watcher->folder->path);
    g_autofree char *file_shown = text_escape(watcher->folder->path_file);

    if (!watches(watcher, from->output))
        return false;
    if (watcher != from && watcher->folder->chain)
        return true;
    if (watcher == from && same(from->output, from->path))
        conf_add_error(errors, folder->output_file, folder->output_line,
                       "give finished pictures a directory of their own",
                       "output = %s: the same directory as path", output);
    else
        conf_add_error(errors, folder->output_file, folder->output_line,
                       watcher == from ? "choose a directory outside of all watched ones"
                                       : "choose a directory outside of all watched ones, or set "
                                         "chain = yes in that folder to let it take them",
                       "output = %s: a loop, because folder \"%s\" (%s:%d) watches %s", output,
                       watcher->folder->name, file_shown, watcher->folder->path_line, path);
    return false;
}

/* A copy that a folder takes would be moved away, or copied again. */
static void check_copy(const FolderLocations *watcher, const FolderLocations *from,
                       GPtrArray *errors)
{
    const FeedbackFolder *folder = from->folder;
    g_autofree char *copy_to = NULL, *path = NULL, *file = NULL;

    if (!watches(watcher, from->copy_to))
        return;
    copy_to = text_escape(folder->copy_to);
    path = text_escape(watcher->folder->path);
    file = text_escape(watcher->folder->path_file);
    conf_add_error(errors, folder->copy_to_file, folder->copy_to_line,
                   "choose a directory outside of all watched ones",
                   "copy_to = %s: folder \"%s\" (%s:%d) watches %s, and would take the copies",
                   copy_to, watcher->folder->name, file, watcher->folder->path_line, path);
}

static void check_copies(const FolderLocations *entries, unsigned count, GPtrArray *errors)
{
    for (unsigned from = 0; from < count; from++)
        for (unsigned watcher = 0; watcher < count; watcher++)
            if (entries[from].copy_to && entries[watcher].path)
                check_copy(&entries[watcher], &entries[from], errors);
}

/* feeds[a * count + b]: b takes what a makes, directly; afterwards, directly or through others. */
static void close_transitively(bool *feeds, unsigned count)
{
    for (unsigned by = 0; by < count; by++)
        for (unsigned from = 0; from < count; from++)
            for (unsigned to = 0; feeds[from * count + by] && to < count; to++)
                feeds[from * count + to] |= feeds[by * count + to];
}

/* Reports each output whose pictures come back to its own folder. */
static void check_circles(const FolderLocations *entries, unsigned count, bool *feeds,
                          GPtrArray *errors)
{
    g_autofree bool *direct = g_memdup2(feeds, (gsize) count * count * sizeof(bool));

    close_transitively(feeds, count);
    for (unsigned from = 0; from < count; from++)
        for (unsigned to = 0; to < count; to++) {
            const FeedbackFolder *folder = entries[from].folder;
            g_autofree char *output = NULL;
            if (!direct[from * count + to] || !feeds[to * count + from])
                continue;
            output = text_escape(folder->output);
            conf_add_error(errors, folder->output_file, folder->output_line,
                           "break the loop: give one of the folders another output",
                           "output = %s: a loop, because what folder \"%s\" makes of it comes back "
                           "to folder \"%s\"",
                           output, entries[to].folder->name, folder->name);
        }
}

static void check_entries(const FolderLocations *entries, unsigned count, GPtrArray *errors)
{
    g_autofree bool *feeds = g_new0(bool, (gsize) count *count + 1);

    for (unsigned b = 0; b < count; b++)
        for (unsigned a = 0; a < b; a++)
            if (entries[a].path && entries[b].path)
                check_pair(&entries[a], &entries[b], errors);
    for (unsigned from = 0; from < count; from++)
        for (unsigned watcher = 0; watcher < count; watcher++)
            if (entries[from].output && entries[watcher].path)
                feeds[from * count + watcher] =
                    check_output(&entries[watcher], &entries[from], errors);
    check_copies(entries, count, errors);
    check_circles(entries, count, feeds, errors);
}

void feedback_check(const FeedbackFolder *folders, unsigned count, GPtrArray *errors)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autofree FolderLocations *entries = g_new0(FolderLocations, count);
    g_autoptr(GHashTable) unresponsive =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (unsigned i = 0; i < count; i++) {
        entries[i].folder = &folders[i];
        entries[i].path = find_location(mounts, folders[i].path, unresponsive);
        entries[i].output = find_location(mounts, folders[i].output, unresponsive);
        entries[i].copy_to = find_location(mounts, folders[i].copy_to, unresponsive);
    }
    check_entries(entries, count, errors);
    for (unsigned i = 0; i < count; i++) {
        location_free(entries[i].path);
        location_free(entries[i].output);
        location_free(entries[i].copy_to);
    }
}

const FeedbackFolder *feedback_watcher(const FeedbackFolder *folders, unsigned count,
                                       const char *path)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autoptr(GHashTable) unresponsive =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Location *location = find_location(mounts, path, unresponsive);
    const FeedbackFolder *watcher = NULL;

    for (unsigned i = 0; i < count && !watcher; i++) {
        FolderLocations entry = { .folder = &folders[i] };
        entry.path = find_location(mounts, folders[i].path, unresponsive);
        if (location && entry.path && watches(&entry, location))
            watcher = &folders[i];
        location_free(entry.path);
    }
    location_free(location);
    return watcher;
}
