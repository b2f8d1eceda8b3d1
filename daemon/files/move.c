/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/copy.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/files/rename.h"
#include "daemon/files/rights.h"

#define DATE_STEP_NS  INT64_C(10000000)   /* exFAT; coarser file systems have multiples of it */
#define DATE_ROUND_NS INT64_C(2000000000) /* by which FAT rounds */

/* ---- across file systems ---- */

/* Attributes that a person may set, and none that gives a file powers. */
static bool may_be_copied(const char *attribute)
{
    return g_str_has_prefix(attribute, "user.") ||
           g_str_has_prefix(attribute, "system.posix_acl_access");
}

/* An attribute that the file system cannot hold is left out. A file with the setuid bit must not
 * become one that runs as us. */
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

/* Makes the open, empty file `to` a whole, synced copy. */
static bool copy_whole(int from, int to, const struct stat *st, Error **err)
{
    bool ok = copy_bytes(from, to, st->st_size), same = false;

    if (ok) {
        copy_attributes(from, to, st);
        ok = fsync(to) == 0;
        posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED); /* it is to be compared as the disk has it */
    }
    if (!ok)
        return error_errno(err, errno, "cannot copy the original");
    return (fileid_compare(from, to, &same) && same) ||
           error_set(err, ERROR_ENVIRONMENT, "check that disk",
                     "the copy of the original differs from it");
}

/* The path of the open directory, newly allocated. */
static char *shown_path(int dir_fd)
{
    g_autofree char *path = beneath_path_of(dir_fd);

    return text_escape(path ? path : ".");
}

/* A file without a name in to_dir; *named is true where it had to get `temp` as one. */
static int open_copy(int to_dir, const char *temp, bool *named)
{
    int fd = openat(to_dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    *named = false;
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    *named = true;
    unlinkat(to_dir, temp, 0); /* of an interrupted try */
    return openat(to_dir, temp, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* 0, or -1 with errno: EEXIST where the name is taken. */
static int name_copy(int to, bool named, int to_dir, const char *temp, const char *name)
{
    char self[64];

    if (named)
        return rename_to_free_name(to_dir, temp, to_dir, name);
    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", to);
    return linkat(AT_FDCWD, self, to_dir, name, AT_SYMLINK_FOLLOW);
}

static void refused_copy(int code, int to_dir, Error **err)
{
    g_autofree char *shown = shown_path(to_dir);

    rights_error(err, code, to_dir, "cannot copy the original into '%s'", shown);
}

static bool copy_across(int from, int to_dir, const char *temp, const char *to_name, Error **err)
{
    bool named = false;
    struct stat st;
    int to = open_copy(to_dir, temp, &named);
    bool ok = to >= 0 && fstat(from, &st) == 0;

    if (!ok)
        refused_copy(errno, to_dir, err);
    ok = ok && copy_whole(from, to, &st, err);
    if (ok && name_copy(to, named, to_dir, temp, to_name) < 0)
        ok = error_errno(err, errno, "cannot name the copy of the original");
    if (to >= 0 && named && !ok)
        unlinkat(to_dir, temp, 0);
    if (to >= 0)
        close(to);
    return ok;
}

/* Whether a copy on another disk may have this date: some round it. An older original may have the
 * same name and content, but not the same date. */
static bool is_date_of(const FileId *copy, const FileId *file)
{
    bool rounded = copy->mtime_ns % DATE_STEP_NS == 0 &&
                   llabs(copy->mtime_ns - file->mtime_ns) < DATE_ROUND_NS;
    return copy->mtime_ns == file->mtime_ns || rounded;
}

bool move_is_file(int dir_fd, const char *name, const FileId *file)
{
    FileId there = { 0 };
    struct stat st;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
        return false;
    there = fileid_of(&st);
    if (fileid_same(&there, file))
        return true;
    if (there.size != file->size || !is_date_of(&there, file) || !fileid_was_read(file))
        return false;
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
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
    char *used;    /* the name it has in to_dir now; NULL: none */
    bool replaced; /* another file got its name meanwhile, and still has it */
} Ends;

/* Whether `name` is the file, to which some file systems give another inode with another name. */
static bool is_same_file(int dir_fd, const char *name, const FileId *file)
{
    struct stat st;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    FileId there = fileid_of(&st);
    there.ino = file->ino;
    return fileid_same(&there, file) &&
           (st.st_ino == file->ino || !fileid_was_read(file) || move_is_file(dir_fd, name, file));
}

/* A program that had the original open before it was renamed writes to it under its new name, too.
 * Nothing opens it for writing from now on. */
static bool is_written(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool written = fd >= 0 && lease_test(fd) == LEASE_WRITER;

    if (fd >= 0)
        close(fd);
    return written;
}

/* Renames back what turned out not to be the original, or to a name beside it where yet another
 * file has come. It is a new file here, which no job has processed. */
static bool put_back(const Ends *ends, int dir_fd, const char *name, Error **err)
{
    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(ends->name, number);

        if (rename_to_free_name(dir_fd, name, ends->from_dir, candidate) == 0)
            return dirs_sync(ends->from_dir, candidate, err);
        if (errno != EEXIST)
            break;
    }
    return error_errno(err, errno,
                       "cannot rename a new file back that has the name of the original");
}

/* After a rename of the original to `name`: takes it back where that is another file, or where a
 * program is writing it. The lease comes first: what was written before it shows in the FileId. */
static bool check_renamed(const Ends *ends, int dir_fd, const char *name, bool *replaced,
                          Error **err)
{
    bool written = is_written(dir_fd, name);

    *replaced = !is_same_file(dir_fd, name, ends->move->file);
    if (!written && !*replaced)
        return true;
    if (!put_back(ends, dir_fd, name, err))
        return false;
    return *replaced ||
           error_set(err, ERROR_TRANSIENT, NULL, "a program has the original open for writing");
}

/* Another file can get a name between a check and the removal. The original is renamed to the
 * hidden name first, which only this move uses, and checked there. */
static bool remove_original(const Ends *ends, Error **err)
{
    const Move *move = ends->move;
    bool replaced = false;

    if (!fileid_is_at(move->file, ends->from_dir, ends->name))
        return true; /* another file has its name meanwhile, and stays */
    if (rename_to_free_name(ends->from_dir, ends->name, ends->from_dir, move->temp) < 0)
        return errno == ENOENT ||
               error_errno(err, errno, "cannot rename the original, which has its new name too");
    if (!check_renamed(ends, ends->from_dir, move->temp, &replaced, err))
        return false;
    return replaced || unlinkat(ends->from_dir, move->temp, 0) == 0 ||
           error_errno(err, errno, "cannot remove the original, which has its new name too");
}

static int open_original(Ends *ends, Error **err)
{
    int from = openat(ends->from_dir, ends->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (from < 0 || fstat(from, &st) < 0) {
        error_errno(err, errno, "cannot open the original");
    } else {
        FileId opened = fileid_of(&st);
        ends->replaced = !fileid_same(&opened, ends->move->file);
    }
    return from;
}

/* Copies, unless an earlier try has done so, and removes the original; *next where another file has
 * the name. */
static bool move_across(Ends *ends, const char *candidate, bool *next, Error **err)
{
    const Move *move = ends->move;
    struct stat st;
    bool taken = fstatat(ends->to_dir, candidate, &st, AT_SYMLINK_NOFOLLOW) == 0;
    int from = open_original(ends, err);

    if (from < 0)
        return false;
    *next = !ends->replaced && taken &&
            !(move->again && move_is_file(ends->to_dir, candidate, move->file));
    bool ok =
        taken || ends->replaced || copy_across(from, ends->to_dir, move->temp, candidate, err);
    close(from);
    if (!ok || *next || ends->replaced)
        return ok;
    return dirs_sync(ends->to_dir, candidate, err) && remove_original(ends, err);
}

/* An interrupted try linked it to its new name, and did not remove the old one; some file systems
 * give each name an inode of its own. */
static bool is_half_moved(const Ends *ends, const char *candidate)
{
    return ends->move->again && move_is_file(ends->to_dir, candidate, ends->move->file);
}

/* Names the directory that refuses: that of the original, or the one that it is to go into. */
static bool refused_move(const Ends *ends, int code, Error **err)
{
    bool into = rights_may_change(ends->from_dir) && !rights_may_change(ends->to_dir);
    g_autofree char *shown = text_escape(ends->move->path), *to = shown_path(ends->to_dir);

    return into ? rights_error(err, code, ends->to_dir, "cannot move '%s' into '%s'", shown, to)
                : rights_error(err, code, ends->from_dir, "cannot move '%s' out of its directory",
                               shown);
}

/* Tries one name; *next when it is taken. */
static bool move_to(Ends *ends, const char *candidate, bool *next, Error **err)
{
    *next = false;
    if (rename_to_free_name(ends->from_dir, ends->name, ends->to_dir, candidate) == 0)
        return check_renamed(ends, ends->to_dir, candidate, &ends->replaced, err);
    if (errno == EXDEV && !ends->move->rename_only)
        return move_across(ends, candidate, next, err);
    int code = errno;
    if (code == EEXIST && is_half_moved(ends, candidate))
        return dirs_sync(ends->to_dir, candidate, err) && remove_original(ends, err);
    *next = code == EEXIST;
    /* it was renamed or removed in this moment: there is nothing to move */
    ends->replaced = code == ENOENT && !fileid_is_at(ends->move->file, ends->from_dir, ends->name);
    if (*next || ends->replaced)
        return true;
    return refused_move(ends, code, err);
}

/* How many names to try. */
static unsigned names_of(const Move *move)
{
    return move->taken ? 1 : FILENAME_NUMBERS;
}

static bool move_to_free_name(Ends *ends, Error **err)
{
    for (unsigned number = 0; number < names_of(ends->move); number++) {
        g_autofree char *candidate = filename_numbered(ends->to_name, number);
        bool next = false;

        if (!move_to(ends, candidate, &next, err))
            return false;
        if (next)
            continue;
        if (!ends->replaced)
            ends->used = g_steal_pointer(&candidate);
        return true;
    }
    if (ends->move->taken)
        return *ends->move->taken = true;
    g_autofree char *shown = text_escape(ends->to_name);
    return error_set(err, ERROR_CONFIG, "remove or rename some of them",
                     "there are %d originals of the name '%s'", FILENAME_NUMBERS, shown);
}

/* Finds the file where an interrupted try has moved it. */
static void find_moved(Ends *ends)
{
    struct stat st;

    for (unsigned number = 0; number < names_of(ends->move) && !ends->used; number++) {
        g_autofree char *candidate = filename_numbered(ends->to_name, number);

        if (fstatat(ends->to_dir, candidate, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return;
        if (move_is_file(ends->to_dir, candidate, ends->move->file))
            ends->used = g_steal_pointer(&candidate);
    }
}

/* Handles what an interrupted try had set aside: the original after it was copied, or another file
 * that had just got its name. Where a rename is a link and an unlink, the original may have both
 * names: then the hidden one is removed, and the move begins again. */
static bool recover_aside(Ends *ends, Error **err)
{
    const Move *move = ends->move;
    struct stat st;

    if (fstatat(ends->from_dir, move->temp, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return true;
    bool same = is_same_file(ends->from_dir, move->temp, move->file);
    bool both = same && fileid_is_at(move->file, ends->from_dir, ends->name);
    if (same && !both)
        find_moved(ends);
    if (!ends->used && !both)
        return put_back(ends, ends->from_dir, move->temp, err);
    if (unlinkat(ends->from_dir, move->temp, 0) < 0)
        return error_errno(err, errno, "cannot remove the original, which has its new name too");
    return dirs_sync(ends->from_dir, ends->name, err);
}

/* Opens the directories, and finishes what an earlier try began; *is_there: the original is to be
 * moved. */
static bool open_ends(Ends *ends, const char *dir, const char *to_dir, bool *is_there, Error **err)
{
    const Move *move = ends->move;
    g_autoptr(Error) gone = NULL;

    ends->from_dir = dirs_open(move->root_fd, dir, false, &gone);
    if (ends->from_dir < 0 && !beneath_is_absence(errno)) { /* it may be there */
        *err = g_steal_pointer(&gone);
        return false;
    }
    *is_there = ends->from_dir >= 0 && fileid_is_at(move->file, ends->from_dir, ends->name);
    if (!*is_there && !move->again)
        return true;
    if ((ends->to_dir = dirs_open(move->to_root_fd, to_dir, true, err)) < 0)
        return false;
    if (!move->again || ends->from_dir < 0)
        return true;
    bool ok = recover_aside(ends, err);
    *is_there = ok && !ends->used && fileid_is_at(move->file, ends->from_dir, ends->name);
    return ok;
}

bool move_file(const Move *move, bool *moved, char **new_path, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *to_dir = NULL, *to_name = NULL, *used = NULL;

    filename_split(move->path, &dir, &name);
    filename_split(move->to_path, &to_dir, &to_name);
    Ends ends = { .move = move, .name = name, .to_name = to_name, .from_dir = -1, .to_dir = -1 };
    bool ok = open_ends(&ends, dir, to_dir, moved, err);
    if (ok && *moved)
        ok = move_to_free_name(&ends, err) && dirs_sync(ends.to_dir, to_dir, err) &&
             dirs_sync(ends.from_dir, dir, err);
    else if (ok && move->again)
        find_moved(&ends);
    used = ends.used;
    *moved = ok && *moved && used;
    if (new_path)
        *new_path = ok && used ? filename_join(to_dir, used) : NULL;
    if (ends.to_dir >= 0)
        close(ends.to_dir);
    if (ends.from_dir >= 0)
        close(ends.from_dir);
    return ok;
}
