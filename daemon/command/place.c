/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/place.h"

#include <string.h>

#include "base/text.h"
#include "command/client.h"
#include "command/json.h"
#include "daemon/files/mounts.h"

enum { TIMEOUT_S = 60 };

/* What the daemon says of its folders, kept for the next path; NULL where it does not answer, which
 * the command's own request finds too. */
static const cJSON *ask_status(const Target *target)
{
    static cJSON *status;

    if (!status) {
        g_autofree char *socket = g_build_filename(target->runtime_dir, "control.sock", NULL);
        g_autofree char *answer = client_get(socket, "/v1/status", TIMEOUT_S);
        status = answer ? cJSON_Parse(answer) : NULL;
    }
    return status;
}

/* The path without symbolic links, except one that it is itself; newly allocated. */
static char *real_path(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *real = mounts_real_path(directory);

    return strcmp(path, "/") ? mounts_join(real, name) : g_strdup(path);
}

/* The name of a path below a directory of a folder; newly allocated, NULL: it is not below it. */
typedef char *Find(const char *path, const char *directory);

static char *find_by_text(const char *path, const char *directory)
{
    return mounts_below(path, directory) ? g_strdup(path) : NULL;
}

char *place_below(const char *path, const char *directory)
{
    g_autofree char *real = real_path(path), *whole = mounts_real_path(path);
    g_autofree char *there = mounts_real_path(directory);
    const char *rest = mounts_below(real, there);

    if (rest)
        return mounts_join(directory, rest);
    return strcmp(whole, there) == 0 ? g_strdup(directory) : NULL; /* a link to the directory */
}

static char *find(const cJSON *status, const char *path, Find *how)
{
    static const char *const fields[] = { "path", "output" };
    const cJSON *folder = NULL;
    char *name = NULL;

    cJSON_ArrayForEach(
        folder, cJSON_GetObjectItem(status, "folders")) for (size_t i = 0;
                                                             i < G_N_ELEMENTS(fields) && !name; i++)
    {
        g_autofree char *directory = text_unescape(json_text(folder, fields[i]));
        name = directory && *directory ? how(path, directory) : NULL;
    }
    return name;
}

char *place_name(const Target *target, const char *typed)
{
    g_autofree char *path = client_path(typed);
    const cJSON *status = ask_status(target);
    char *name = find(status, path, find_by_text);

    if (!name) /* else no folder's disk is looked at: a share may not respond */
        name = find(status, path, place_below);
    return name ? name : g_steal_pointer(&path);
}

char *place_folder(const Target *target, const char *typed)
{
    bool is_path = strchr(typed, '/') || !strcmp(typed, ".") || !strcmp(typed, "..");

    return is_path ? place_name(target, typed) : g_strdup(typed);
}
