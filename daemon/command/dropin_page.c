/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/dropin_page.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/unit.h"

char *dropin_page_text(const Http *http)
{
    g_autofree char *file = text_escape(http->file);

    /* the first one forgets where the unit listens */
    return g_strdup_printf("# Written by `hotfolder systemd-dropin` from %s:%d.\n"
                           "[Socket]\nListenStream=\nListenStream=%s\n",
                           file, http->line, http->listen);
}

bool dropin_page_is_current(const Http *http)
{
    g_autofree char *line = g_strdup_printf("\nListenStream=%s\n", http->listen);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(DROPIN_PAGE, &text, NULL, NULL))
        return !strcmp(http->listen, "127.0.0.1:8480"); /* as the unit has it */
    return strstr(text, line);
}

bool dropin_page_install(const Http *http, Error **err)
{
    if (!http) {
        if (unlink(DROPIN_PAGE) < 0 && errno != ENOENT && errno != ENOTDIR)
            return error_errno(err, errno, "cannot remove '%s'", DROPIN_PAGE);
        g_autofree char *directory = g_path_get_dirname(DROPIN_PAGE);
        rmdir(directory); /* other drop-ins may be in it */
        return true;
    }
    g_autofree char *text = dropin_page_text(http);
    return unit_write(DROPIN_PAGE, text, err);
}
