/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/user.h"

#include <glib.h>
#include <grp.h>
#include <pwd.h>

enum {
    PASSWD_BYTES = 1 << 16,
    GROUP_BYTES = 1 << 18, /* enough for a group with thousands of members */
    GROUPS_MAX = 65536,    /* NGROUPS_MAX of Linux */
};

char *user_name(uid_t user)
{
    g_autofree char *buffer = g_malloc(PASSWD_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwuid_r(user, &entry, buffer, PASSWD_BYTES, &found) != 0 || !found)
        return g_strdup_printf("%u", user);
    return g_strdup(found->pw_name);
}

bool user_id(const char *name, uid_t *user)
{
    g_autofree char *buffer = g_malloc(PASSWD_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwnam_r(name, &entry, buffer, PASSWD_BYTES, &found) != 0 || !found)
        return false;
    *user = found->pw_uid;
    return true;
}

bool user_group(const char *name, gid_t *group)
{
    g_autofree char *buffer = g_malloc(GROUP_BYTES);
    struct group entry, *found = NULL;

    if (getgrnam_r(name, &entry, buffer, GROUP_BYTES, &found) != 0 || !found)
        return false;
    *group = found->gr_gid;
    return true;
}

bool user_is_member(uid_t user, gid_t group)
{
    g_autofree char *buffer = g_malloc(PASSWD_BYTES);
    g_autofree gid_t *groups = g_new(gid_t, GROUPS_MAX);
    struct passwd entry, *found = NULL;
    int count = GROUPS_MAX;
    bool member = false;

    if (getpwuid_r(user, &entry, buffer, PASSWD_BYTES, &found) != 0 || !found ||
        getgrouplist(found->pw_name, found->pw_gid, groups, &count) < 0)
        return false;
    for (int i = 0; i < count && !member; i++)
        member = groups[i] == group;
    return member;
}
