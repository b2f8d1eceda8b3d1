/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/sweep.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/thread.h"
#include "daemon/files/beneath.h"
#include "daemon/files/walk.h"
#include "daemon/settings/ignore.h"

struct Sweep {
    pthread_t thread;
    Settings *settings;
    char *prefix;     /* ".hotfolder-OWNER-" */
    char *own_prefix; /* ".hotfolder-OWNER-TAG-" */
    atomic_bool stopping;
    const char *root;   /* of the current walk */
    bool reserved_only; /* search only our own directories below it */
};

static bool on_directory(void *user, const char *path, int fd, const struct stat *st)
{
    (void) user, (void) path, (void) fd, (void) st;
    return true;
}

static bool wants_directory(void *user, const char *path, const char *name)
{
    const Sweep *sweep = user;

    (void) name;
    return !sweep->reserved_only || strchr(path, '/') || ignore_is_reserved(path);
}

static void remove_leftover(void *user, const char *path, const char *name, const struct stat *st)
{
    const Sweep *sweep = user;
    const char *slash = strrchr(path, '/');

    if (!S_ISREG(st->st_mode) || (sweep->reserved_only && !slash) ||
        !g_str_has_prefix(name, sweep->prefix) || g_str_has_prefix(name, sweep->own_prefix))
        return;
    g_autofree char *dir = g_strndup(path, slash ? (gsize) (slash - path) : 0);
    int dir_fd = beneath_open(sweep->root, dir, O_RDONLY | O_DIRECTORY);
    if (dir_fd < 0)
        return;
    unlinkat(dir_fd, name, 0);
    close(dir_fd);
}

static void skip_unreadable(void *user, const char *path, int error)
{
    (void) user, (void) path, (void) error;
}

static void sweep_tree(Sweep *sweep, const char *root, bool reserved_only)
{
    static const WalkHooks hooks = { on_directory, wants_directory, remove_leftover,
                                     skip_unreadable };
    Walk *walk = walk_new(root, &hooks, sweep);

    sweep->root = root;
    sweep->reserved_only = reserved_only;
    walk_push(walk, "");
    while (!atomic_load(&sweep->stopping) && walk_step(walk))
        continue;
    walk_free(walk);
}

static void *run(void *data)
{
    Sweep *sweep = data;

    for (unsigned i = 0; i < sweep->settings->folders->len; i++) {
        const Folder *folder = g_ptr_array_index(sweep->settings->folders, i);
        sweep_tree(sweep, folder->output, false);
        sweep_tree(sweep, folder->path, true);
    }
    return NULL;
}

static void sweep_free(Sweep *sweep)
{
    settings_unref(sweep->settings);
    g_free(sweep->prefix);
    g_free(sweep->own_prefix);
    g_free(sweep);
}

Sweep *sweep_start(Settings *settings, const char *tag)
{
    Sweep *sweep = g_new0(Sweep, 1);

    sweep->settings = settings_ref(settings);
    sweep->prefix = g_strdup_printf(HIDDEN_PREFIX "%.*s-", (int) strcspn(tag, "-"), tag);
    sweep->own_prefix = g_strdup_printf(HIDDEN_PREFIX "%s-", tag);
    int code = thread_start(&sweep->thread, run, sweep);
    if (!code)
        return sweep;
    sweep_free(sweep);
    return NULL;
}

void sweep_stop(Sweep *sweep)
{
    if (!sweep)
        return;
    atomic_store(&sweep->stopping, true);
    pthread_join(sweep->thread, NULL);
    sweep_free(sweep);
}
