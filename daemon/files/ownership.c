/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/ownership.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "base/user.h"
#include "daemon/files/beneath.h"
#include "daemon/files/rename.h"

enum {
    PASSWD_BYTES = 1 << 16,
    PERMISSIONS = 0777,
    ALL_BITS = 07777,
    OWN_FILE = 0600,      /* without these bits we could not finish a file ... */
    OWN_DIRECTORY = 0700, /* ... and make nothing in a directory */
};

/* ---- what this process may give ---- */

static bool may_chown(void)
{
    struct __user_cap_header_struct self = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

    return syscall(SYS_capget, &self, data) == 0 && data[0].effective & 1U << CAP_CHOWN;
}

static bool in_group(gid_t group)
{
    int count = getgroups(0, NULL);
    g_autofree gid_t *groups = g_new0(gid_t, MAX(count, 0) + 1);

    count = getgroups(count, groups);
    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return getegid() == group;
}

/* ---- reading ---- */

static bool read_owner(const char *text, Ownership *ownership, Error **err)
{
    g_autofree char *buffer = g_malloc(PASSWD_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwnam_r(text, &entry, buffer, PASSWD_BYTES, &found) != 0 || !found)
        return error_set(err, ERROR_CONFIG, "give a name that `getent passwd` lists",
                         "no such user");
    if (found->pw_uid != geteuid() && !may_chown())
        return error_set(err, ERROR_CONFIG,
                         "remove the line, or give the service this capability: `hotfolder "
                         "systemd-dropin --install`",
                         "giving files to another user needs the capability CAP_CHOWN");
    ownership->owner = found->pw_uid;
    ownership->set |= OWNERSHIP_OWNER;
    return true;
}

static bool read_group(const char *text, Ownership *ownership, Error **err)
{
    gid_t group = 0;

    if (!user_group(text, &group))
        return error_set(err, ERROR_CONFIG, "give a name that `getent group` lists",
                         "no such group");
    if (!in_group(group) && !may_chown())
        return error_set(err, ERROR_CONFIG,
                         "add the user to the group; for the service, run `hotfolder "
                         "systemd-dropin --install`",
                         "the user that hotfolder runs as is not in the group");
    ownership->group = group;
    ownership->set |= OWNERSHIP_GROUP;
    return true;
}

static bool read_octal(const char *text, mode_t needed, const char *fix, mode_t *mode, Error **err)
{
    char *end = NULL;
    guint64 value = g_ascii_strtoull(text, &end, 8);

    if (!g_ascii_isdigit(*text) || *end)
        return error_set(err, ERROR_CONFIG, fix, "not an octal number");
    if (value > PERMISSIONS)
        return error_set(err, ERROR_CONFIG, fix, "too large");
    if ((value & needed) != needed)
        return error_set(err, ERROR_CONFIG, fix, "too few permissions for the service itself");
    *mode = (mode_t) value;
    return true;
}

static bool read_mode(const char *text, Ownership *ownership, Error **err)
{
    if (!read_octal(text, OWN_FILE, "give 0600 to 0777", &ownership->mode, err))
        return false;
    ownership->set |= OWNERSHIP_MODE;
    return true;
}

static bool read_directory_mode(const char *text, Ownership *ownership, Error **err)
{
    if (!read_octal(text, OWN_DIRECTORY,
                    "give 0700 to 0777; setgid is inherited from the directory above",
                    &ownership->directory_mode, err))
        return false;
    ownership->set |= OWNERSHIP_DIRECTORY_MODE;
    return true;
}

static const struct {
    const char *name;
    size_t offset; /* in OwnershipSettings */
    bool (*read)(const char *text, Ownership *ownership, Error **err);
} rows[] = {
    { "owner", offsetof(OwnershipSettings, owner), read_owner },
    { "group", offsetof(OwnershipSettings, group), read_group },
    { "mode", offsetof(OwnershipSettings, mode), read_mode },
    { "directory_mode", offsetof(OwnershipSettings, directory_mode), read_directory_mode },
};

static bool is_set(const char *text)
{
    return text && strcmp(text, "auto") != 0;
}

void ownership_check(const ConfNode *section, GPtrArray *errors)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const ConfNode *node = conf_find(section, rows[i].name);
        const char *text = node && node->values->len ? node->values->pdata[0] : NULL;
        g_autoptr(Error) error = NULL;
        Ownership ignored = { 0 };

        if (!is_set(text) || rows[i].read(text, &ignored, &error))
            continue;
        g_autofree char *shown = text_value(text, 60);
        conf_add_error(errors, node->file, node->line, error->fix, "%s = %s: %s", rows[i].name,
                       shown, error->what);
    }
}

Ownership ownership_read(const OwnershipSettings *settings)
{
    Ownership ownership = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *text = *(char *const *) ((const char *) settings + rows[i].offset);
        g_autoptr(Error) reported_by_check = NULL;
        if (is_set(text))
            rows[i].read(text, &ownership, &reported_by_check);
    }
    return ownership;
}

/* ---- applying ---- */

static bool cannot_apply(const char *what, const char *where, Error **err)
{
    error_errno(err, errno, "cannot set the %s of an output in '%s'", what, where);
    (*err)->kind = ERROR_ENVIRONMENT;
    return false;
}

bool ownership_apply(const Ownership *ownership, unsigned which, int fd, const char *where,
                     Error **err)
{
    unsigned now = ownership->set & which;

    if (now & OWNERSHIP_GROUP && fchown(fd, (uid_t) -1, ownership->group) < 0)
        return cannot_apply("group", where, err);
    if (now & OWNERSHIP_MODE && fchmod(fd, ownership->mode) < 0)
        return cannot_apply("mode", where, err);
    if (now & OWNERSHIP_OWNER && fchown(fd, ownership->owner, (gid_t) -1) < 0)
        return cannot_apply("owner", where, err);
    return true;
}

bool ownership_restore(int fd, const struct stat *st, mode_t mode, const char *where, Error **err)
{
    return st->st_mode == mode || fchmod(fd, mode & ALL_BITS) == 0 ||
           cannot_apply("mode", where, err);
}

/* mkdirat(2) with exactly this mode, by a umask that is this thread's own. Where a service may not
 * set the setgid bit (RestrictSUIDSGID=), chmod(2) cannot keep it on a directory that has inherited
 * it, so the mode has to be right from the start. */
static int make_with_mode(int parent, const char *name, mode_t mode)
{
    static _Thread_local bool apart;
    mode_t mask = 0;

    apart = apart || unshare(CLONE_FS) == 0;
    if (!apart)
        return mkdirat(parent, name, mode);
    mask = umask(0);
    int made = mkdirat(parent, name, mode);
    umask(mask);
    return made;
}

/* A default ACL may have narrowed the mode. */
static int apply_to_directory(const Ownership *ownership, int fd)
{
    struct stat st;

    if (ownership->set & OWNERSHIP_GROUP && fchown(fd, (uid_t) -1, ownership->group) < 0)
        return -1;
    if (!(ownership->set & OWNERSHIP_DIRECTORY_MODE))
        return 0;
    if (fstat(fd, &st) < 0)
        return -1;
    if ((st.st_mode & PERMISSIONS) == ownership->directory_mode)
        return 0;
    return fchmod(fd, ownership->directory_mode | (st.st_mode & S_ISGID));
}

/* Another thread may be making the same directory, by the same hidden name: the thread that finds
 * it gone leaves the rest to the other one. What a crash left is used by the next thread that needs
 * the directory. */
static int make_hidden(const Ownership *ownership, int parent, const char *hidden, const char *name)
{
    int made = ownership->set & OWNERSHIP_DIRECTORY_MODE
                   ? make_with_mode(parent, hidden, ownership->directory_mode)
                   : mkdirat(parent, hidden, PERMISSIONS);

    if (made < 0 && errno != EEXIST)
        return -1;
    int fd = beneath_openat(parent, hidden, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return -1;
    int given = apply_to_directory(ownership, fd);
    int code = errno;
    close(fd);
    errno = code;
    return given < 0 ? -1 : rename_to_free_name(parent, hidden, parent, name);
}

static mode_t default_mode(const Ownership *ownership, int parent)
{
    struct stat st;
    bool sticky =
        ownership->set & OWNERSHIP_STICKY && fstat(parent, &st) == 0 && st.st_mode & S_ISVTX;

    return PERMISSIONS | (sticky ? S_ISVTX : 0);
}

int ownership_make_directory(const Ownership *ownership, int parent, const char *name)
{
    g_autofree char *hidden = g_strdup_printf(HIDDEN_PREFIX "dir-%08x", g_str_hash(name));

    if (!(ownership->set & (OWNERSHIP_GROUP | OWNERSHIP_DIRECTORY_MODE)))
        return mkdirat(parent, name, default_mode(ownership, parent)) < 0 && errno != EEXIST ? -1
                                                                                             : 0;
    if (make_hidden(ownership, parent, hidden, name) == 0 || errno == ENOENT)
        return 0;
    int code = errno;
    unlinkat(parent, hidden, AT_REMOVEDIR);
    errno = code;
    return code == EEXIST ? 0 : -1;
}
