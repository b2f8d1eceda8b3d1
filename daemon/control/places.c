/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/places.h"

#include <string.h>

#include "base/text.h"
#include "daemon/files/mounts.h"
#include "daemon/settings/ignore.h"

static const Folder *deepest(const Settings *settings, const char *path, bool output,
                             const char **inside)
{
    const Folder *found = NULL;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        const char *rest = mounts_below(path, output ? folder->output : folder->path);
        if (rest && (!found || strlen(rest) < strlen(*inside))) {
            found = folder;
            *inside = rest;
        }
    }
    return found;
}

const Folder *places_of_input(const Settings *settings, const char *path, const char **inside)
{
    return deepest(settings, path, false, inside);
}

const Folder *places_of_output(const Settings *settings, const char *path, const char **inside)
{
    return deepest(settings, path, true, inside);
}

bool places_is_reserved(const char *inside)
{
    g_autofree char *top = g_strndup(inside, strcspn(inside, "/"));

    return ignore_is_reserved(top);
}

const Folder *places_folder(const Settings *settings, const char *name, Answer *answer)
{
    const char *inside = "";
    const Folder *folder = settings_find_folder(settings, name);

    if (!folder && *name == '/')
        folder = places_of_input(settings, name, &inside);
    if (folder && !*inside)
        return folder;
    const char *closest = settings_closest_folder(settings, name);
    g_autofree char *shown = text_escape(name);
    g_autofree char *meant = closest ? g_strdup_printf("did you mean '%s'?", closest) : NULL;
    answer_refuse(answer, ANSWER_UNKNOWN, meant ? meant : "`hotfolder status` shows all",
                  "there is no folder '%s'", shown);
    return NULL;
}
