/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/trust.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/text.h"
#include "base/user.h"

enum { GROUP_BYTES = 1 << 18 }; /* enough for a group with thousands of members */

/* sudo says which user called it; only root could have set this for us otherwise. */
static bool is_caller(uid_t user)
{
    const char *caller = geteuid() == 0 ? g_getenv("SUDO_UID") : NULL;

    return caller && *caller && g_ascii_strtoull(caller, NULL, 10) == user;
}

static bool is_trusted(uid_t user)
{
    struct stat program;

    return user == 0 || user == geteuid() || is_caller(user) ||
           (stat("/proc/self/exe", &program) == 0 && program.st_uid == user);
}

/* Whether the group is the user's alone, as most distributions make one for each user: it has the
 * user's name, and no other member. */
static bool is_private(const char *user, const struct group *group)
{
    for (char **member = group->gr_mem; *member; member++)
        if (strcmp(*member, user) != 0)
            return false;
    return strcmp(group->gr_name, user) == 0;
}

/* Which users besides the owner the group admits, newly allocated; NULL: none. */
static char *members(const struct stat *st)
{
    g_autofree char *buffer = g_malloc(GROUP_BYTES), *owner = user_name(st->st_uid);
    struct group entry, *found = NULL;

    if (getgrgid_r(st->st_gid, &entry, buffer, GROUP_BYTES, &found) != 0 || !found)
        return g_strdup_printf("the members of group %u", st->st_gid);
    return is_private(owner, found) ? NULL
                                    : g_strdup_printf("the members of group %s", found->gr_name);
}

/* Whom the group's bits admit: with an access control list they are the most that its entries may
 * have (acl(5)). */
typedef struct GroupBits {
    bool owning; /* the file's own group */
    bool named;  /* users or groups of the list */
} GroupBits;

/* The list as Linux shows it in an extended attribute: <linux/posix_acl_xattr.h>, little-endian. */
enum { ACL_HEAD = 4, ACL_ENTRY = 8, ACL_BYTES = 1 << 12, ACL_WRITE = 2 };
enum { ACL_USER = 0x02, ACL_GROUP_OBJ = 0x04, ACL_GROUP = 0x08 };

static GroupBits who_writes(const char *path, const struct stat *st)
{
    unsigned char list[ACL_BYTES];
    ssize_t size = getxattr(path, "system.posix_acl_access", list, sizeof(list));
    GroupBits bits = { .named = size < 0 && errno == ERANGE };

    if (!(st->st_mode & S_IWGRP))
        return (GroupBits){ 0 };
    if (size < ACL_HEAD)
        return (GroupBits){ .owning = true, .named = bits.named };
    for (ssize_t at = ACL_HEAD; at + ACL_ENTRY <= size; at += ACL_ENTRY) {
        unsigned tag = list[at] | list[at + 1] << 8;
        bool writes = list[at + 2] & ACL_WRITE;
        bits.owning |= writes && tag == ACL_GROUP_OBJ;
        bits.named |= writes && (tag == ACL_USER || tag == ACL_GROUP);
    }
    return bits;
}

/* `what` stands before the name in the message: "" or "the directory ". */
static bool check_mode(const char *what, const char *path, const struct stat *st, Error **err)
{
    bool all = st->st_mode & S_IWOTH;
    GroupBits group = who_writes(path, st);
    g_autofree char *who = all            ? g_strdup("all users of this machine")
                           : group.named  ? g_strdup("users of its access control list")
                           : group.owning ? members(st)
                                          : NULL;
    if (!who)
        return true;
    g_autofree char *shown = text_escape(path);
    g_autofree char *fix = g_strdup_printf("chmod %c-w %s", all ? 'o' : 'g', shown);
    return error_set(err, ERROR_CONFIG, fix,
                     "%s may change %s'%s', and thereby what hotfolder does", who, what, shown);
}

static bool check_owner(const char *what, const char *path, const struct stat *st, const char *fix,
                        Error **err)
{
    if (is_trusted(st->st_uid))
        return true;
    g_autofree char *shown = text_escape(path), *owner = user_name(st->st_uid);
    g_autofree char *self = user_name(geteuid());
    return error_set(err, ERROR_CONFIG, fix, "%s'%s' belongs to %s, not to root%s%s", what, shown,
                     owner, geteuid() ? " or " : "", geteuid() ? self : "");
}

/* In a sticky directory, such as /tmp, only its owner could replace the file. */
static bool check_directory(const char *file, Error **err)
{
    g_autofree char *absolute = g_canonicalize_filename(file, NULL);
    g_autofree char *directory = g_path_get_dirname(absolute);
    struct stat st;

    if (stat(directory, &st) < 0)
        return true;
    return (st.st_mode & S_ISVTX || check_mode("the directory ", directory, &st, err)) &&
           check_owner(
               "the directory ", directory, &st,
               "move the file to a directory that only root may change, such as /etc/hotfolder",
               err);
}

static bool check_file(const char *file, const struct stat *st, Error **err)
{
    g_autofree char *shown = text_escape(file);
    g_autofree char *fix = g_strdup_printf("chown root %s", shown);

    return check_mode("", file, st, err) && check_owner("", file, st, fix, err);
}

bool trust_file(const char *file, Error **err)
{
    char *resolved = realpath(file, NULL);
    g_autofree char *real = g_strdup(resolved ? resolved : file);
    struct stat st;

    free(resolved);
    if (stat(file, &st) < 0 || !S_ISREG(st.st_mode))
        return true;
    return check_file(file, &st, err) && check_directory(file, err) && check_directory(real, err);
}

/* ---- a program, and the way to it ---- */

enum { LINKS_MAX = 40 }; /* as the kernel has it */

/* A path on its way: `done` was looked at, `rest` was not. */
typedef struct Way {
    GString *done;
    char *rest;
    int links;
} Way;

static bool cannot_find(const char *file, int code, Error **err)
{
    g_autofree char *shown = text_escape(file);

    return error_set(err, ERROR_CONFIG, "install it, or correct its path", "'%s': %s", shown,
                     g_strerror(code));
}

/* What the link at the end of `done` names comes before the rest. */
static bool follow(const char *file, Way *way, Error **err)
{
    g_autofree char *target = g_file_read_link(way->done->str, NULL);
    char *rest = target ? g_strconcat(target, "/", way->rest, NULL) : NULL;

    if (!rest || ++way->links > LINKS_MAX)
        return g_free(rest), cannot_find(file, ELOOP, err);
    const char *slash = strrchr(way->done->str, '/');
    g_string_truncate(way->done, *target == '/' ? 0 : (gsize) (slash - way->done->str));
    g_free(way->rest);
    way->rest = rest;
    return true;
}

static void go_up(GString *done)
{
    const char *slash = strrchr(done->str, '/');

    g_string_truncate(done, slash ? (gsize) (slash - done->str) : 0);
}

/* Others may put files into a sticky directory, but not in place of ours. */
static bool check_part(const char *file, Way *way, Error **err)
{
    const char *path = way->done->len ? way->done->str : "/";
    struct stat st;

    if (lstat(path, &st) < 0)
        return cannot_find(file, errno, err);
    if (S_ISLNK(st.st_mode))
        return follow(file, way, err);
    bool directory = S_ISDIR(st.st_mode);
    g_autofree char *fix = g_strdup("move the program where only root may change it, such as "
                                    "/usr/local/bin");
    const char *what = directory ? "the directory " : "";
    return ((directory && st.st_mode & S_ISVTX) || check_mode(what, path, &st, err)) &&
           check_owner(what, path, &st, fix, err);
}

/* Takes the next part of the path; false where there is none. */
static bool step(Way *way)
{
    char *part = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(part, "/");
    g_autofree char *name = g_strndup(part, length);
    char *rest = g_strdup(part + length);

    g_free(way->rest);
    way->rest = rest;
    if (!length)
        return false;
    if (!strcmp(name, ".."))
        go_up(way->done);
    else if (strcmp(name, ".") != 0)
        g_string_append_printf(way->done, "/%s", name);
    return true;
}

static bool check_way(const char *file, Way *way, Error **err)
{
    bool trusted = check_part(file, way, err);

    while (trusted && step(way))
        trusted = check_part(file, way, err);
    return trusted;
}

bool trust_program(const char *file, Error **err)
{
    Way way = { .done = g_string_new(NULL), .rest = g_strdup(file) };
    struct stat st;
    bool trusted = check_way(file, &way, err);

    g_string_free(way.done, TRUE);
    g_free(way.rest);
    if (!trusted)
        return false;
    if (stat(file, &st) < 0)
        return cannot_find(file, errno, err);
    g_autofree char *shown = text_escape(file);
    return (S_ISREG(st.st_mode) && st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) ||
           error_set(err, ERROR_CONFIG, "give the path of a program", "'%s' is no program", shown);
}

char *trust_warning(const char *path)
{
    struct stat st;
    g_autofree char *shown = text_escape(path);

    if (stat(path, &st) < 0 || !(st.st_mode & S_IWOTH))
        return NULL;
    return g_strdup_printf("every user of this machine may write into '%s'; to prevent that: "
                           "chmod o-w %s",
                           shown, shown);
}
