/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/why_alone.h"

#include <sys/stat.h>

#include "base/text.h"
#include "command/json.h"
#include "daemon/control/places.h"
#include "daemon/control/why_words.h"
#include "daemon/files/lease.h"
#include "daemon/settings/ignore.h"

static void set_state(cJSON *answer, const char *kind, const char *state, const char *sentence)
{
    cJSON_AddStringToObject(answer, "kind", kind);
    cJSON_AddStringToObject(answer, "state", state);
    cJSON_AddStringToObject(answer, "sentence", sentence);
}

static void note(cJSON *answer, const char *text)
{
    cJSON_AddItemToArray(cJSON_GetObjectItem(answer, "notes"), cJSON_CreateString(text));
}

/* Ignored by its name, or for what it is; else it is taken when the daemon runs. */
static void tell_file(cJSON *answer, const Folder *folder, const char *path, const char *inside)
{
    g_autofree char *name = text_escape(folder->name);
    g_autofree char *sentence = NULL;
    struct stat st;
    bool there = lstat(path, &st) == 0, directory = there && S_ISDIR(st.st_mode);
    const char *refusal = there && !directory ? file_refusal(st.st_mode) : NULL;
    const char *advice = NULL;
    IgnoredPlace place = { 0 };
    bool ignored = ignore_place(folder, inside, directory, &place);

    if (ignored || refusal)
        sentence =
            g_strdup_printf("ignored: %s", why_words(ignored ? place.reason : refusal, &advice));
    else
        sentence = g_strdup_printf("never seen: hotfolder does not run; it is looked at when it "
                                   "does, as it lies in the folder '%s'",
                                   name);
    set_state(answer, directory ? "directory" : "file",
              ignored || refusal ? "ignored" : "never seen", sentence);
    if (ignored && place.above) {
        g_autofree char *above = g_strndup(inside, place.length), *shown = text_escape(above);
        g_autofree char *text = g_strdup_printf("it lies in '%s', which is not entered", shown);
        note(answer, text);
    }
    if (advice)
        note(answer, advice);
    if (!there)
        note(answer, "there is no such file");
}

static void tell_place(cJSON *answer, const Settings *settings, const char *path)
{
    const char *inside = NULL;
    const Folder *folder = places_of_input(settings, path, &inside);

    if (folder) {
        json_add_text(answer, "folder", folder->name);
        tell_file(answer, folder, path, inside);
        return;
    }
    folder = places_of_output(settings, path, &inside);
    g_autofree char *name = text_escape(folder ? folder->name : "");
    g_autofree char *sentence =
        folder ? g_strdup_printf("never seen: hotfolder does not run; outputs of the folder '%s' "
                                 "appear here",
                                 name)
               : g_strdup("never seen: it lies in no folder of the configuration");
    set_state(answer, folder ? "output" : "none", "never seen", sentence);
    for (guint i = 0; !folder && i < settings->folders->len; i++) {
        const Folder *other = settings->folders->pdata[i];
        g_autofree char *shown = text_escape(other->name), *at = text_escape(other->path);
        g_autofree char *text = g_strdup_printf("folder '%s': %s", shown, at);
        note(answer, text);
    }
}

cJSON *why_alone(const char *config, const char *path)
{
    cJSON *answer = cJSON_CreateObject();
    g_autoptr(Settings) settings = command_settings(config);

    json_add_text(answer, "path", path);
    cJSON_AddArrayToObject(answer, "notes");
    if (settings)
        tell_place(answer, settings, path);
    else
        set_state(answer, "none", "never seen",
                  "never seen: hotfolder does not run, and its configuration has errors");
    return answer;
}
