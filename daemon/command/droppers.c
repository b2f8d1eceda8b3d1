/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/droppers.h"

#include <grp.h>
#include <sys/stat.h>

#include "base/text.h"

enum { ENTRY_BYTES = 1 << 16 };

/* Its members as the group's entry has them, with blanks between, newly allocated. */
static char *members_of(gid_t id, char **name)
{
    g_autofree char *buffer = g_malloc(ENTRY_BYTES);
    struct group entry, *found = NULL;

    if (getgrgid_r(id, &entry, buffer, ENTRY_BYTES, &found) != 0 || !found) {
        *name = g_strdup_printf("%u", id);
        return g_strdup("");
    }
    *name = g_strdup(found->gr_name);
    return g_strjoinv(" ", found->gr_mem);
}

static char *about_group(gid_t id, char **fix)
{
    g_autofree char *name = NULL, *members = members_of(id, &name);
    const char *caller = g_getenv("SUDO_USER");
    g_autofree char *person = text_escape(caller ? caller : "NAME");

    if (*members)
        return g_strdup_printf("members of the group %s (%s) may drop pictures there", name,
                               members);
    g_autofree char *join =
        g_strdup_printf("sudo adduser %s %s, from the next login on", person, name);
    g_autofree char *what =
        g_strdup_printf("members of the group %s may drop pictures there; it has none yet", name);
    if (!fix)
        return g_strdup_printf("%s: %s", what, join);
    *fix = g_steal_pointer(&join);
    return g_steal_pointer(&what);
}

char *droppers_text(const char *path, UnitManager manager, char **fix)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return g_strdup("");
    if (st.st_mode & S_IWOTH)
        return g_strdup("every user of this machine may drop pictures there");
    if (st.st_mode & S_IWGRP && manager == UNIT_SYSTEM)
        return about_group(st.st_gid, fix);
    return g_strdup_printf("%s may drop pictures there",
                           manager == UNIT_SYSTEM ? "only its owner" : "you");
}
