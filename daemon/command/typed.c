/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/typed.h"

#include <glib.h>
#include <string.h>

#include "daemon/files/mounts.h"

char *typed_real(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *real = mounts_real_path(directory);

    return strcmp(path, "/") ? g_build_filename(real, name, NULL) : g_strdup(path);
}

char *typed_below(const char *real, const char *written)
{
    g_autofree char *directory = mounts_real_path(written);
    const char *rest = mounts_below(real, directory);

    return rest ? mounts_join(written, rest) : NULL;
}
