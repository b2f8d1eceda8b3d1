/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/files/dirs.h"
#include "daemon/files/mounts.h"

struct WatchRoot {
    dev_t dev; /* of the directory found last; 0: none */
    ino_t ino;
    char *real;     /* the path of it without symbolic links */
    dev_t bare_dev; /* the directory that it was mounted over, if we saw that; 0: none */
    ino_t bare_ino;
    char *mount; /* where its file system is mounted: if it is not, the root is unavailable; NULL:
                    at / */
    guint64 mounts_below; /* a hash */
};

WatchRoot *watch_root_new(void)
{
    return g_new0(WatchRoot, 1);
}

/* ---- whether it responds ---- */

void watch_root_await(const char *path, const GPtrArray *below)
{
    mounts_ask_server(path);
    for (guint i = 0; i < below->len; i++) {
        g_autofree char *share = mounts_join(path, below->pdata[i]);
        mounts_ask_server(share);
    }
}

char *watch_root_hang_text(const char *path)
{
    return g_strdup_printf("'%s' does not respond; check the share that it is on; hotfolder then "
                           "continues",
                           path);
}

void watch_root_free(WatchRoot *root)
{
    g_free(root->real);
    g_free(root->mount);
    g_free(root);
}

/* ---- what it is ---- */

/* False with errno where statx(2) fails, and with errno 0 where it is no mount. */
static bool is_mount_root(const char *path)
{
    struct statx st;

    errno = 0;
    return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, 0, &st) == 0 &&
           (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Where the file system of the folder is mounted, newly allocated; NULL for the one at /, and where
 * the kernel does not say. */
static char *mount_of(const char *real)
{
    g_autofree char *at = g_strdup(real);

    while (at[1] != '\0') {
        char *slash = strrchr(at, '/');

        if (is_mount_root(at))
            return g_steal_pointer(&at);
        slash[slash == at] = '\0';
    }
    return NULL;
}

/* A hash of what is mounted below the folder: mount ids and mount points. */
static guint64 mounts_below_of(const char *real)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    guint64 mixed = 0;

    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        const char *rest = mounts_below(mount->point, real);

        if (rest && *rest)
            mixed = mixed * 31 + g_str_hash(mount->id) + ((guint64) g_str_hash(mount->point) << 32);
    }
    return mixed;
}

bool watch_root_mounts_changed(WatchRoot *root)
{
    guint64 before = root->mounts_below;

    root->mounts_below = mounts_below_of(root->real);
    return root->mounts_below != before;
}

/* The reason that nothing is mounted there, newly allocated; `code` is the errno, or 0. In the
 * unit's sandbox each folder is a mount, which ends with its directory. */
static char *why_unmounted(const char *mount, int code)
{
    g_autoptr(Error) error = NULL;

    if (!code || code == ENOENT || code == ENOTDIR)
        return g_strdup_printf("nothing is mounted at '%s'; mount it again%s", mount,
                               g_getenv("HOTFOLDER_DROPIN")
                                   ? "; if the directory was removed and made again, "
                                     "restart the service"
                                   : "");
    error_errno(&error, code, "the file system at '%s' does not respond", mount);
    return error_text(error);
}

/* False with a newly allocated reason when the directory can't be used. To open it for reading is
 * the only test whether it can be listed. */
static bool find(const WatchRoot *root, const char *path, struct stat *st, char **reason)
{
    g_autoptr(Error) error = NULL;

    if (root->mount && !is_mount_root(root->mount)) {
        *reason = why_unmounted(root->mount, errno);
        return false;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, st)) {
        dirs_root_error(errno, path, &error);
        *reason = error_text(error);
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(fd);
    return true;
}

bool watch_root_is(const WatchRoot *root, dev_t dev, ino_t ino)
{
    return root->dev == dev && root->ino == ino;
}

/* In the unit's sandbox each folder is a mount already: after an unmount only the directory itself
 * shows that something is missing. */
static bool is_bare(const WatchRoot *root, const struct stat *st)
{
    return root->bare_dev && st->st_dev == root->bare_dev && st->st_ino == root->bare_ino;
}

/* The directory is another one than before. */
static void take(WatchRoot *root, char *real, const struct stat *st)
{
    bool same_path = g_strcmp0(root->real, real) == 0;

    if (!same_path) {
        root->bare_dev = 0; /* a symbolic link leads elsewhere */
    } else if (root->dev != st->st_dev && !root->bare_dev) {
        root->bare_dev = root->dev;
        root->bare_ino = root->ino;
    }
    root->dev = st->st_dev;
    root->ino = st->st_ino;
    g_free(root->real);
    root->real = real;
    g_free(root->mount);
    root->mount = mount_of(real);
    root->mounts_below = mounts_below_of(real);
}

RootState watch_root_check(WatchRoot *root, const char *path, char **reason)
{
    struct stat st;

    if (!find(root, path, &st, reason))
        return ROOT_UNAVAILABLE;
    if (watch_root_is(root, st.st_dev, st.st_ino))
        return ROOT_SAME;
    char *real = mounts_real_path(path);
    if (is_bare(root, &st) && g_strcmp0(root->real, real) == 0) {
        *reason = why_unmounted(real, 0);
        g_free(real);
        return ROOT_UNAVAILABLE;
    }
    take(root, real, &st);
    return ROOT_NEW;
}

void watch_root_accept(WatchRoot *root)
{
    g_clear_pointer(&root->real, g_free);
    g_clear_pointer(&root->mount, g_free);
    root->dev = root->bare_dev = 0;
}
