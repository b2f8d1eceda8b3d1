/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/signs.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/hidden.h"

/* Whether a file of this name can be made: it is removed at once. One that is there was made by
 * another check, which may have been interrupted. */
static bool takes_name(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);

    bool takes = fd >= 0 || errno == EEXIST;

    if (fd >= 0)
        close(fd);
    if (takes)
        unlinkat(dir_fd, name, 0);
    return takes;
}

static bool takes_sign(int dir_fd, char sign)
{
    g_autofree char *name = g_strdup_printf(HIDDEN_PREFIX "try%cx", sign);

    return takes_name(dir_fd, name);
}

char *signs_refused(int dir_fd, const char *name)
{
    size_t length = strlen(name);

    if (!takes_sign(dir_fd, 'x'))
        return NULL;
    for (const char *c = name; *c; c++) {
        if (!strchr("\"*:<>?|\\", *c) && !g_ascii_iscntrl(*c))
            continue;
        if (!takes_sign(dir_fd, *c))
            return g_ascii_iscntrl(*c) ? g_strdup("a control character")
                                       : g_strdup_printf("the sign '%c'", *c);
    }
    if (length && name[length - 1] == '.' && !takes_name(dir_fd, HIDDEN_PREFIX "try."))
        return g_strdup("a dot at its end");
    if (length && name[length - 1] == ' ' && !takes_name(dir_fd, HIDDEN_PREFIX "try "))
        return g_strdup("a blank at its end");
    return NULL;
}
