#include "daemon/settings/feedback.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "config/conf.h"
#include "daemon/files/async.h"
#include "daemon/files/mounts.h"

enum { PATIENCE_MS = 2000 };

/* Spots. */

/* A directory on the way up from a path. */
typedef struct Ancestor {
    dev_t dev;
    ino_t ino;
    size_t length; /* of its part of the real path */
} Ancestor;

/* A path and all that is known of where it leads. */
typedef struct Spot {
    char *real;
    GPtrArray *ways;   /* of char *: see ways_to() */
    GArray *ancestors; /* of Ancestor: those that exist, the deepest first */
    bool exists;       /* the first ancestor is the path itself */
} Spot;

/* Two exports of one server are one device, with the same top. */
static bool may_be_same(const char *way, const char *path)
{
    struct stat a, b;

    return stat(way, &a) < 0 || stat(path, &b) < 0 ||
           (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* Every path that leads to what the real path `path` names: itself, and one for each further mount
 * of that part of its file system. Newly allocated. */
static GPtrArray *ways_to(const GPtrArray *mounts, const char *path)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    const Mount *home = mounts_of(mounts, path);
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
        g_autofree char *way = mounts_join(mount->point, rest);
        if (may_be_same(way, path))
            g_ptr_array_add(paths, g_steal_pointer(&way));
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

static void spot_free(Spot *spot)
{
    if (!spot)
        return;
    g_free(spot->real);
    g_clear_pointer(&spot->ways, g_ptr_array_unref);
    g_clear_pointer(&spot->ancestors, g_array_unref);
    g_free(spot);
}

/* A spot that is looked for. */
typedef struct Search {
    GPtrArray *mounts;
    char *path;
    Spot *spot;
} Search;

static void search(void *data)
{
    const Search *search = data;
    Spot *spot = search->spot;

    spot->real = mounts_real_path(search->path);
    spot->ways = ways_to(search->mounts, spot->real);
    spot->ancestors = ancestors_of(spot->real);
    spot->exists = spot->ancestors->len &&
                   g_array_index(spot->ancestors, Ancestor, 0).length == strlen(spot->real);
}

static void search_free(void *data)
{
    Search *search = data;

    g_ptr_array_unref(search->mounts);
    g_free(search->path);
    spot_free(search->spot);
    g_free(search);
}

/* Of a path on a share that does not answer only its text is known. */
static Spot *spot_by_text(const char *path)
{
    Spot *spot = g_new0(Spot, 1);

    spot->real = g_strdup(path);
    spot->ways = g_ptr_array_new_with_free_func(g_free);
    spot->ancestors = g_array_new(FALSE, FALSE, sizeof(Ancestor));
    g_ptr_array_add(spot->ways, g_strdup(path));
    return spot;
}

/* Newly allocated; NULL for no path. A mount that did not answer is not asked again. */
static Spot *find_spot(GPtrArray *mounts, const char *path, GHashTable *silent)
{
    if (!path)
        return NULL;
    const Mount *mount = mounts_of(mounts, path);
    /* A link may have led from / to the share; / itself answers. */
    const char *point = mount && strcmp(mount->point, "/") != 0 ? mount->point : path;
    if (g_hash_table_contains(silent, point))
        return spot_by_text(path);
    Search *data = g_new0(Search, 1);
    *data = (Search){ g_ptr_array_ref(mounts), g_strdup(path), g_new0(Spot, 1) };
    Errand *errand = errand_start(search, data, search_free);
    Spot *spot = NULL;
    if (errand_over(errand, PATIENCE_MS)) {
        spot = g_steal_pointer(&data->spot);
    } else {
        spot = spot_by_text(path);
        g_hash_table_add(silent, g_strdup(point));
    }
    errand_leave(errand);
    return spot;
}

/* As mounts_below(), but every directory on the way up is compared by what it is: this sees bind
 * mounts without /proc, and names in another case where the file system makes no difference. */
static const char *below_by_inode(const Spot *spot, const Spot *directory)
{
    const Ancestor *wanted = &g_array_index(directory->ancestors, Ancestor, 0);

    for (guint i = 0; directory->exists && i < spot->ancestors->len; i++) {
        const Ancestor *ancestor = &g_array_index(spot->ancestors, Ancestor, i);
        if (ancestor->dev == wanted->dev && ancestor->ino == wanted->ino) {
            const char *rest = spot->real + ancestor->length;
            return rest + strspn(rest, "/");
        }
    }
    return NULL;
}

/* The path of `spot` below `directory`, borrowed; "" for the directory itself, NULL where it is not
 * inside by any way. */
static const char *inside(const Spot *spot, const Spot *directory)
{
    for (guint i = 0; i < spot->ways->len; i++) {
        const char *rest = mounts_below(spot->ways->pdata[i], directory->real);
        if (rest)
            return rest;
    }
    return below_by_inode(spot, directory);
}

static bool is_reserved(const char *rest)
{
    static const char *const own[] = { "done", "failed", "trash" };

    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        if (mounts_below(rest, own[i]))
            return true;
    return false;
}

/* A folder with its two spots; NULL where a path isn't known. */
typedef struct Entry {
    const LoopFolder *folder;
    Spot *path, *output;
} Entry;

/* Whether the folder of `entry` watches what is at `spot`. */
static bool watches(const Entry *entry, const Spot *spot)
{
    const char *rest = inside(spot, entry->path);

    return rest && (!*rest || (entry->folder->recursive && !is_reserved(rest)));
}

static bool same(const Spot *a, const Spot *b)
{
    const char *rest = inside(a, b);

    return rest && !*rest;
}

/* Mistakes. */

/* Two folders; the mistake is told where the second one's path was said. */
static void check_pair(const Entry *first, const Entry *second, GPtrArray *mistakes)
{
    const LoopFolder *a = first->folder, *b = second->folder;
    g_autofree char *a_shown = text_escape(a->path);
    g_autofree char *b_shown = text_escape(b->path);
    g_autofree char *place = text_escape(a->path_file);
    const char *how = NULL;

    if (same(second->path, first->path))
        how = "the same as";
    else if (watches(first, second->path))
        how = "inside";
    else if (watches(second, first->path))
        how = "around";
    if (!how)
        return;
    conf_mistake(mistakes, b->path_file, b->path_line,
                 !strcmp(how, "the same as") ? "give each folder a directory of its own"
                                             : "move it, or set recursive = no in the outer folder",
                 "path = %s: %s %s, which folder \"%s\" (%s:%d) watches", b_shown, how, a_shown,
                 a->name, place, a->path_line);
}

/* True when the output of `from` feeds another folder that wants it. */
static bool check_output(const Entry *watcher, const Entry *from, GPtrArray *mistakes)
{
    const LoopFolder *folder = from->folder;
    g_autofree char *output = text_escape(folder->output);
    g_autofree char *path = text_escape(watcher->folder->path);
    g_autofree char *place = text_escape(watcher->folder->path_file);

    if (!watches(watcher, from->output))
        return false;
    if (watcher != from && watcher->folder->chain)
        return true;
    if (watcher == from && same(from->output, from->path))
        conf_mistake(mistakes, folder->output_file, folder->output_line,
                     "give finished pictures a directory of their own",
                     "output = %s: the same directory as path", output);
    else
        conf_mistake(mistakes, folder->output_file, folder->output_line,
                     watcher == from ? "choose a directory outside of every watched one"
                                     : "choose a directory outside of every watched one, or set "
                                       "chain = yes in that folder if it shall take them",
                     "output = %s: a loop, because folder \"%s\" (%s:%d) watches %s", output,
                     watcher->folder->name, place, watcher->folder->path_line, path);
    return false;
}

/* feeds[a * count + b]: what a makes comes to b, directly; afterwards, by whatever way. */
static void close_over(bool *feeds, unsigned count)
{
    for (unsigned by = 0; by < count; by++)
        for (unsigned from = 0; from < count; from++)
            for (unsigned to = 0; feeds[from * count + by] && to < count; to++)
                feeds[from * count + to] |= feeds[by * count + to];
}

/* Each output that its own folder's pictures come back through is told, where it was said. */
static void check_circles(const Entry *entries, unsigned count, bool *feeds, GPtrArray *mistakes)
{
    g_autofree bool *direct = g_memdup2(feeds, (gsize) count * count * sizeof(bool));

    close_over(feeds, count);
    for (unsigned from = 0; from < count; from++)
        for (unsigned to = 0; to < count; to++) {
            const LoopFolder *folder = entries[from].folder;
            g_autofree char *output = NULL;
            if (!direct[from * count + to] || !feeds[to * count + from])
                continue;
            output = text_escape(folder->output);
            conf_mistake(mistakes, folder->output_file, folder->output_line,
                         "break the circle: let one of them write elsewhere",
                         "output = %s: a circle, because what folder \"%s\" makes of it comes back "
                         "to folder \"%s\"",
                         output, entries[to].folder->name, folder->name);
        }
}

static void check_entries(const Entry *entries, unsigned count, GPtrArray *mistakes)
{
    g_autofree bool *feeds = g_new0(bool, (gsize) count *count + 1);

    for (unsigned b = 0; b < count; b++)
        for (unsigned a = 0; a < b; a++)
            if (entries[a].path && entries[b].path)
                check_pair(&entries[a], &entries[b], mistakes);
    for (unsigned from = 0; from < count; from++)
        for (unsigned watcher = 0; watcher < count; watcher++)
            if (entries[from].output && entries[watcher].path)
                feeds[from * count + watcher] =
                    check_output(&entries[watcher], &entries[from], mistakes);
    check_circles(entries, count, feeds, mistakes);
}

void loops_check(const LoopFolder *folders, unsigned count, GPtrArray *mistakes)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autofree Entry *entries = g_new0(Entry, count);
    g_autoptr(GHashTable) silent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (unsigned i = 0; i < count; i++) {
        entries[i].folder = &folders[i];
        entries[i].path = find_spot(mounts, folders[i].path, silent);
        entries[i].output = find_spot(mounts, folders[i].output, silent);
    }
    check_entries(entries, count, mistakes);
    for (unsigned i = 0; i < count; i++) {
        spot_free(entries[i].path);
        spot_free(entries[i].output);
    }
}
