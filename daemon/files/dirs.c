/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/lease.h"

/* A directory that we need and may not use holds the folder, and not one job. */
static void cannot_use(int code, const char *what, const char *dir, Error **err)
{
    error_errno(err, code, "cannot %s the directory '%s'", what, dir);
    if ((*err)->kind == ERROR_CONFIG)
        (*err)->kind = ERROR_ENVIRONMENT;
}

bool dirs_root_error(int code, const char *root, Error **err)
{
    if (code == ENOENT)
        return error_set(err, ERROR_ENVIRONMENT,
                         "make it, or mount its file system; hotfolder then continues",
                         "the directory '%s' is missing", root);
    if (code == ENOTDIR)
        return error_set(err, ERROR_ENVIRONMENT,
                         "name a directory, or make it one; hotfolder then continues",
                         "'%s' is not a directory", root);
    cannot_use(code, "open", root, err);
    return false;
}

int dirs_open_root(const char *root, Error **err)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        dirs_root_error(errno, root, err);
    return fd;
}

static int open_component(int parent, const char *name, bool links)
{
    return links ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                 : beneath_openat(parent, name, O_RDONLY | O_DIRECTORY);
}

/* Opens one component; with `make`, makes it first where it is missing. The parent is synced after
 * a mkdir, or a power cut could lose the new directory with everything in it. */
static int enter_part(int parent, const char *name, bool links, const Ownership *make)
{
    int fd = open_component(parent, name, links);

    if (fd >= 0 || errno != ENOENT || !make)
        return fd;
    if (ownership_make_directory(make, parent, name) < 0)
        return -1;
    if (fsync(parent) < 0 && errno != EINVAL) /* EINVAL as in dirs_sync() */
        return -1;
    return open_component(parent, name, links);
}

/* The owner of a directory may take files out of it that others have put there. Where only the
 * root's owner can make one in the root, he meant it; and the owners that a share's server shows
 * mean nothing. */
static bool belongs_to_stranger(int root_fd, int fd)
{
    struct stat root, st;

    if (fstat(root_fd, &root) < 0 || fstat(fd, &st) < 0)
        return true;
    return root.st_mode & 022 && st.st_uid != geteuid() && st.st_uid != 0 &&
           st.st_uid != root.st_uid && fs_kind(fd) != FS_REMOTE;
}

static bool is_sticky(int fd)
{
    struct stat st;

    return fstat(fd, &st) < 0 || st.st_mode & S_ISVTX;
}

static int refuse_stranger(const char *dir, const char *end, Error **err)
{
    g_autofree char *prefix = g_strndup(dir, (gsize) (end - dir));
    g_autofree char *shown = text_escape(prefix);

    error_set(err, ERROR_CONFIG,
              "remove it, or give its files and then itself to the folder's owner with chown",
              "'%s' belongs to another user, who could take originals out of it", shown);
    return -1;
}

static void cannot_enter(int code, const char *dir, bool links, bool below_top, Error **err)
{
    g_autofree char *shown = text_escape(*dir ? dir : ".");

    if (code == ELOOP || code == EXDEV || code == ENOTDIR)
        error_set(err, ERROR_CONFIG,
                  links ? "remove or rename it"
                        : "remove or rename it; hotfolder follows no links here",
                  "'%s' is not a directory", shown);
    else if (below_top && (code == EACCES || code == EPERM)) /* its maker shut us out */
        error_errno(err, code, "cannot open the directory '%s'", shown);
    else
        cannot_use(code, "open", shown, err);
}

/* How each part of a path is opened. */
typedef struct PathRules {
    bool links;            /* symbolic links are followed */
    const Ownership *make; /* of missing parts, which are made; NULL: none is made */
    bool refuse_strangers; /* no part may belong to a stranger */
} PathRules;

/* -1 with errno, or with *err set. *below_top: the top itself was opened. */
static int enter_parts(int root_fd, const char *dir, const PathRules *rules, bool *below_top,
                       Error **err)
{
    int fd = beneath_openat(root_fd, ".", O_RDONLY | O_DIRECTORY);
    const char *part = dir + strspn(dir, "/");

    *below_top = false;
    while (fd >= 0 && *part) {
        size_t length = strcspn(part, "/");
        g_autofree char *name = g_strndup(part, length);
        bool checked = rules->refuse_strangers && (!*below_top || is_sticky(fd));
        int below = enter_part(fd, name, rules->links, rules->make);
        int code = errno;
        close(fd);
        errno = code;
        fd = below;
        *below_top = true;
        part += length;
        if (fd >= 0 && checked && belongs_to_stranger(root_fd, fd)) {
            close(fd);
            return refuse_stranger(dir, part, err);
        }
        part += strspn(part, "/");
    }
    return fd;
}

/* A part that was just made can be removed at once, by a program that removes empty directories. */
static int follow(int root_fd, const char *dir, const PathRules *rules, Error **err)
{
    bool below_top = false, again = true;
    int fd = -1;

    for (int tries = 0; again && tries < DIRS_TRIES; tries++) {
        fd = enter_parts(root_fd, dir, rules, &below_top, err);
        again = fd < 0 && !*err && errno == ENOENT && rules->make;
    }
    int code = errno;
    if (fd < 0 && !*err)
        cannot_enter(code, dir, rules->links, below_top, err);
    errno = code;
    return fd;
}

int dirs_open_with(int root_fd, const char *dir, bool links, const Ownership *ownership,
                   Error **err)
{
    return follow(root_fd, dir, &(PathRules){ .links = links, .make = ownership }, err);
}

static const Ownership default_ownership = { .set = OWNERSHIP_STICKY };

int dirs_open(int root_fd, const char *dir, bool make, Error **err)
{
    return dirs_open_with(root_fd, dir, false, make ? &default_ownership : NULL, err);
}

int dirs_open_own(int root_fd, const char *dir, Error **err)
{
    return follow(root_fd, dir,
                  &(PathRules){ .make = &default_ownership, .refuse_strangers = true }, err);
}

bool dirs_was_removed(int dir_fd, int code)
{
    struct stat st;

    return code == ENOENT || (code == EPERM && fstat(dir_fd, &st) == 0 && st.st_nlink == 0);
}

bool dirs_sync(int dir_fd, const char *what, Error **err)
{
    /* A file system that has nothing to sync in a directory says EINVAL. */
    if (fsync(dir_fd) == 0 || errno == EINVAL)
        return true;
    g_autofree char *shown = text_escape(*what ? what : ".");
    cannot_use(errno, "sync", shown, err);
    return false;
}
