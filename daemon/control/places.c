/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/places.h"

#include <string.h>

#include "base/text.h"

/* What is left of `path` behind `directory`; NULL: it lies elsewhere. */
static const char *rest_of(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    while (length && directory[length - 1] == '/')
        length--;
    if (strncmp(path, directory, length) != 0 || (path[length] && path[length] != '/'))
        return NULL;
    return path[length] ? path + length + 1 : path + length;
}

static const Folder *deepest(const Settings *settings, const char *path, bool output,
                             const char **inside)
{
    const Folder *found = NULL;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        const char *rest = rest_of(path, output ? folder->output : folder->path);
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

/* Newly allocated; NULL: no name is near. */
static char *similar_name(const Settings *settings, const char *name)
{
    g_autofree const char **names = g_new0(const char *, settings->folders->len + 1);

    for (guint i = 0; i < settings->folders->len; i++)
        names[i] = ((const Folder *) settings->folders->pdata[i])->name;
    const char *close = text_closest(name, names);
    return close ? g_strdup_printf("did you mean '%s'?", close) : NULL;
}

const Folder *places_asked(const Settings *settings, const Request *request, Answer *answer)
{
    const char *name = request_text(request, "folder"), *path = request_text(request, "path");
    const char *inside = NULL;
    const Folder *folder = NULL;

    if (name)
        folder = settings_find_folder(settings, name);
    else if (path)
        folder = places_of_input(settings, path, &inside);
    if (folder || !(name || path))
        return folder;
    g_autofree char *shown = text_escape(name ? name : path);
    g_autofree char *similar = name ? similar_name(settings, name) : NULL;
    answer_refuse(answer, ANSWER_UNKNOWN,
                  similar ? similar : "`hotfolder status` lists the folders",
                  name ? "there is no folder '%s'" : "'%s' lies in no folder", shown);
    return NULL;
}
