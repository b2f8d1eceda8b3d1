/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/copier_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/rename.h"

#define HIDDEN_COPY HIDDEN_PREFIX "import-"

enum {
    MODE = 0666,
    WRITABLE = 0222,
    BEGUN_AT = 8 * 1024 * 1024, /* the disk begins to write after so many bytes */
    LARGE = 256 * 1024 * 1024,
    NAME_TRIES = 8,
    FD_PATH_BYTES = 32,
    NS = 1000000000,
};

struct CopyFile {
    const CopyPlace *place; /* borrowed */
    char *path;             /* relative to it */
    char *dir, *name;
    char *hidden; /* its name at the top of the place; NULL: it has none */
    int top_fd, dir_fd, fd;
    int64_t written;
    int64_t begun; /* bytes that the disk was asked to write */
};

/* ---- places ---- */

static bool identify(int fd, CopyPlace *place)
{
    struct statx more = { 0 };
    struct stat st;

    if (fstat(fd, &st) < 0)
        return false;
    place->dev = st.st_dev;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &more) == 0 && more.stx_mask & STATX_MNT_ID)
        place->mount = more.stx_mnt_id;
    return true;
}

/* The top of a destination that was identified; -1 with *err set. */
static int open_top(const CopyPlace *place, Error **err)
{
    CopyPlace now = { 0 };
    int fd = dirs_open_root(place->path, err);

    if (fd < 0 || (identify(fd, &now) && now.dev == place->dev && now.mount == place->mount))
        return fd;
    close(fd);
    error_set(err, ERROR_ENVIRONMENT, "mount its file system, and start the import again",
              "the file system of '%s' is not mounted there any more", place->path);
    return -1;
}

/* The part of a path that exists already, newly allocated; *rest is what is missing. */
static char *existing_part(const char *path, const char **rest)
{
    g_autofree char *part = g_strdup(path);
    struct stat st;

    while (stat(part, &st) < 0 && errno == ENOENT && strrchr(part, '/') &&
           strrchr(part, '/') != part)
        *strrchr(part, '/') = '\0';
    if (stat(part, &st) < 0) {
        g_free(part);
        part = g_strdup(*path == '/' ? "/" : ".");
    }
    *rest = g_str_has_prefix(path, part) ? path + strlen(part) : path;
    return g_steal_pointer(&part);
}

static bool make_place(const char *path, Error **err)
{
    static const Ownership ownership = { .set = OWNERSHIP_STICKY };
    const char *rest = NULL;
    g_autofree char *part = existing_part(path, &rest);
    int above = dirs_open_root(part, err);

    if (above < 0)
        return false;
    int fd = dirs_open_with(above, rest, true, &ownership, err);
    close(above);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* A file of an import that is alive is locked by it. */
static void remove_leftover(int top_fd, const char *name)
{
    int fd = beneath_openat(top_fd, name, O_RDONLY | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(top_fd, name, 0);
    close(fd);
}

static void remove_leftovers(int top_fd)
{
    int fd = openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry = NULL;

    if (!dir && fd >= 0)
        close(fd);
    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while (dir && (entry = readdir(dir)))
        if (g_str_has_prefix(entry->d_name, HIDDEN_COPY))
            remove_leftover(top_fd, entry->d_name);
    if (dir)
        closedir(dir);
}

bool copy_place_open(CopyPlace *place, const char *path, Error **err)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    *place = (CopyPlace){ .path = path };
    if (fd < 0 && errno == ENOENT && !make_place(path, err))
        return false;
    if (fd < 0)
        fd = dirs_open_root(path, err);
    if (fd < 0)
        return false;
    bool known = identify(fd, place);
    int code = errno;
    if (known)
        remove_leftovers(fd);
    close(fd);
    return known || dirs_root_error(code, path, err);
}

int copy_place_read(const CopyPlace *place, const char *name, Error **err)
{
    g_autofree char *shown = text_escape(name);
    int top_fd = open_top(place, err);

    if (top_fd < 0)
        return -1;
    int fd = beneath_openat(top_fd, name, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        error_errno(err, errno, "cannot open the copy '%s/%s'", place->path, shown);
    close(top_fd);
    return fd;
}

/* ---- files ---- */

/* What the file system can never have, as FAT no file over 4 GiB. */
static bool is_impossible(int code)
{
    return code == EFBIG || code == EINVAL || code == EILSEQ || code == ENAMETOOLONG;
}

/* All else is a fault of the destination, whatever the cause. */
static bool failed(const CopyFile *file, const char *what, int code, Error **err)
{
    g_autofree char *shown = text_escape(file->path);

    error_errno(err, code, "cannot %s '%s/%s'", what, file->place->path, shown);
    (*err)->kind = is_impossible(code) ? ERROR_CONFIG : ERROR_ENVIRONMENT;
    if (is_impossible(code) && !(*err)->fix)
        (*err)->fix =
            g_strdup(code == EFBIG ? "copy to a file system that can have files of this size"
                                   : "give `name` a pattern whose names that file system can have");
    return false;
}

/* Below a directory of a destination something else may be mounted: no copy is made there. */
static bool open_dir(CopyFile *file, Error **err)
{
    CopyPlace below = { 0 };

    if (file->dir_fd >= 0)
        close(file->dir_fd);
    file->dir_fd = dirs_open(file->top_fd, file->dir, true, err);
    if (file->dir_fd < 0)
        return false;
    if (!file->place->mount ||
        (identify(file->dir_fd, &below) && below.mount == file->place->mount))
        return true;
    g_autofree char *shown = text_escape(file->dir);
    return error_set(err, ERROR_CONFIG, "unmount it, or copy to another directory",
                     "another file system is mounted at '%s/%s'", file->place->path, shown);
}

static bool has_name(const CopyFile *file)
{
    struct stat st;

    return fstatat(file->dir_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* An import that starts removes hidden files that no process has locked, also at this moment. */
static int make_hidden(CopyFile *file)
{
    for (int tries = 0; tries < NAME_TRIES; tries++) {
        struct stat st;
        g_free(file->hidden);
        file->hidden = g_strdup_printf(HIDDEN_COPY "%d-%08x%08x", (int) getpid(), g_random_int(),
                                       g_random_int());
        int fd = openat(file->top_fd, file->hidden,
                        O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, MODE);
        if (fd < 0)
            return -1;
        bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
        if (locked && fstat(fd, &st) == 0 && st.st_nlink > 0)
            return fd;
        close(fd);
    }
    errno = EAGAIN;
    return -1;
}

static bool make_file(CopyFile *file, Error **err)
{
    for (int tries = 0; tries < DIRS_TRIES; tries++) {
        file->fd = openat(file->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, MODE);
        if (file->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
            file->fd = make_hidden(file);
        if (file->fd >= 0)
            return true;
        int code = errno;
        if (!dirs_was_removed(file->dir_fd, code))
            return failed(file, "make", code, err);
        if (!open_dir(file, err))
            return false;
    }
    return failed(file, "make", ENOENT, err);
}

bool copy_file_begin(const CopyPlace *place, const char *name, CopyFile **file, bool *taken,
                     Error **err)
{
    CopyFile *it = g_new0(CopyFile, 1);

    *it = (CopyFile){ .place = place, .path = g_strdup(name), .dir_fd = -1, .fd = -1 };
    filename_split(name, &it->dir, &it->name);
    it->top_fd = open_top(place, err);
    bool ready = it->top_fd >= 0 && open_dir(it, err);
    *taken = ready && has_name(it);
    if (ready && !*taken && make_file(it, err)) {
        *file = it;
        return true;
    }
    copy_file_free(it);
    return false;
}

/* Where the disk is slower than memory, its work begins at once, and this thread waits for what
 * was begun before. An error here is one of the disk; some file systems have no such call. */
static bool pace(CopyFile *file, Error **err)
{
    const unsigned wait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    int64_t length = file->written - file->begun;
    int64_t before = MAX(file->begun - BEGUN_AT, 0);

    if (length < BEGUN_AT)
        return true;
    int code = sync_file_range(file->fd, file->begun, length, SYNC_FILE_RANGE_WRITE);
    if (!code && file->begun)
        code = sync_file_range(file->fd, before, file->begun - before, wait);
    file->begun = file->written;
    return !code || (errno != EIO && errno != ENOSPC && errno != EDQUOT) ||
           failed(file, "write", errno, err);
}

bool copy_file_add(CopyFile *file, const void *bytes, size_t length, Error **err)
{
    const char *from = bytes;

    while (length) {
        ssize_t wrote = write(file->fd, from, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return failed(file, "write", wrote < 0 ? errno : EIO, err);
        from += wrote;
        length -= (size_t) wrote;
        file->written += wrote;
    }
    return pace(file, err);
}

/* Some file systems keep no times or rights: that is no reason to have no copy. */
static bool is_unable(int code)
{
    return code == EPERM || code == ENOSYS || code == EOPNOTSUPP;
}

bool copy_file_end(CopyFile *file, int64_t mtime_ns, bool is_protected, Error **err)
{
    int64_t ns = (mtime_ns % NS + NS) % NS;
    const struct timespec times[] = {
        { .tv_nsec = UTIME_OMIT },
        { .tv_sec = (mtime_ns - ns) / NS, .tv_nsec = ns },
    };
    struct stat st;

    if (futimens(file->fd, times) < 0 && !is_unable(errno))
        return failed(file, "set the time of", errno, err);
    if (is_protected &&
        (fstat(file->fd, &st) < 0 ||
         (fchmod(file->fd, st.st_mode & 07777 & ~(mode_t) WRITABLE) < 0 && !is_unable(errno))))
        return failed(file, "protect", errno, err);
    sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    return true;
}

/* fsync(2) and not fdatasync(2): the time and the protection are to be on disk too. What is soon
 * read again, as a picture by a hot folder, stays in memory; a film would push all else out. */
bool copy_file_sync(CopyFile *file, Error **err)
{
    if (fsync(file->fd) < 0)
        return failed(file, "write to disk", errno, err);
    if (file->written >= LARGE)
        posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    return true;
}

static int link_once(const CopyFile *file)
{
    char self[FD_PATH_BYTES];

    if (file->hidden)
        return rename_to_free_name(file->top_fd, file->hidden, file->dir_fd, file->name);
    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
    return linkat(AT_FDCWD, self, file->dir_fd, file->name, AT_SYMLINK_FOLLOW);
}

bool copy_file_link(CopyFile *file, bool *taken, Error **err)
{
    int linked = link_once(file);
    int code = errno;

    for (int tries = 1; linked < 0 && dirs_was_removed(file->dir_fd, code) && tries < DIRS_TRIES;
         tries++) {
        if (!open_dir(file, err))
            return false;
        linked = link_once(file);
        code = errno;
    }
    *taken = linked < 0 && code == EEXIST;
    if (linked == 0)
        g_clear_pointer(&file->hidden, g_free);
    return linked == 0 || (!*taken && failed(file, "name", code, err));
}

static void take_name_away(const CopyFile *file)
{
    struct stat own, st;

    if (fstat(file->fd, &own) == 0 &&
        fstatat(file->dir_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && own.st_ino == st.st_ino)
        unlinkat(file->dir_fd, file->name, 0);
}

bool copy_file_keep(CopyFile *file, bool synced, Error **err)
{
    if (synced || dirs_sync(file->dir_fd, file->dir, err))
        return true;
    take_name_away(file);
    return false;
}

bool copy_file_shares_dir(const CopyFile *a, const CopyFile *b)
{
    struct stat one, other;

    return !strcmp(a->dir, b->dir) && fstat(a->dir_fd, &one) == 0 &&
           fstat(b->dir_fd, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

void copy_file_free(CopyFile *file)
{
    if (!file)
        return;
    if (file->hidden && file->fd >= 0)
        unlinkat(file->top_fd, file->hidden, 0);
    if (file->fd >= 0)
        close(file->fd);
    if (file->dir_fd >= 0)
        close(file->dir_fd);
    if (file->top_fd >= 0)
        close(file->top_fd);
    g_free(file->path);
    g_free(file->dir);
    g_free(file->name);
    g_free(file->hidden);
    g_free(file);
}
