/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/folder_status.h"

#include <string.h>

#include "base/clock.h"
#include "command/client.h"
#include "command/json.h"

enum { ANSWER_S = 5, PAUSE_US = 50000 };

void folder_status_clear(FolderStatus *status)
{
    g_free(status->state);
    g_free(status->reason);
    g_free(status->method);
    g_free(status->waiting);
    *status = (FolderStatus){ 0 };
}

static char *text_of(const cJSON *object, const char *name)
{
    return g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(object, name)));
}

/* "pending: still open for writing", of the reason with the most files; NULL: there is none. */
static char *first_reason(const cJSON *folder, const char *list)
{
    const cJSON *reasons = cJSON_GetObjectItem(folder, list);
    const cJSON *first = reasons ? reasons->child : NULL;

    return first ? g_strdup_printf("%s: %s", list, first->string) : NULL;
}

static void read_folder(const cJSON *folder, FolderStatus *status)
{
    char *pending = first_reason(folder, "pending");

    status->known = true;
    status->state = text_of(folder, "state");
    status->reason = text_of(folder, "reason");
    status->method = text_of(folder, "watch");
    status->waiting = pending ? pending : first_reason(folder, "ignored");
    status->queued = json_number(folder, "queued");
    status->in_progress = json_number(folder, "in_progress");
}

void folder_status_ask(const Target *target, const char *folder, FolderStatus *status)
{
    g_autofree char *socket = g_build_filename(target->runtime_dir, "control.sock", NULL);
    g_autofree char *answer = client_get(socket, "/v1/status", ANSWER_S);
    cJSON *json = answer ? cJSON_Parse(answer) : NULL;
    const cJSON *each = NULL;

    *status = (FolderStatus){ .answered = json != NULL };
    cJSON_ArrayForEach(each, cJSON_GetObjectItem(json, "folders"))
    {
        g_autofree char *called = text_of(each, "name");
        if (!status->known && called && !strcmp(called, folder))
            read_folder(each, status);
    }
    cJSON_Delete(json);
}

bool folder_status_is_paused(const FolderStatus *status)
{
    return !g_strcmp0(status->state, "paused");
}

bool folder_status_await(const Target *target, const char *folder, int timeout_ms,
                         FolderStatus *status)
{
    int64_t end_ms = clock_ms() + timeout_ms;

    for (;;) {
        folder_status_ask(target, folder, status);
        if (status->method && !g_strcmp0(status->state, "available"))
            return true;
        if (clock_ms() >= end_ms || folder_status_is_paused(status))
            return false;
        folder_status_clear(status);
        g_usleep(PAUSE_US);
    }
}

bool folder_status_is_answered(const Target *target)
{
    g_auto(FolderStatus) status = { 0 };

    folder_status_ask(target, "", &status);
    return status.answered;
}
