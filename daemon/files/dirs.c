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
#include "daemon/files/rights.h"
#include "daemon/files/sync.h"

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

/* How each part of a path is opened. */
typedef struct PathRules {
    bool links;            /* symbolic links are followed */
    const Ownership *make; /* of missing parts, which are made; NULL: none is made */
    bool refuse_strangers; /* no part may belong to a stranger */
} PathRules;

/* The path from / of a directory below the root, newly allocated. */
static char *shown_path(int root_fd, const char *dir)
{
    g_autofree char *root = beneath_path_of(root_fd);
    g_autofree char *path = root ? beneath_path(root, dir) : g_strdup(*dir ? dir : ".");

    return text_escape(path);
}

static int refuse_stranger(int root_fd, const char *dir, Error **err)
{
    g_autofree char *shown = shown_path(root_fd, dir);
    g_autofree char *fix = g_strdup_printf(
        "remove '%s', or give its files and then itself to the folder's owner with chown", shown);

    error_set(err, ERROR_CONFIG, fix,
              "'%s' belongs to another user, who could take originals out of it", shown);
    return -1;
}

static void refuse_other(const char *shown, bool links, Error **err)
{
    g_autofree char *fix = g_strdup_printf("remove or rename '%s'%s", shown,
                                           links ? "" : "; hotfolder follows no links here");

    error_set(err, ERROR_CONFIG, fix, "'%s' is not a directory", shown);
}

static int open_path(int root_fd, const char *dir, bool links)
{
    if (!*dir) /* it may refuse even "." */
        return fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
    return links ? openat(root_fd, dir, O_PATH | O_DIRECTORY | O_CLOEXEC)
                 : beneath_openat(root_fd, dir, O_PATH | O_DIRECTORY);
}

/* Opens what refuses us, as a path only: `dir` itself, or the directory that it is in. *what was
 * refused there. */
static int open_refusing(int root_fd, const char *dir, bool links, const char **what)
{
    const char *slash = strrchr(dir, '/');
    g_autofree char *above = g_strndup(dir, slash ? (gsize) (slash - dir) : 0);
    int fd = open_path(root_fd, dir, links);

    *what = fd < 0 && errno == ENOENT ? "make" : "open";
    return fd < 0 ? open_path(root_fd, above, links) : fd;
}

/* The directory `dir`, or the one that it is in, has no rights for us. Below the top that concerns
 * one job: its maker shut us out. */
static void cannot_pass(int code, int root_fd, const char *dir, bool links, Error **err)
{
    const char *what = NULL;
    int fd = open_refusing(root_fd, dir, links, &what);
    g_autofree char *shown = shown_path(root_fd, dir);

    rights_error(err, code, fd, "cannot %s the directory '%s'", what, shown);
    if (!*dir)
        (*err)->kind = ERROR_ENVIRONMENT;
    if (fd >= 0)
        close(fd);
}

static void cannot_enter(int code, int root_fd, const char *dir, bool links, Error **err)
{
    g_autofree char *shown = shown_path(root_fd, dir);

    if (code == ELOOP || code == EXDEV || code == ENOTDIR)
        refuse_other(shown, links, err);
    else if (code == EACCES || code == EPERM)
        cannot_pass(code, root_fd, dir, links, err);
    else
        cannot_use(code, "open", shown, err);
}

/* -1 with errno, or with *err set. *reached: the path of the last part that was tried; "": the top
 * itself. Newly allocated. */
static int enter_parts(int root_fd, const char *dir, const PathRules *rules, char **reached,
                       Error **err)
{
    int fd = beneath_openat(root_fd, ".", O_RDONLY | O_DIRECTORY);
    const char *part = dir + strspn(dir, "/");

    *reached = g_strdup("");
    while (fd >= 0 && *part) {
        size_t length = strcspn(part, "/");
        g_autofree char *name = g_strndup(part, length);
        bool checked = rules->refuse_strangers && (!**reached || is_sticky(fd));
        int below = enter_part(fd, name, rules->links, rules->make);
        int code = errno;
        close(fd);
        errno = code;
        fd = below;
        part += length;
        g_free(*reached);
        *reached = g_strndup(dir, (gsize) (part - dir));
        if (fd >= 0 && checked && belongs_to_stranger(root_fd, fd)) {
            close(fd);
            return refuse_stranger(root_fd, *reached, err);
        }
        part += strspn(part, "/");
    }
    return fd;
}

/* A part that was just made can be removed at once, by a program that removes empty directories. */
static int follow(int root_fd, const char *dir, const PathRules *rules, Error **err)
{
    g_autofree char *reached = NULL;
    bool again = true;
    int fd = -1;

    for (int tries = 0; again && tries < DIRS_TRIES; tries++) {
        g_clear_pointer(&reached, g_free);
        fd = enter_parts(root_fd, dir, rules, &reached, err);
        again = fd < 0 && !*err && errno == ENOENT && rules->make;
    }
    int code = errno;
    if (fd < 0 && !*err)
        cannot_enter(code, root_fd, reached, rules->links, err);
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
    /* EINVAL: the file system has nothing to sync in a directory */
    int code = sync_together(dir_fd);

    if (code == 0 || code == EINVAL)
        return true;
    g_autofree char *shown = text_escape(*what ? what : ".");
    cannot_use(code, "sync", shown, err);
    return false;
}
