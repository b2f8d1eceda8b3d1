/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/user.h"

#include <glib.h>
#include <pwd.h>

enum { PASSWD_BYTES = 1 << 16 };

char *user_name(uid_t user)
{
    g_autofree char *buffer = g_malloc(PASSWD_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwuid_r(user, &entry, buffer, PASSWD_BYTES, &found) != 0 || !found)
        return g_strdup_printf("%u", user);
    return g_strdup(found->pw_name);
}
