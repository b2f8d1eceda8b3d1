/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/files/beneath.h"

struct Walk {
    char *root;
    const WalkHooks *hooks;
    void *user;
    GPtrArray *queue;   /* of paths; the last one is next */
    GHashTable *queued; /* the same paths */
    DIR *listing;       /* NULL: between two directories */
    char *path;         /* of listing */
};

Walk *walk_new(const char *root, const WalkHooks *hooks, void *user)
{
    Walk *walk = g_new0(Walk, 1);

    walk->root = g_strdup(root);
    walk->hooks = hooks;
    walk->user = user;
    walk->queue = g_ptr_array_new_with_free_func(g_free);
    walk->queued = g_hash_table_new(g_str_hash, g_str_equal);
    return walk;
}

static void close_listing(Walk *walk)
{
    if (walk->listing)
        closedir(walk->listing);
    walk->listing = NULL;
    g_clear_pointer(&walk->path, g_free);
}

void walk_free(Walk *walk)
{
    if (!walk)
        return;
    close_listing(walk);
    g_hash_table_destroy(walk->queued);
    g_ptr_array_unref(walk->queue);
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
    return walk->queue->len;
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

static void next_entry(Walk *walk, const struct dirent *entry)
{
    const char *name = entry->d_name;
    g_autofree char *path = NULL;
    struct stat st;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    path = *walk->path ? g_strconcat(walk->path, "/", name, NULL) : g_strdup(name);
    if (entry->d_type != DT_DIR) {
        if (fstatat(dirfd(walk->listing), name, &st, AT_SYMLINK_NOFOLLOW))
            return;
        if (!S_ISDIR(st.st_mode)) {
            walk->hooks->on_entry(walk->user, path, name, &st);
            return;
        }
    }
    if (walk->hooks->wants_directory(walk->user, path, name))
        add(walk, g_steal_pointer(&path));
}

bool walk_step(Walk *walk)
{
    const struct dirent *entry = NULL;

    if (!walk->listing) {
        if (walk->queue->len == 0)
            return false;
        next_directory(walk);
        return true;
    }
    errno = 0;
    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    entry = readdir(walk->listing);
    if (entry) {
        next_entry(walk, entry);
        return true;
    }
    if (errno && !vanished(errno))
        walk->hooks->on_unreadable(walk->user, walk->path, errno);
    close_listing(walk);
    return true;
}
