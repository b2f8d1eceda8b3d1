/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/text.h"
#include "base/user.h"
#include "daemon/files/beneath.h"

enum { GROUPS_MAX = 1024 };

/* By the path of the descriptor: a directory may be open only as a path (O_PATH). */
static bool may(int dir_fd, int how)
{
    char self[64];

    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", dir_fd);
    return access(self, how) == 0;
}

bool rights_may_change(int dir_fd)
{
    return may(dir_fd, W_OK | X_OK);
}

static bool is_in_group(gid_t group)
{
    gid_t groups[GROUPS_MAX];
    int count = getgroups(GROUPS_MAX, groups);

    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return group == getegid();
}

/* The path as an argument for a shell, newly allocated. */
static char *quoted_path(int dir_fd)
{
    g_autofree char *path = beneath_path_of(dir_fd);
    g_autofree char *quoted = path ? g_shell_quote(path) : NULL;
    return quoted ? text_escape(quoted) : NULL;
}

/* Which of these three bits of a mode are missing: "wx"; newly allocated. */
static char *lacking(mode_t bits)
{
    return g_strconcat(bits & S_IROTH ? "" : "r", bits & S_IWOTH ? "" : "w",
                       bits & S_IXOTH ? "" : "x", NULL);
}

/* For a directory that refuses us. The mode's group bits are the mask of an ACL, where there is
 * one: chmod raises that. Bits that are set and do not help need an entry of our own. */
static char *command_for(const struct stat *st, const char *path)
{
    bool own = st->st_uid == geteuid();
    g_autofree char *missing = lacking(st->st_mode >> (own ? 6 : 3)), *user = user_name(geteuid());

    if (*missing && (own || is_in_group(st->st_gid)))
        return g_strdup_printf("chmod %c+%s %s", own ? 'u' : 'g', missing, path);
    return g_strdup_printf("setfacl -m u:%s:rwx %s", user, path);
}

char *rights_command(int dir_fd)
{
    g_autofree char *path = quoted_path(dir_fd);
    struct stat st;

    if (!path || fstat(dir_fd, &st) < 0)
        return NULL;
    if (!may(dir_fd, R_OK | W_OK | X_OK))
        return command_for(&st, path);
    if (st.st_mode & S_ISVTX && st.st_uid != geteuid()) /* only their owners move files out of it */
        return g_strdup_printf("chmod -t %s", path);
    return NULL;
}

static bool is_refusal(int code)
{
    return code == EACCES || code == EPERM;
}

/* Takes over `fix`, which replaces the general one where it is not NULL. Always false. */
static bool with_fix(Error **err, char *fix)
{
    if (fix) {
        g_free((*err)->fix);
        (*err)->fix = fix;
    }
    return false;
}

bool rights_error(Error **err, int code, int dir_fd, const char *format, ...)
{
    g_autofree char *command = is_refusal(code) ? rights_command(dir_fd) : NULL;
    g_autofree char *user = user_name(geteuid());
    va_list args;

    va_start(args, format);
    g_autofree char *subject = g_strdup_vprintf(format, args);
    va_end(args);
    error_errno(err, code, "%s", subject);
    return with_fix(
        err, command ? g_strdup_printf("give the user '%s' the right to do this: %s", user, command)
                     : NULL);
}

bool rights_error_reading(Error **err, int code, const char *what)
{
    g_autofree char *user = user_name(geteuid());

    error_errno(err, code, "%s", what);
    return with_fix(err, is_refusal(code)
                             ? g_strdup_printf("give the user '%s' the right to read it, and to "
                                               "enter the directories that it lies in",
                                               user)
                             : NULL);
}

char *rights_warning(const char *path)
{
    g_autofree char *quoted = g_shell_quote(path), *shown = text_escape(quoted);
    struct stat st;

    if (stat(path, &st) < 0 || !(st.st_mode & S_IWGRP) || st.st_mode & S_IWOTH ||
        getxattr(path, "system.posix_acl_default", NULL, 0) >= 0 || errno != ENODATA)
        return NULL;
    return g_strdup_printf(
        "originals in a directory that another user drops into %s cannot move if "
        "its mode has no g+w, as with umask 022; to have mkdir give it: setfacl "
        "-d -m g::rwx %s",
        shown, shown);
}
