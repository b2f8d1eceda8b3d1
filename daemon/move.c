#include "daemon/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/tree.h"

enum { MOST_NUMBERS = 100000, COPY_SIZE = 1024 * 1024 };

static bool still_there(int dir_fd, const char *name, const FileId *file)
{
    struct stat st;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    FileId now = fileid_of(&st);
    return fileid_same(&now, file);
}

/* ---- across file systems ---- */

static bool copy_bytes(int from, int to)
{
    g_autofree char *buffer = g_malloc(COPY_SIZE);

    for (;;) {
        ssize_t got = read(from, buffer, COPY_SIZE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        for (ssize_t done = 0, wrote = 0; done < got; done += wrote) {
            wrote = write(to, buffer + done, (size_t) (got - done));
            if (wrote < 0 && errno != EINTR)
                return false;
            wrote = MAX(wrote, 0);
        }
    }
}

/* What can be kept is kept; a file system that can't hold an attribute is no reason to fail. */
static void copy_attributes(int from, int to, const struct stat *st)
{
    struct timespec times[] = { st->st_atim, st->st_mtim };
    char names[4096], value[65536];
    ssize_t length = flistxattr(from, names, sizeof(names));

    for (const char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t size = fgetxattr(from, name, value, sizeof(value));
        if (size >= 0)
            fsetxattr(to, name, value, (size_t) size, 0);
    }
    if (fchown(to, st->st_uid, st->st_gid) < 0)
        errno = 0;
    fchmod(to, st->st_mode & 07777);
    futimens(to, times);
}

static bool same_content(int a, int b)
{
    FileId one = { 0 }, two = { 0 };

    return fileid_hash(a, &one) && fileid_hash(b, &two) &&
           !memcmp(one.hash, two.hash, sizeof(one.hash));
}

/* A whole, synced copy under the hidden name `temp`. */
static bool copy_whole(int from, int to_dir, const char *temp, const struct stat *st, Error **err)
{
    int to = openat(to_dir, temp, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = to >= 0 && copy_bytes(from, to);

    if (ok) {
        copy_attributes(from, to, st);
        ok = fsync(to) == 0 && posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED) == 0;
    }
    if (!ok)
        error_errno(err, errno, "cannot copy the original");
    else if (!same_content(from, to))
        ok =
            error_set(err, ERROR_WORLD, "look after that disk", "the copy of the original differs");
    if (to >= 0)
        close(to);
    return ok;
}

static bool move_across(int dir_fd, const char *name, int to_dir, const char *to_name, Error **err)
{
    g_autofree char *temp = g_strdup_printf(".hotfolder-move-%08x", g_random_int());
    int from = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (from < 0 || fstat(from, &st) < 0) {
        error_errno(err, errno, "cannot open the original");
        if (from >= 0)
            close(from);
        return false;
    }
    bool ok = copy_whole(from, to_dir, temp, &st, err);
    if (ok && tree_rename(to_dir, temp, to_dir, to_name) < 0)
        ok = error_errno(err, errno, "cannot name the copy of the original");
    if (!ok)
        unlinkat(to_dir, temp, 0);
    ok = ok && tree_sync(to_dir, to_name, err);
    if (ok && unlinkat(dir_fd, name, 0) < 0)
        ok = error_errno(err, errno, "cannot remove the original after it was copied");
    close(from);
    return ok;
}

/* ---- the move ---- */

static bool move_named(int dir_fd, const char *name, int to_dir, const char *to_name, char **used,
                       Error **err)
{
    for (unsigned number = 0; number < MOST_NUMBERS; number++) {
        g_autofree char *candidate = tree_numbered(to_name, number);
        bool ok = tree_rename(dir_fd, name, to_dir, candidate) == 0;
        if (!ok && errno == EXDEV) {
            struct stat st;
            if (fstatat(to_dir, candidate, &st, AT_SYMLINK_NOFOLLOW) == 0)
                continue;
            ok = move_across(dir_fd, name, to_dir, candidate, err);
        } else if (!ok && errno == EEXIST) {
            continue;
        } else if (!ok) {
            error_errno(err, errno, "cannot move the original");
            (*err)->kind = ERROR_WORLD; /* it would be so for the next one, too */
        }
        if (ok)
            *used = g_steal_pointer(&candidate);
        return ok;
    }
    return error_set(err, ERROR_SETUP, "clear that directory", "%d originals of one name",
                     MOST_NUMBERS);
}

bool move_file(int root_fd, const char *path, const FileId *file, int to_root_fd,
               const char *to_path, bool *moved, char **placed, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *to_dir = NULL, *to_name = NULL, *used = NULL;
    g_autoptr(Error) gone = NULL;
    int from_fd = -1, to_fd = -1;

    *moved = false;
    tree_split(path, &dir, &name);
    tree_split(to_path, &to_dir, &to_name);
    from_fd = tree_dir(root_fd, dir, false, &gone);
    if (from_fd < 0 || !still_there(from_fd, name, file)) {
        if (from_fd >= 0)
            close(from_fd);
        return true;
    }
    to_fd = tree_dir(to_root_fd, to_dir, true, err);
    bool ok = to_fd >= 0 && move_named(from_fd, name, to_fd, to_name, &used, err) &&
              tree_sync(to_fd, to_dir, err) && tree_sync(from_fd, dir, err);
    *moved = used != NULL;
    if (ok && placed)
        *placed = tree_join(to_dir, used);
    if (to_fd >= 0)
        close(to_fd);
    close(from_fd);
    return ok;
}
