/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/copy.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/portable.h"
#include "daemon/files/rename.h"
#include "daemon/files/rights.h"

#define NS_PER_S INT64_C(1000000000)

static bool cannot_copy(int code, const char *source, const char *root, Error **err)
{
    g_autofree char *shown = text_escape(source);

    return error_errno(err, code, "cannot copy '%s' into '%s'", shown, root);
}

/* Whether it is the file still that was opened. */
static bool is_unchanged(int fd, const FileId *file, const char *source, Error **err)
{
    g_autofree char *shown = text_escape(source);
    struct stat st;

    if (fstat(fd, &st) == 0) {
        FileId now = fileid_of(&st);
        if (fileid_same(&now, file))
            return true;
    }
    return error_set(err, ERROR_TRANSIENT, NULL, "'%s' was changed while it was copied", shown);
}

bool file_copy_bytes(int from, const FileId *file, int to, const char *source, const char *root,
                     Error **err)
{
    return (copy_bytes(from, to, file->size) || cannot_copy(errno, source, root, err)) &&
           is_unchanged(from, file, source, err);
}

/* Whether `name` has the bytes of the file, on disk: an earlier try, or another program, has made
 * the copy. */
static bool is_copy(int dir_fd, const char *name, int from)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool same = false;
    bool is = fd >= 0 && fileid_compare(fd, from, &same) && same && fdatasync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

/* Whether a copy stands under one of the names that are taken. */
static bool find_copy(int dir_fd, const char *name, int from)
{
    struct stat st;

    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(name, number);

        if (fstatat(dir_fd, candidate, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return false;
        if (is_copy(dir_fd, candidate, from))
            return true;
    }
    return false;
}

/* Gives the whole copy the first free name. */
static bool name_copy(int dir_fd, const char *temp, const char *name, int from, Error **err)
{
    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(name, number);

        if (rename_to_free_name(dir_fd, temp, dir_fd, candidate) == 0)
            return true;
        if (errno != EEXIST)
            break;
        if (is_copy(dir_fd, candidate, from))
            return unlinkat(dir_fd, temp, 0) == 0;
    }
    int code = errno;
    g_autofree char *shown = text_escape(name);
    return error_errno(err, code, "cannot name the copy of '%s'", shown);
}

/* Of a date before 1970, too. */
static struct timespec time_of(int64_t ns)
{
    int64_t rest = ns % NS_PER_S;
    int64_t seconds = ns / NS_PER_S - (rest < 0);

    return (struct timespec){ .tv_sec = seconds, .tv_nsec = rest < 0 ? rest + NS_PER_S : rest };
}

static bool fill(const FileCopy *copy, int to, Error **err)
{
    const struct timespec times[] = { { .tv_nsec = UTIME_NOW }, time_of(copy->file->mtime_ns) };

    return ownership_apply(&copy->folder->ownership, OWNERSHIP_GROUP | OWNERSHIP_MODE, to,
                           copy->root, err) &&
           file_copy_bytes(copy->from, copy->file, to, copy->source, copy->root, err) &&
           ((futimens(to, times) == 0 && fsync(to) == 0) ||
            cannot_copy(errno, copy->source, copy->root, err));
}

/* A crash leaves the hidden file, which the next try replaces. */
static bool make_in(const FileCopy *copy, const char *name, int dir_fd, Error **err)
{
    unlinkat(dir_fd, copy->temp, 0);
    int to = openat(dir_fd, copy->temp, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0666);
    g_autofree char *shown = text_escape(copy->source);
    if (to < 0)
        return rights_error(err, errno, dir_fd, "cannot copy '%s' into '%s'", shown, copy->root);
    bool ok = fill(copy, to, err);
    close(to);
    ok = ok && name_copy(dir_fd, copy->temp, name, copy->from, err);
    if (!ok)
        unlinkat(dir_fd, copy->temp, 0);
    return ok;
}

bool file_copy_make(const FileCopy *copy, Error **err)
{
    const Folder *folder = copy->folder;
    bool portable = folder->names == NAMES_PORTABLE;
    g_autofree char *name = portable ? portable_path(copy->name) : g_strdup(copy->name);
    int root_fd = dirs_open_root(copy->root, err);
    int dir_fd = root_fd < 0 ? -1
                             : dirs_open_with(root_fd, copy->dir, folder->output_links,
                                              &folder->ownership, err);
    bool ok = dir_fd >= 0 &&
              (find_copy(dir_fd, name, copy->from) || make_in(copy, name, dir_fd, err)) &&
              dirs_sync(dir_fd, copy->root, err);

    if (dir_fd >= 0)
        close(dir_fd);
    if (root_fd >= 0)
        close(root_fd);
    return ok;
}
