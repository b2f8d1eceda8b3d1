/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/results.h"

#include "base/clock.h"
#include "base/text.h"
#include "command/json.h"

struct Results {
    int64_t started_ms;
    cJSON *pictures, *ignored_files, *ignored;
};

Results *results_new(void)
{
    Results *results = g_new0(Results, 1);

    results->started_ms = clock_ms();
    results->pictures = cJSON_CreateArray();
    results->ignored_files = cJSON_CreateArray();
    results->ignored = cJSON_CreateObject();
    return results;
}

void results_free(Results *results)
{
    cJSON_Delete(results->pictures);
    cJSON_Delete(results->ignored_files);
    cJSON_Delete(results->ignored);
    g_free(results);
}

/* ---- while it runs ---- */

static void take_progress(void *user G_GNUC_UNUSED, const BatchCounts *counts G_GNUC_UNUSED)
{
}

static cJSON *add_picture(Results *results, const char *source, const char *state)
{
    cJSON *picture = cJSON_CreateObject();

    json_add_text(picture, "source", source);
    cJSON_AddStringToObject(picture, "state", state);
    cJSON_AddItemToArray(results->pictures, picture);
    return picture;
}

static void take_done(void *user, const char *source, char **outputs, const char *note, char **plan)
{
    cJSON *picture = add_picture(user, source, "done");
    cJSON *names = cJSON_AddArrayToObject(picture, "outputs");

    if (note)
        cJSON_AddStringToObject(picture, "note", note);

    for (char **output = outputs; output && *output; output++) {
        g_autofree char *text = text_escape(*output);
        cJSON_AddItemToArray(names, cJSON_CreateString(text));
    }
    if (plan)
        cJSON_AddItemToObject(
            picture, "plan",
            cJSON_CreateStringArray((const char *const *) plan, (int) g_strv_length(plan)));
}

static void take_failed(void *user, const char *source, const Error *error)
{
    cJSON_AddItemToObject(add_picture(user, source, "failed"), "error", json_error(error));
}

static void count_reason(cJSON *counts, const char *reason)
{
    cJSON *count = cJSON_GetObjectItemCaseSensitive(counts, reason);

    if (count)
        cJSON_SetNumberValue(count, count->valuedouble + 1);
    else
        cJSON_AddNumberToObject(counts, reason, 1);
}

static void take_ignored(void *user, const char *path, const char *reason)
{
    Results *results = user;
    cJSON *file = cJSON_CreateObject();

    json_add_text(file, "path", path);
    cJSON_AddStringToObject(file, "reason", reason);
    cJSON_AddItemToArray(results->ignored_files, file);
    count_reason(results->ignored, reason);
}

static void take_without(void *user G_GNUC_UNUSED, const char *typed G_GNUC_UNUSED)
{
}

BatchReporter results_reporter(Results *results)
{
    return (BatchReporter){ .user = results,
                            .progress = take_progress,
                            .done = take_done,
                            .failed = take_failed,
                            .ignored = take_ignored,
                            .without = take_without };
}

/* ---- at its end ---- */

cJSON *results_json(Results *results, const BatchCounts *counts, bool interrupted,
                    const Error *error)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "found", counts->found);
    cJSON_AddNumberToObject(json, "done", counts->done);
    cJSON_AddNumberToObject(json, "there_already", counts->already);
    cJSON_AddNumberToObject(json, "without_output", counts->without);
    cJSON_AddNumberToObject(json, "failed", counts->failed);
    cJSON_AddNumberToObject(json, "seconds", (double) (clock_ms() - results->started_ms) / 1000);
    cJSON_AddBoolToObject(json, "interrupted", interrupted);
    if (error)
        cJSON_AddItemToObject(json, "error", json_error(error));
    cJSON_AddItemToObject(json, "ignored", g_steal_pointer(&results->ignored));
    cJSON_AddItemToObject(json, "pictures", g_steal_pointer(&results->pictures));
    cJSON_AddItemToObject(json, "ignored_files", g_steal_pointer(&results->ignored_files));
    return json;
}
