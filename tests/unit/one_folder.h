/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one_folder.h - a configuration of one folder, "f", as the daemon reads it. */
#pragma once

#include "daemon/settings/load.h"
#include "tests/unit/check.h"

/* With these lines in the folder, below a `defaults` with those: the snapshot, or NULL. *messages
 * is every error, a line each, its file without the directory; newly allocated. */
static inline Settings *one_folder(const char *defaults, const char *lines, char **messages)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    char *dir = check_mkdir();
    g_autofree char *file = g_build_filename(dir, "main.conf", NULL);
    g_autofree char *text =
        g_strdup_printf("defaults { %s }\n"
                        "folder \"f\" { path = '%s/in' output = '%s/out' profile = \"p\"\n%s }\n"
                        "profile \"p\" { save {} }\n",
                        defaults, dir, dir, lines);
    GString *all = g_string_new(NULL);

    check_write(dir, "main.conf", text);
    Settings *settings = settings_load(file, NULL, errors);
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = error_text(errors->pdata[i]);
        g_string_append_printf(all, "%s\n", line + strlen(dir) + 1);
    }
    *messages = g_string_free(all, FALSE);
    check_rmdir(dir);
    return settings;
}
