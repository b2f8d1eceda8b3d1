/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/directories.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/text.h"

#define DEFAULT_ACL "system.posix_acl_default"

enum { MODE_PARENT = 0755, MODE_SHARED = 02770 };

/* One that was made, or given to an owner. */
typedef struct Change {
    char *path;
    bool made;
    struct stat before; /* of one that was not made */
    bool had_acl;
} Change;

struct Directories {
    GPtrArray *changes;
};

static void change_free(void *data)
{
    Change *change = data;

    g_free(change->path);
    g_free(change);
}

Directories *directories_new(void)
{
    Directories *directories = g_new0(Directories, 1);

    directories->changes = g_ptr_array_new_with_free_func(change_free);
    return directories;
}

void directories_free(Directories *directories)
{
    g_ptr_array_unref(directories->changes);
    g_free(directories);
}

static Change *note(Directories *directories, const char *path, bool made)
{
    Change *change = g_new0(Change, 1);

    change->path = g_strdup(path);
    change->made = made;
    g_ptr_array_add(directories->changes, change);
    return change;
}

/* ---- what has to be done ---- */

static bool is_empty(const char *path)
{
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);

    return listing && !g_dir_read_name(listing);
}

bool directories_examine(const char *path, const DirectoryOwner *owner, DirectoryNeed *need,
                         Error **err)
{
    g_autofree char *shown = text_escape(path);
    struct stat st, link;

    *need = DIRECTORY_MISSES;
    if (lstat(path, &link) < 0 || stat(path, &st) < 0)
        return errno == ENOENT || error_errno(err, errno, "cannot reach '%s'", shown);
    if (!S_ISDIR(st.st_mode))
        return error_set(err, ERROR_CONFIG, "name a directory", "'%s' is not a directory", shown);
    bool given = owner && owner->user != 0 && st.st_uid == 0 && S_ISDIR(link.st_mode);
    *need = given && is_empty(path) ? DIRECTORY_GIVEN : DIRECTORY_STAYS;
    return true;
}

/* ---- making ---- */

/* rwx for the owner and the group, and for others as the mode says: the ACL of Linux' extended
 * attributes, version 2, in little-endian numbers. */
static void set_default_acl(int fd)
{
    static const unsigned char acl[] = {
        2,    0, 0, 0,                         /* the version */
        0x01, 0, 7, 0, 0xff, 0xff, 0xff, 0xff, /* the owner */
        0x04, 0, 7, 0, 0xff, 0xff, 0xff, 0xff, /* the group */
        0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, /* others */
    };

    /* without it, `hotfolder check` says what will not work */
    fsetxattr(fd, DEFAULT_ACL, acl, sizeof(acl), 0);
}

static bool has_default_acl(int fd)
{
    return fgetxattr(fd, DEFAULT_ACL, NULL, 0) >= 0;
}

static bool give(int fd, const char *shown, const DirectoryOwner *owner, bool shared, Error **err)
{
    if (fchown(fd, owner->user, owner->group) < 0 || fchmod(fd, MODE_SHARED) < 0)
        return error_errno(err, errno, "cannot give '%s' to the service", shown);
    if (shared && !has_default_acl(fd))
        set_default_acl(fd);
    return true;
}

/* Makes one directory, and notes that. What root makes for all to enter, such as the parents of a
 * folder, can be entered whatever the umask. */
static bool make_one(Directories *directories, const char *path, bool for_all, Error **err)
{
    g_autofree char *shown = text_escape(path);

    if (mkdir(path, 0777) < 0)
        return errno == EEXIST || error_errno(err, errno, "cannot make '%s'", shown);
    note(directories, path, true);
    if (for_all && geteuid() == 0 && chmod(path, MODE_PARENT) < 0)
        return error_errno(err, errno, "cannot open '%s'", shown);
    return true;
}

static bool make_parents(Directories *directories, const char *path, Error **err)
{
    g_autofree char *parent = g_path_get_dirname(path);

    if (access(parent, F_OK) == 0 || !strcmp(parent, path))
        return true;
    return make_parents(directories, parent, err) && make_one(directories, parent, true, err);
}

/* Gives the open directory to the owner; one that was there before is noted as it is. */
static bool give_open(Directories *directories, const char *path, int fd,
                      const DirectoryOwner *owner, bool was_there, bool shared, Error **err)
{
    g_autofree char *shown = text_escape(path);
    struct stat st;

    if (fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot examine '%s'", shown);
    if (st.st_uid != geteuid())
        return error_set(err, ERROR_CONFIG, "run the command again",
                         "'%s' was taken by another user in the meantime", shown);
    if (was_there) {
        Change *change = note(directories, path, false);
        change->before = st;
        change->had_acl = has_default_acl(fd);
    }
    return give(fd, shown, owner, shared, err);
}

/* The directory itself is opened, and no link that took its name in the meantime. */
static bool give_path(Directories *directories, const char *path, const DirectoryOwner *owner,
                      bool was_there, bool shared, Error **err)
{
    g_autofree char *shown = text_escape(path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open '%s'", shown);
    bool given = give_open(directories, path, fd, owner, was_there, shared, err);
    close(fd);
    return given;
}

bool directories_make(Directories *directories, const char *path, const DirectoryOwner *owner,
                      bool shared, Error **err)
{
    DirectoryNeed need = DIRECTORY_STAYS;

    if (!directories_examine(path, owner, &need, err))
        return false;
    if (need == DIRECTORY_STAYS)
        return true;
    if (need == DIRECTORY_MISSES &&
        !(make_parents(directories, path, err) && make_one(directories, path, !owner, err)))
        return false;
    return !owner || give_path(directories, path, owner, need == DIRECTORY_GIVEN, shared, err);
}

/* ---- taking back ---- */

static void give_back(const Change *change)
{
    int fd = open(change->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return;
    if (!change->had_acl)
        fremovexattr(fd, DEFAULT_ACL);
    if (fchown(fd, change->before.st_uid, change->before.st_gid) == 0)
        fchmod(fd, change->before.st_mode & 07777);
    close(fd);
}

void directories_take_back(Directories *directories)
{
    for (guint i = directories->changes->len; i > 0; i--) {
        const Change *change = directories->changes->pdata[i - 1];
        if (change->made)
            rmdir(change->path); /* what has files by now stays */
        else
            give_back(change);
    }
    g_ptr_array_set_size(directories->changes, 0);
}
