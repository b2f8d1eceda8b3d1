/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/output_file.h"

#include <errno.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/settings/load.h"

static bool refuse_watched(const char *directory, const char *folder, Error **err)
{
    g_autofree char *shown = text_escape(directory);

    return error_set(err, ERROR_CONFIG, "name a file elsewhere with --output",
                     "'%s' is watched by the hot folder \"%s\", which would take the file as a "
                     "picture",
                     shown, folder);
}

static bool refuse_directory(const char *directory, int code, Error **err)
{
    g_autofree char *shown = text_escape(directory);

    error_errno(err, code, "cannot write to the directory '%s'", shown);
    (*err)->kind = ERROR_CONFIG;
    (*err)->fix = g_strdup("make it, or name a file elsewhere with --output");
    return false;
}

bool output_file_allowed(const char *path, const char *config, const Target *target, Error **err)
{
    const char *const files[] = { config, target->config, HOTFOLDER_CONFIG };
    g_autofree char *directory = g_path_get_dirname(path);

    if (!g_file_test(directory, G_FILE_TEST_IS_DIR))
        return refuse_directory(directory, ENOENT, err);
    if (access(directory, W_OK | X_OK) < 0)
        return refuse_directory(directory, errno, err);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *folder = files[i] && access(files[i], R_OK) == 0
                                      ? settings_watcher_of(files[i], directory)
                                      : NULL;
        if (folder)
            return refuse_watched(directory, folder, err);
    }
    return true;
}
