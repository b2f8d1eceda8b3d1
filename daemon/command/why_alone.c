/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/why_alone.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "command/json.h"
#include "command/place.h"
#include "daemon/control/places.h"
#include "daemon/control/why_words.h"
#include "daemon/files/lease.h"
#include "daemon/settings/ignore.h"
#include "daemon/settings/load.h"

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

/* The name that the configuration has for the path, newly allocated. */
static char *name_of(const Settings *settings, const char *path)
{
    const char *inside = NULL;
    char *found = NULL;

    if (places_of_input(settings, path, &inside) || places_of_output(settings, path, &inside))
        return g_strdup(path);
    for (guint i = 0; !found && i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];

        found = place_below(path, folder->path);
        if (!found)
            found = place_below(path, folder->output);
    }
    return found ? found : g_strdup(path);
}

static void tell_elsewhere(cJSON *answer, const Settings *settings)
{
    set_state(answer, "none", "never seen",
              "never seen: it lies in no folder of the configuration");
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        g_autofree char *name = text_escape(folder->name), *path = text_escape(folder->path);
        g_autofree char *text = g_strdup_printf("folder '%s': %s", name, path);
        note(answer, text);
    }
}

static void tell_place(cJSON *answer, const Settings *settings, const char *path)
{
    const char *inside = NULL;
    const Folder *input = places_of_input(settings, path, &inside);
    const Folder *folder = input ? input : places_of_output(settings, path, &inside);

    if (!folder) {
        tell_elsewhere(answer, settings);
        return;
    }
    json_add_text(answer, "folder", folder->name);
    if (input) {
        tell_file(answer, folder, path, inside);
        return;
    }
    g_autofree char *name = text_escape(folder->name);
    g_autofree char *sentence = g_strdup_printf(
        "never seen: hotfolder does not run; outputs of the folder '%s' appear here", name);
    set_state(answer, "output", "never seen", sentence);
}

char *why_configured(const char *config, const char *path)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Settings) settings = settings_load(config, NULL, errors);
    g_autofree char *name = settings ? name_of(settings, path) : NULL;
    const char *inside = NULL;
    const Folder *folder = settings ? places_of_input(settings, name, &inside) : NULL;

    return folder ? g_strdup(folder->name) : NULL;
}

cJSON *why_alone(const char *config, const char *path)
{
    cJSON *answer = cJSON_CreateObject();
    g_autoptr(Settings) settings = command_settings(config);

    json_add_text(answer, "path", path);
    cJSON_AddArrayToObject(answer, "notes");
    g_autofree char *name = settings ? name_of(settings, path) : NULL;
    if (settings)
        tell_place(answer, settings, name);
    else
        set_state(answer, "none", "never seen",
                  "never seen: hotfolder does not run, and its configuration has errors");
    return answer;
}
