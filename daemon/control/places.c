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

/* Newly allocated; NULL: no name is near. */
static char *similar_name(const Settings *settings, const char *name)
{
    g_autofree const char **names = g_new0(const char *, settings->folders->len + 1);

    for (guint i = 0; i < settings->folders->len; i++)
        names[i] = ((const Folder *) settings->folders->pdata[i])->name;
    const char *close = text_closest(name, names);
    return close ? g_strdup_printf("did you mean '%s'?", close) : NULL;
}

const Folder *places_folder(const Settings *settings, const char *name, Answer *answer)
{
    const char *inside = "";
    const Folder *folder = settings_find_folder(settings, name);

    if (!folder && *name == '/')
        folder = places_of_input(settings, name, &inside);
    if (folder && !*inside)
        return folder;
    g_autofree char *shown = text_escape(name), *similar = similar_name(settings, name);
    answer_refuse(answer, ANSWER_UNKNOWN, similar ? similar : "`hotfolder status` shows all",
                  "there is no folder '%s'", shown);
    return NULL;
}
