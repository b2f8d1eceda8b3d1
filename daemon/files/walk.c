/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/files/beneath.h"

enum { SORTED_MAX = 10000 }; /* names that are sorted at a time: 1 MB */

/* What readdir(3) says of an entry. */
typedef struct WalkEntry {
    unsigned char type;
    char name[];
} WalkEntry;

struct Walk {
    char *root;
    const WalkHooks *hooks;
    void *user;
    GPtrArray *queue;   /* of paths; the last one is next */
    GHashTable *queued; /* the same paths */
    DIR *listing;       /* NULL: between two directories */
    char *path;         /* of listing */
    GPtrArray *entries; /* of WalkEntry, of listing: read, and not walked yet; the last is next */
    GPtrArray *below;   /* paths of its directories, to be queued after it */
};

Walk *walk_new(const char *root, const WalkHooks *hooks, void *user)
{
    Walk *walk = g_new0(Walk, 1);

    walk->root = g_strdup(root);
    walk->hooks = hooks;
    walk->user = user;
    walk->queue = g_ptr_array_new_with_free_func(g_free);
    walk->queued = g_hash_table_new(g_str_hash, g_str_equal);
    walk->entries = g_ptr_array_new_with_free_func(g_free);
    walk->below = g_ptr_array_new_with_free_func(g_free);
    return walk;
}

static void close_listing(Walk *walk)
{
    if (walk->listing)
        closedir(walk->listing);
    walk->listing = NULL;
    g_ptr_array_set_size(walk->entries, 0);
    g_ptr_array_set_size(walk->below, 0);
    g_clear_pointer(&walk->path, g_free);
}

void walk_free(Walk *walk)
{
    if (!walk)
        return;
    close_listing(walk);
    g_hash_table_destroy(walk->queued);
    g_ptr_array_unref(walk->queue);
    g_ptr_array_unref(walk->entries);
    g_ptr_array_unref(walk->below);
    g_free(walk->root);
    g_free(walk);
}

/* Takes over path. */
static void add(Walk *walk, char *path)
{
    if (g_hash_table_contains(walk->queued, path)) {
        g_free(path);
        return;
    }
    g_ptr_array_add(walk->queue, path);
    g_hash_table_add(walk->queued, path);
}

void walk_push(Walk *walk, const char *path)
{
    add(walk, g_strdup(path));
}

unsigned walk_queued(const Walk *walk)
{
    return walk->queue->len + walk->below->len;
}

bool walk_is_idle(const Walk *walk)
{
    return !walk->listing && walk->queue->len == 0;
}

void walk_clear(Walk *walk)
{
    close_listing(walk);
    g_hash_table_remove_all(walk->queued);
    g_ptr_array_set_size(walk->queue, 0);
}

static bool vanished(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/* Shows the directory to `on_directory`, then opens the same directory for listing. */
static DIR *open_listing(Walk *walk, const char *path, int *error)
{
    int top = beneath_open(walk->root, path, O_PATH | O_DIRECTORY);
    int fd = -1;
    DIR *listing = NULL;
    struct stat st;

    *error = 0;
    if (top < 0 || fstat(top, &st)) {
        *error = errno;
    } else if (walk->hooks->on_directory(walk->user, path, top, &st)) {
        fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *error = fd < 0 ? errno : 0;
    }
    if (top >= 0)
        close(top);
    if (fd < 0)
        return NULL;
    listing = fdopendir(fd);
    if (!listing) {
        *error = errno;
        close(fd);
    }
    return listing;
}

static void next_directory(Walk *walk)
{
    g_autofree char *path = g_ptr_array_steal_index(walk->queue, walk->queue->len - 1);
    int error = 0;

    g_hash_table_remove(walk->queued, path);
    walk->listing = open_listing(walk, path, &error);
    if (walk->listing)
        walk->path = g_steal_pointer(&path);
    else if (error && !vanished(error))
        walk->hooks->on_unreadable(walk->user, path, error);
}

static void next_entry(Walk *walk, const WalkEntry *entry)
{
    const char *name = entry->name;
    g_autofree char *path = *walk->path ? g_strconcat(walk->path, "/", name, NULL) : g_strdup(name);
    struct stat st;

    if (entry->type != DT_DIR) {
        if (fstatat(dirfd(walk->listing), name, &st, AT_SYMLINK_NOFOLLOW))
            return;
        if (!S_ISDIR(st.st_mode)) {
            walk->hooks->on_entry(walk->user, path, name, &st);
            return;
        }
    }
    if (walk->hooks->wants_directory(walk->user, path, name))
        g_ptr_array_add(walk->below, g_steal_pointer(&path));
}

/* ---- in the order of names ---- */

static gint last_first(gconstpointer a, gconstpointer b)
{
    const WalkEntry *const *x = a, *const *y = b;

    return strcmp((*y)->name, (*x)->name);
}

static void read_one(Walk *walk, const struct dirent *entry)
{
    size_t bytes = strlen(entry->d_name) + 1;

    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return;
    WalkEntry *read = g_malloc(sizeof(*read) + bytes);
    read->type = entry->d_type;
    memcpy(read->name, entry->d_name, bytes);
    g_ptr_array_add(walk->entries, read);
}

/* Reads the next names of the listing; false at its end. What fails there is the end, too. */
static bool read_entries(Walk *walk)
{
    const struct dirent *entry = NULL;

    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while (walk->entries->len < SORTED_MAX && (errno = 0, entry = readdir(walk->listing)))
        read_one(walk, entry);
    if (!entry && errno && !vanished(errno))
        walk->hooks->on_unreadable(walk->user, walk->path, errno);
    g_ptr_array_sort(walk->entries, last_first);
    return walk->entries->len > 0;
}

static gint last_path_first(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) b, *(char *const *) a);
}

static void queue_below(Walk *walk)
{
    g_ptr_array_sort(walk->below, last_path_first);
    for (guint i = 0; i < walk->below->len; i++)
        walk_push(walk, walk->below->pdata[i]);
}

bool walk_step(Walk *walk)
{
    if (!walk->listing) {
        if (walk->queue->len == 0)
            return false;
        next_directory(walk);
        return true;
    }
    if (walk->entries->len || read_entries(walk)) {
        g_autofree WalkEntry *entry =
            g_ptr_array_steal_index(walk->entries, walk->entries->len - 1);
        next_entry(walk, entry);
        return true;
    }
    queue_below(walk);
    close_listing(walk);
    return true;
}
