/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/dropin_file.h"

#include <errno.h>
#include <glib.h>

bool dropin_write(const char *path, const char *text, Error **err)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;

    if (g_mkdir_with_parents(directory, 0755) < 0)
        return error_set(err, ERROR_CONFIG, "run the command as root", "cannot create '%s': %s",
                         directory, g_strerror(errno));
    if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
        return error_set(err, ERROR_CONFIG, "run the command as root", "%s", error->message);
    return true;
}
