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

/* What a person may give a file, and nothing by which it would get powers. */
static bool may_be_copied(const char *attribute)
{
    return g_str_has_prefix(attribute, "user.") ||
           g_str_has_prefix(attribute, "system.posix_acl_access");
}

/* What can be kept is kept; a file system that can't hold an attribute is no reason to fail. A file
 * with the setuid bit must not become one that runs as us. */
static void copy_attributes(int from, int to, const struct stat *st)
{
    struct timespec times[] = { st->st_atim, st->st_mtim };
    char names[4096], value[65536];
    ssize_t length = flistxattr(from, names, sizeof(names));

    fchmod(to, st->st_mode & 0777);
    for (const char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t size = may_be_copied(name) ? fgetxattr(from, name, value, sizeof(value)) : -1;
        if (size >= 0)
            fsetxattr(to, name, value, (size_t) size, 0);
    }
    futimens(to, times);
    if (fchown(to, st->st_uid, st->st_gid) < 0)
        errno = 0;
}

static bool same_content(int a, int b)
{
    struct stat st_a, st_b;

    if (fstat(a, &st_a) < 0 || fstat(b, &st_b) < 0)
        return false;
    FileId one = fileid_of(&st_a), two = fileid_of(&st_b);
    return one.size == two.size && fileid_hash(a, &one) && fileid_hash(b, &two) &&
           !memcmp(one.hash, two.hash, sizeof(one.hash));
}

/* Makes the open, empty file `to` a whole, synced copy. */
static bool copy_whole(int from, int to, const struct stat *st, Error **err)
{
    bool ok = copy_bytes(from, to);

    if (ok) {
        copy_attributes(from, to, st);
        ok = fsync(to) == 0;
        posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED); /* so that it is read from the disk below */
    }
    if (!ok)
        return error_errno(err, errno, "cannot copy the original");
    return same_content(from, to) ||
           error_set(err, ERROR_WORLD, "look after that disk", "the copy of the original differs");
}

/* A file without a name in to_dir; *named is true where it had to get `temp` as one. */
static int open_copy(int to_dir, const char *temp, bool *named)
{
    int fd = openat(to_dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    *named = false;
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    *named = true;
    unlinkat(to_dir, temp, 0); /* of a try that was cut off */
    return openat(to_dir, temp, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* 0, or -1 with errno: EEXIST where the name is taken. */
static int name_copy(int to, bool named, int to_dir, const char *temp, const char *name)
{
    char self[64];

    if (named)
        return tree_rename(to_dir, temp, to_dir, name);
    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", to);
    return linkat(AT_FDCWD, self, to_dir, name, AT_SYMLINK_FOLLOW);
}

static bool copy_across(int from, int to_dir, const char *temp, const char *to_name, Error **err)
{
    bool named = false;
    struct stat st;
    int to = open_copy(to_dir, temp, &named);
    bool ok = to >= 0 && fstat(from, &st) == 0;

    if (!ok)
        error_errno(err, errno, "cannot copy the original");
    ok = ok && copy_whole(from, to, &st, err);
    if (ok && name_copy(to, named, to_dir, temp, to_name) < 0)
        ok = error_errno(err, errno, "cannot name the copy of the original");
    if (to >= 0 && named && !ok)
        unlinkat(to_dir, temp, 0);
    if (to >= 0)
        close(to);
    return ok;
}

/* Whether `name` in to_dir is what an earlier try placed there: the very file, or a copy of it. */
static bool is_placed(int to_dir, const char *name, const FileId *file)
{
    FileId there = { 0 };
    struct stat st;

    if (fstatat(to_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
        return false;
    there = fileid_of(&st);
    if (fileid_same(&there, file))
        return true;
    if (there.size != file->size || !(file->hash[0] || file->hash[1]))
        return false;
    int fd = openat(to_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same =
        fd >= 0 && fileid_hash(fd, &there) && !memcmp(there.hash, file->hash, sizeof(there.hash));
    if (fd >= 0)
        close(fd);
    return same;
}

/* ---- the move ---- */

/* The two directories and the names in them. */
typedef struct Ends {
    const Move *move;
    int from_dir, to_dir;
    char *name, *to_name;
    char *used; /* the name it has in to_dir now; NULL: none */
} Ends;

/* Copies, unless an earlier try came so far, and removes; *next when the name is somebody else's.
 */
static bool move_across(const Ends *ends, const char *candidate, bool *next, Error **err)
{
    const Move *move = ends->move;
    struct stat st;
    bool taken = fstatat(ends->to_dir, candidate, &st, AT_SYMLINK_NOFOLLOW) == 0;
    int from = openat(ends->from_dir, ends->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (from < 0)
        return error_errno(err, errno, "cannot open the original");
    *next = taken && !(move->again && is_placed(ends->to_dir, candidate, move->file));
    bool ok = taken || copy_across(from, ends->to_dir, move->temp, candidate, err);
    close(from);
    if (!ok || *next)
        return ok;
    if (!tree_sync(ends->to_dir, candidate, err))
        return false;
    if (!still_there(ends->from_dir, ends->name, move->file))
        return true; /* another one took its name meanwhile, and stays */
    return unlinkat(ends->from_dir, ends->name, 0) == 0 ||
           error_errno(err, errno, "cannot remove the original after it was copied");
}

/* Tries one name; *next when it is taken. */
static bool move_to(const Ends *ends, const char *candidate, bool *next, Error **err)
{
    *next = false;
    if (tree_rename(ends->from_dir, ends->name, ends->to_dir, candidate) == 0)
        return true;
    if (errno == EXDEV)
        return move_across(ends, candidate, next, err);
    *next = errno == EEXIST;
    if (*next)
        return true;
    int code = errno;
    g_autofree char *shown = text_escape(ends->move->path);
    return error_errno(err, code, "cannot move '%s' out of its directory", shown);
}

static bool move_named(Ends *ends, Error **err)
{
    for (unsigned number = 0; number < MOST_NUMBERS; number++) {
        g_autofree char *candidate = tree_numbered(ends->to_name, number);
        bool next = false;

        if (!move_to(ends, candidate, &next, err))
            return false;
        if (next)
            continue;
        ends->used = g_steal_pointer(&candidate);
        return true;
    }
    return error_set(err, ERROR_SETUP, "clear that directory", "%d originals of one name",
                     MOST_NUMBERS);
}

/* What an earlier try moved before it was cut off. */
static void find_placed(Ends *ends)
{
    struct stat st;

    for (unsigned number = 0; number < MOST_NUMBERS && !ends->used; number++) {
        g_autofree char *candidate = tree_numbered(ends->to_name, number);

        if (fstatat(ends->to_dir, candidate, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return;
        if (is_placed(ends->to_dir, candidate, ends->move->file))
            ends->used = g_steal_pointer(&candidate);
    }
}

bool move_file(const Move *move, bool *moved, char **placed, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *to_dir = NULL, *to_name = NULL, *used = NULL;
    g_autoptr(Error) gone = NULL;
    bool ok = true;

    tree_split(move->path, &dir, &name);
    tree_split(move->to_path, &to_dir, &to_name);
    Ends ends = { .move = move, .name = name, .to_name = to_name, .to_dir = -1 };
    ends.from_dir = tree_dir(move->root_fd, dir, false, &gone);
    *moved = ends.from_dir >= 0 && still_there(ends.from_dir, name, move->file);
    if (*moved || move->again)
        ok = (ends.to_dir = tree_dir(move->to_root_fd, to_dir, true, err)) >= 0;
    if (ok && *moved)
        ok = move_named(&ends, err) && tree_sync(ends.to_dir, to_dir, err) &&
             tree_sync(ends.from_dir, dir, err);
    else if (ok && move->again)
        find_placed(&ends);
    used = ends.used;
    *moved = ok && *moved;
    if (placed)
        *placed = ok && used ? tree_join(to_dir, used) : NULL;
    if (ends.to_dir >= 0)
        close(ends.to_dir);
    if (ends.from_dir >= 0)
        close(ends.from_dir);
    return ok;
}
