/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/dirs.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

struct WatchDirs {
    EventPort *port;
    pthread_mutex_t lock; /* held to change by_wd, and by other threads to read it */
    GHashTable *by_wd;    /* owns the entries */
    GHashTable *by_inode;
};

static guint inode_hash(gconstpointer key)
{
    const WatchDir *dir = key;

    return (guint) dir->ino ^ (guint) (dir->ino >> 32) ^ (guint) dir->dev;
}

static gboolean inode_equal(gconstpointer a, gconstpointer b)
{
    const WatchDir *x = a, *y = b;

    return x->ino == y->ino && x->dev == y->dev;
}

static void dir_free(gpointer data)
{
    WatchDir *dir = data;

    atomic_fetch_sub(dir->count, 1);
    g_free(dir->path);
    g_free(dir);
}

WatchDirs *watch_dirs_new(EventPort *port)
{
    WatchDirs *dirs = g_new0(WatchDirs, 1);

    dirs->port = port;
    pthread_mutex_init(&dirs->lock, NULL);
    dirs->by_wd = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, dir_free);
    dirs->by_inode = g_hash_table_new(inode_hash, inode_equal);
    return dirs;
}

void watch_dirs_free(WatchDirs *dirs)
{
    if (!dirs)
        return;
    g_hash_table_destroy(dirs->by_inode);
    g_hash_table_destroy(dirs->by_wd);
    pthread_mutex_destroy(&dirs->lock);
    g_free(dirs);
}

WatchDir *watch_dirs_by_wd(WatchDirs *dirs, int wd)
{
    return g_hash_table_lookup(dirs->by_wd, GINT_TO_POINTER(wd));
}

WatchDir *watch_dirs_by_inode(WatchDirs *dirs, dev_t dev, ino_t ino)
{
    WatchDir key = { .dev = dev, .ino = ino };

    return g_hash_table_lookup(dirs->by_inode, &key);
}

void watch_dirs_forget(WatchDirs *dirs, WatchDir *dir)
{
    if (watch_dirs_by_inode(dirs, dir->dev, dir->ino) == dir)
        g_hash_table_remove(dirs->by_inode, dir);
    pthread_mutex_lock(&dirs->lock);
    g_hash_table_remove(dirs->by_wd, GINT_TO_POINTER(dir->wd));
    pthread_mutex_unlock(&dirs->lock);
}

void watch_dirs_put(WatchDirs *dirs, const WatchDir *dir, const char *path)
{
    WatchDir *same_wd = watch_dirs_by_wd(dirs, dir->wd);
    WatchDir *same_inode = NULL;
    WatchDir *entry = g_new(WatchDir, 1);

    if (same_wd)
        watch_dirs_forget(dirs, same_wd);
    same_inode = watch_dirs_by_inode(dirs, dir->dev, dir->ino);
    if (same_inode)
        watch_dirs_forget(dirs, same_inode);
    *entry = *dir;
    entry->path = g_strdup(path);
    atomic_fetch_add(entry->count, 1);
    pthread_mutex_lock(&dirs->lock);
    g_hash_table_insert(dirs->by_wd, GINT_TO_POINTER(entry->wd), entry);
    pthread_mutex_unlock(&dirs->lock);
    g_hash_table_add(dirs->by_inode, entry);
}

static bool is_below(const char *path, const char *top)
{
    size_t length = strlen(top);

    return length == 0 ||
           (strncmp(path, top, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

void watch_dirs_end(WatchDirs *dirs, const char *path)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, dirs->by_wd);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        WatchDir *dir = value;

        if (!is_below(dir->path, path))
            continue;
        events_remove(dirs->port, dir->wd);
        if (watch_dirs_by_inode(dirs, dir->dev, dir->ino) == dir)
            g_hash_table_remove(dirs->by_inode, dir);
        pthread_mutex_lock(&dirs->lock);
        g_hash_table_iter_remove(&iter);
        pthread_mutex_unlock(&dirs->lock);
    }
}

bool watch_dirs_has(WatchDirs *dirs, const char *path)
{
    GHashTableIter iter;
    gpointer value = NULL;
    bool has = false;

    pthread_mutex_lock(&dirs->lock);
    g_hash_table_iter_init(&iter, dirs->by_wd);
    while (!has && g_hash_table_iter_next(&iter, NULL, &value))
        has = strcmp(((const WatchDir *) value)->path, path) == 0;
    pthread_mutex_unlock(&dirs->lock);
    return has;
}

void watch_dirs_forget_all(WatchDirs *dirs)
{
    g_hash_table_remove_all(dirs->by_inode);
    pthread_mutex_lock(&dirs->lock);
    g_hash_table_remove_all(dirs->by_wd);
    pthread_mutex_unlock(&dirs->lock);
}
