/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "hotfolder-program."

enum {
    FILES_MAX = 10000,  /* that a program may make */
    DEPTH_MAX = 64,     /* of directories in each other */
    RUNS_MAX = 10000,   /* through a tree, to remove it */
    TRIES = 8,          /* where another helper has taken the new directory for a forgotten one */
    BLOCK = 512,        /* bytes of st_blocks */
    PART = 1024 * 1024, /* bytes copied at once */
};

/* ---- what is in a directory ---- */

enum { DIRECTORY = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Lets us read a directory. By its name, a program could put a link to a file of ours in its place
 * in between. */
static bool open_mode(int at, const char *name)
{
    int fd = openat(at, name, O_PATH | DIRECTORY);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    bool opened = fd >= 0 && !chmod(path, S_IRWXU);

    if (fd >= 0)
        close(fd);
    return opened;
}

/* Opens the directory `name` to read and to change it, whatever mode a program has given it; NULL
 * with errno: it is none, or is gone. */
static DIR *open_inner(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | DIRECTORY);

    if (fd < 0 && errno == EACCES && open_mode(at, name))
        fd = openat(at, name, O_RDONLY | DIRECTORY);
    DIR *inner = fd < 0 || fchmod(fd, S_IRWXU) ? NULL : fdopendir(fd);
    if (fd >= 0 && !inner)
        close(fd);
    return inner;
}

static const struct dirent *next_entry(DIR *directory)
{
    const struct dirent *entry = NULL;

    do
        /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
        entry = readdir(directory);
    while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
    return entry;
}

/* Directories that are open in each other, and what they hold. */
typedef struct Walk {
    DIR *open[DEPTH_MAX];
    char *names[DEPTH_MAX];
    int depth; /* how many are open */
} Walk;

static bool enter(Walk *walk, int at, const char *name)
{
    errno = ELOOP; /* not an error of before */
    DIR *inner = walk->depth < DEPTH_MAX ? open_inner(at, name) : NULL;

    if (!inner)
        return false;
    walk->names[walk->depth] = g_strdup(name);
    walk->open[walk->depth++] = inner;
    return true;
}

static void leave(Walk *walk)
{
    closedir(walk->open[--walk->depth]);
    g_free(walk->names[walk->depth]);
}

static void leave_all(Walk *walk)
{
    while (walk->depth)
        leave(walk);
}

/* One that lies too deep goes up to the first directory, and is removed later. */
static void move_up(const Walk *walk, int at, const char *name)
{
    static unsigned number;
    g_autofree char *unique = g_strdup_printf(".deep-%u", number++);

    renameat(at, name, dirfd(walk->open[0]), unique);
}

/* Removes one entry, or enters it. */
static void remove_entry(Walk *walk, const char *name)
{
    int at = dirfd(walk->open[walk->depth - 1]);

    if (!unlinkat(at, name, 0) || errno == ENOENT)
        return;
    if (!enter(walk, at, name) && walk->depth == DEPTH_MAX)
        move_up(walk, at, name);
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak" /* it loses sight of `open` by `depth` */
#endif

/* Whether the directory `name` is gone; else some of what was in it is. */
static bool remove_some(int at, const char *name)
{
    Walk walk = { 0 };

    if (!enter(&walk, at, name))
        return true;
    while (walk.depth) {
        const struct dirent *entry = next_entry(walk.open[walk.depth - 1]);
        if (entry) {
            remove_entry(&walk, entry->d_name);
            continue;
        }
        g_autofree char *empty = g_strdup(walk.names[walk.depth - 1]);
        leave(&walk);
        unlinkat(walk.depth ? dirfd(walk.open[walk.depth - 1]) : at, empty, AT_REMOVEDIR);
    }
    return faccessat(at, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

static void remove_tree(int at, const char *name)
{
    for (int i = 0; i < RUNS_MAX && !remove_some(at, name); i++)
        ;
}

bool directory_holds(const Directory *directory, int64_t most)
{
    Walk walk = { 0 };
    int64_t bytes = 0;
    int files = 0;
    bool holds = enter(&walk, directory->fd, ".");

    while (holds && walk.depth) {
        const struct dirent *entry = next_entry(walk.open[walk.depth - 1]);
        struct stat st = { 0 };
        if (!entry) {
            leave(&walk);
            continue;
        }
        int at = dirfd(walk.open[walk.depth - 1]);
        if (fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
            continue; /* it has just been removed */
        bytes += (int64_t) st.st_blocks * BLOCK;
        holds = ++files <= FILES_MAX && bytes <= most &&
                (!S_ISDIR(st.st_mode) || enter(&walk, at, entry->d_name) || errno == ENOENT);
    }
    leave_all(&walk);
    return holds;
}

/* ---- its begin and end ---- */

/* Gives a new file to the program's user; false with errno. */
static bool give(const Directory *directory, int fd)
{
    return directory->user == geteuid() || fchown(fd, directory->user, (gid_t) -1) == 0;
}

/* One that is not locked is of a helper that was killed. */
static void remove_forgotten(int at, const char *name)
{
    struct stat st = { 0 };
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return;
    if (!fstat(fd, &st) && (geteuid() == 0 || st.st_uid == geteuid()) &&
        !flock(fd, LOCK_EX | LOCK_NB))
        remove_tree(at, name);
    close(fd);
}

static void remove_all_forgotten(const char *temporary)
{
    DIR *all = opendir(temporary);
    const struct dirent *entry = NULL;

    while (all && (entry = next_entry(all)))
        if (g_str_has_prefix(entry->d_name, PREFIX))
            remove_forgotten(dirfd(all), entry->d_name);
    if (all)
        closedir(all);
}

/* Between its making and its lock another helper may have removed it. */
static bool lock_it(const Directory *directory)
{
    struct stat named = { 0 }, open = { 0 };

    return !flock(directory->fd, LOCK_EX | LOCK_NB) && !fstat(directory->fd, &open) &&
           !stat(directory->path, &named) && named.st_ino == open.st_ino;
}

bool directory_make(Directory *directory, uid_t user, Error **err)
{
    const char *temporary = g_get_tmp_dir();
    int code = EAGAIN;

    directory->user = user;
    remove_all_forgotten(temporary);
    for (int i = 0; i < TRIES; i++) {
        directory->path = g_build_filename(temporary, PREFIX "XXXXXX", NULL);
        if (mkdtemp(directory->path)) {
            directory->fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (directory->fd >= 0 && lock_it(directory) && give(directory, directory->fd))
                return true;
            if (directory->fd >= 0)
                close(directory->fd);
        } else {
            code = errno;
        }
        g_free(directory->path);
    }
    *directory = (Directory){ .fd = -1 };
    return error_errno(err, code, "cannot make a directory in '%s'", temporary);
}

void directory_remove(Directory *directory)
{
    if (!directory->path)
        return;
    remove_tree(AT_FDCWD, directory->path);
    close(directory->fd);
    g_free(directory->path);
    *directory = (Directory){ .fd = -1 };
}

/* ---- files ---- */

static bool write_all(int fd, const char *bytes, ssize_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, (size_t) size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        size -= put;
    }
    return true;
}

bool directory_put(const Directory *directory, const char *name, int from, Error **err)
{
    g_autofree char *part = g_malloc(PART);
    int fd =
        openat(directory->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool copied = fd >= 0 && give(directory, fd);
    ssize_t got = 0;

    for (off_t at = 0; copied && (got = pread(from, part, PART, at)) > 0; at += got)
        copied = write_all(fd, part, got);
    int code = errno;
    if (fd >= 0)
        close(fd);
    return (copied && got == 0) ||
           error_errno(err, code, "cannot write '%s/%s'", directory->path, name);
}

int directory_open(const Directory *directory, const char *name)
{
    struct stat st = { 0 };
    int fd = openat(directory->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    return fd;
}
