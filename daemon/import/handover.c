/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file of the shot comes after all those that belong to it: the picture finds them there. */
#include "daemon/import/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/rename.h"

/* The name in the inbox, with what stands between stem and tail; newly allocated. */
static char *link_name(const Handover *handover, const HandoverFile *file, const char *suffix)
{
    g_autofree char *dir = NULL, *base = NULL;

    filename_split(file->name, &dir, &base);
    size_t length = strlen(base), tail = strlen(file->tail);
    size_t stem = g_str_has_suffix(base, file->tail) ? length - tail : length;
    g_autofree char *end = g_strconcat(suffix, base + stem, NULL);
    g_autofree char *name = filename_with_tail(base, stem, end);
    return filename_join(handover->flat ? "" : dir, name);
}

/* Whether no other file has one of the names. */
static bool are_free(const Handover *handover, const char *suffix)
{
    struct stat copy, there;

    for (unsigned i = 0; i < handover->count; i++) {
        g_autofree char *name = link_name(handover, &handover->files[i], suffix);
        if (beneath_stat(handover->inbox, name, &there) &&
            (!beneath_stat(handover->from, handover->files[i].name, &copy) ||
             copy.st_dev != there.st_dev || copy.st_ino != there.st_ino))
            return false;
    }
    return true;
}

static int open_directory(const char *root, const char *dir, bool make, Error **err)
{
    int root_fd = dirs_open_root(root, err);
    int fd = root_fd < 0 ? -1 : dirs_open(root_fd, dir, make, err);

    if (root_fd >= 0)
        close(root_fd);
    return fd;
}

static bool link_error(int code, const Handover *handover, const char *name, Error **err)
{
    if (code == EXDEV)
        return error_set(err, ERROR_CONFIG,
                         "give copy_to first a directory on the file system of that folder",
                         "'%s' is on another file system than '%s': a file cannot be linked there",
                         handover->inbox, handover->from);
    return error_errno(err, code, "cannot link '%s' into '%s'", name, handover->inbox);
}

/* ---- whose they are ---- */

/* Whether root works for a service of another user. */
static bool gives(const struct stat *inbox)
{
    return geteuid() == 0 && inbox->st_uid != 0;
}

/* The same directory, but what has to be made belongs to the inbox's owner where root makes it. */
static int open_inbox(const Handover *handover, const struct stat *inbox, const char *dir,
                      Error **err)
{
    bool as_owner = gives(inbox);

    if (as_owner) { /* of this thread alone */
        setfsgid(inbox->st_gid);
        setfsuid(inbox->st_uid);
    }
    int fd = open_directory(handover->inbox, dir, true, err);
    if (as_owner) {
        setfsuid(0);
        setfsgid(getegid());
    }
    return fd;
}

/* `name` in the directory of the copies becomes the owner's, unless it has another name elsewhere:
 * a user may have linked what is root's into that directory. */
static bool give(const Handover *handover, const struct stat *inbox, int from, const char *name,
                 Error **err)
{
    int fd = gives(inbox)
                 ? openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
                 : -1;
    struct stat st;
    bool is_roots =
        fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 && st.st_nlink == 1;
    bool ok =
        !is_roots || fchown(fd, inbox->st_uid, inbox->st_gid) == 0 ||
        error_errno(err, errno, "cannot give '%s' to the owner of '%s'", name, handover->inbox);

    if (fd >= 0)
        close(fd);
    return ok;
}

/* ---- the links ---- */

/* Below the inbox; newly allocated. The copy's own number: whatever the link shall be called. */
static bool staged_name(const Handover *handover, const char *copy, char **name)
{
    g_autofree char *dir = NULL, *base = NULL;
    struct stat st;

    if (!beneath_stat(handover->from, copy, &st))
        return false;
    filename_split(copy, &dir, &base);
    g_autofree char *hidden =
        g_strdup_printf(HIDDEN_PREFIX "then-%llx", (unsigned long long) st.st_ino);
    *name = filename_join(handover->flat ? "" : dir, hidden);
    return true;
}

bool handover_is_staged(const Handover *handover, const char *name)
{
    g_autofree char *staged = NULL;
    struct stat copy, there;

    return staged_name(handover, name, &staged) && beneath_stat(handover->inbox, staged, &there) &&
           beneath_stat(handover->from, name, &copy) && copy.st_dev == there.st_dev &&
           copy.st_ino == there.st_ino;
}

/* Opens the directories of a copy and of its link. */
static bool open_both(const Handover *handover, const struct stat *inbox, const char *from_dir,
                      const char *to_dir, int *from, int *to, Error **err)
{
    *from = open_directory(handover->from, from_dir, false, err);
    *to = *from < 0 ? -1 : open_inbox(handover, inbox, to_dir, err);
    return *to >= 0;
}

static bool stage_file(const Handover *handover, const struct stat *inbox, const HandoverFile *file,
                       Error **err)
{
    g_autofree char *from_dir = NULL, *from_base = NULL, *to_dir = NULL, *to_base = NULL;
    g_autofree char *name = NULL;
    int from = -1, to = -1;

    if (!staged_name(handover, file->name, &name))
        return link_error(errno, handover, file->name, err);
    filename_split(file->name, &from_dir, &from_base);
    filename_split(name, &to_dir, &to_base);
    bool ok = open_both(handover, inbox, from_dir, to_dir, &from, &to, err) &&
              give(handover, inbox, from, from_base, err);
    if (ok && linkat(from, from_base, to, to_base, 0) < 0 && errno != EEXIST)
        ok = link_error(errno, handover, file->name, err);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

/* Where one of the names is another file's, all have the suffix. */
static const char *suffix_of(const Handover *handover)
{
    return are_free(handover, "") ? "" : handover->suffix;
}

bool handover_stage(const Handover *handover, Error **err)
{
    const char *suffix = suffix_of(handover);
    struct stat inbox, there;

    if (stat(handover->inbox, &inbox) < 0)
        return error_errno(err, errno, "cannot link into '%s'", handover->inbox);
    if (*suffix && !are_free(handover, suffix))
        return error_set(err, ERROR_CONFIG, "move them away",
                         "other files have the names of '%s' in '%s'", handover->files[0].name,
                         handover->inbox);
    for (unsigned i = handover->count; i > 0; i--) {
        const HandoverFile *file = &handover->files[i - 1];
        g_autofree char *name = link_name(handover, file, suffix);
        if (!beneath_stat(handover->inbox, name, &there) &&
            !stage_file(handover, &inbox, file, err))
            return false;
    }
    return true;
}

/* One that has no hidden name has got its own before. */
static bool publish_file(const Handover *handover, const HandoverFile *file, const char *name,
                         Error **err)
{
    g_autofree char *staged = NULL, *dir = NULL, *base = NULL, *hidden_dir = NULL, *hidden = NULL;

    if (!staged_name(handover, file->name, &staged))
        return link_error(errno, handover, name, err);
    filename_split(name, &dir, &base);
    filename_split(staged, &hidden_dir, &hidden);
    int fd = open_directory(handover->inbox, dir, false, err);
    if (fd < 0)
        return false;
    int code = rename_to_free_name(fd, hidden, fd, base) < 0 ? errno : 0;
    close(fd);
    return !code || code == ENOENT || link_error(code, handover, name, err);
}

bool handover_publish(const Handover *handover, Error **err)
{
    const char *suffix = suffix_of(handover);

    for (unsigned i = handover->count; i > 0; i--) {
        const HandoverFile *file = &handover->files[i - 1];
        g_autofree char *name = link_name(handover, file, suffix);
        if (!publish_file(handover, file, name, err))
            return false;
    }
    return true;
}

bool handover_sync(const Handover *handover, GHashTable *done, Error **err)
{
    for (unsigned i = 0; i < handover->count; i++) {
        g_autofree char *dir = NULL, *base = NULL;
        filename_split(handover->files[i].name, &dir, &base);
        const char *below = handover->flat ? "" : dir;
        if (g_hash_table_contains(done, below))
            continue;
        int fd = open_directory(handover->inbox, below, false, err);
        bool ok = fd >= 0 && dirs_sync(fd, below, err);
        if (fd >= 0)
            close(fd);
        if (!ok)
            return false;
        g_hash_table_add(done, g_strdup(below));
    }
    return true;
}
