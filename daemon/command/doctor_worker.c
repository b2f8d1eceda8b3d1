/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/doctor_worker.h"

#include <string.h>

#include "base/paths.h"
#include "command/json.h"

/* What it says; NULL: it does not run, which was reported. */
static cJSON *ask(GPtrArray *list)
{
    g_autofree char *worker = paths_worker(), *answer = NULL;
    char mode[] = "--able";
    char *argv[] = { worker, mode, NULL };
    g_autoptr(GError) error = NULL;
    int status = 0;
    bool ran = g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &answer, NULL,
                            &status, &error) &&
               g_spawn_check_wait_status(status, &error);
    cJSON *json = ran ? cJSON_Parse(answer) : NULL;

    if (!json)
        finding_add(list, FINDING_PROBLEM, NULL, "install hotfolder again",
                    "the worker '%s' does not say which formats it has: %s", worker,
                    error ? error->message : "its answer cannot be read");
    return json;
}

static bool has(const cJSON *words, Format format)
{
    const cJSON *word = NULL;

    cJSON_ArrayForEach(
        word, words) if (!g_strcmp0(cJSON_GetStringValue(word), format_word(format))) return true;
    return false;
}

/* Their names, ", " between them; newly allocated. */
static char *names_of(const cJSON *words)
{
    GString *names = g_string_new(NULL);

    for (Format format = FORMAT_NONE + 1; format < FORMAT_COUNT; format++)
        if (has(words, format))
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", format_name(format));
    return g_string_free(names, FALSE);
}

static void report_lack(GPtrArray *list, const Folder *folder, Format format)
{
    g_autofree char *fix =
        g_strdup_printf("install libvips with %s, or take %s out of `accept`",
                        format_library(format) ? format_library(format) : "a library that reads it",
                        format_word(format));

    finding_add(list, FINDING_PROBLEM, folder, fix,
                "the folder accepts %s, which the worker cannot read here", format_name(format));
}

static void report_lacks(GPtrArray *list, const cJSON *reads, const Folder *folder)
{
    for (Format format = FORMAT_NONE + 1; format < FORMAT_COUNT; format++)
        if (folder->limits.accept & FORMAT_BIT(format) && !has(reads, format))
            report_lack(list, folder, format);
}

void doctor_worker(GPtrArray *list, const Settings *settings)
{
    cJSON *json = ask(list);
    const cJSON *reads = cJSON_GetObjectItem(json, "reads");

    if (!json)
        return;
    g_autofree char *read = names_of(reads);
    g_autofree char *written = names_of(cJSON_GetObjectItem(json, "writes"));
    finding_add(list, FINDING_OK, NULL, NULL, "pictures can be read as %s, and written as %s", read,
                written);
    for (guint i = 0; settings && i < settings->folders->len; i++)
        report_lacks(list, reads, settings->folders->pdata[i]);
    if (cJSON_IsTrue(cJSON_GetObjectItem(json, "fonts")))
        finding_add(list, FINDING_OK, NULL, NULL, "there are fonts for texts");
    else
        finding_add(list, FINDING_NOTE, NULL, "install one: apt install fonts-dejavu-core",
                    "there is no font: texts become boxes");
    cJSON_Delete(json);
}
