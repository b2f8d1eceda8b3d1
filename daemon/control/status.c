/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/ledger/answers.h"
#include "daemon/ledger/unmoved.h"
#include "daemon/process/cgroup.h"
#include "daemon/process/sandbox_report.h"
#include "daemon/settings/tables.h"

enum { UNMOVED_DIRECTORIES = 5 }; /* of originals that could not be moved: shown, of each folder */

static void add_counts(cJSON *object, const char *name, const GArray *counts)
{
    cJSON *reasons = cJSON_AddObjectToObject(object, name);

    for (unsigned i = 0; i < counts->len; i++) {
        const ReasonCount *count = &g_array_index(counts, ReasonCount, i);
        cJSON_AddNumberToObject(reasons, count->reason, count->files);
    }
}

static void add_unmoved(cJSON *object, const ControlView *view, const char *folder)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    unmoved_count(view->ledger, folder, UNMOVED_DIRECTORIES, &originals, &groups, &error);
    cJSON_AddNumberToObject(object, "unmoved", (double) originals);
    cJSON *list = cJSON_AddArrayToObject(object, "unmoved_directories");
    for (guint i = 0; groups && i < groups->len; i++) {
        const UnmovedGroup *group = &g_array_index(groups, UnmovedGroup, i);
        cJSON *row = cJSON_CreateObject();
        json_add_text(row, "directory", group->dir);
        cJSON_AddNumberToObject(row, "originals", (double) group->originals);
        if (group->fix)
            json_add_sentence(row, "fix", group->fix);
        cJSON_AddItemToArray(list, row);
    }
}

static void add_pause(cJSON *object, const ControlView *view, const char *folder)
{
    g_autofree char *who = NULL;
    int64_t since_ms = 0;

    if (!health_is_paused(view->health, folder, &who, &since_ms))
        return;
    json_add_text(object, "paused_by", who);
    json_add_time(object, "paused_since", since_ms);
    cJSON_AddBoolToObject(object, "paused_by_name", health_is_paused_by_name(view->health, folder));
}

/* The picture that waits for the longest time. */
static void add_oldest(cJSON *object, const ControlView *view, const char *folder)
{
    g_autofree char *source = NULL;
    g_autoptr(Error) error = NULL;
    int64_t arrived_ms = 0;

    if (!ledger_oldest_queued(view->ledger, folder, &source, &arrived_ms, &error) || !source)
        return;
    json_add_text(object, "oldest_queued", source);
    json_add_time(object, "oldest_queued_since", arrived_ms);
}

static double rounded(double number, double step)
{
    return round(number / step) * step;
}

/* How fast pictures end, and how long a backlog takes at that. folder NULL: all of
 * them. */
static void add_rate(cJSON *object, const ControlView *view, const char *folder, int64_t backlog)
{
    bool steady = false;
    double rate = dispatch_rate(view->dispatch, folder, &steady);

    cJSON_AddNumberToObject(object, "pictures_per_s", rounded(rate, 0.01));
    if (backlog > 0 && steady)
        cJSON_AddNumberToObject(object, "time_left_s", ceil((double) backlog / rate));
}

static cJSON *folder_status(const ControlView *view, const Folder *folder)
{
    g_autofree char *reason = NULL;
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };
    HealthState state = health_get(view->health, folder->name, &reason);
    WatchReport report = watch_report(view->watch, folder->name);
    cJSON *object = cJSON_CreateObject();

    ledger_count(view->ledger, folder->name, &counts, &error);
    json_add_text(object, "name", folder->name);
    json_add_text(object, "path", folder->path);
    cJSON_AddBoolToObject(object, "recursive", folder->recursive);
    json_add_text(object, "output", folder->output);
    json_add_text(object, "profile", folder->profile->name);
    cJSON_AddStringToObject(object, "order", order_word(folder->order));
    cJSON_AddNumberToObject(object, "priority", folder->priority);
    json_add_text(object, "state", health_word(state));
    if (reason)
        json_add_sentence(object, "reason", reason);
    add_pause(object, view, folder->name);
    if (report.method)
        cJSON_AddStringToObject(object, "watch", report.method);
    cJSON_AddNumberToObject(object, "directories", report.directories);
    cJSON_AddNumberToObject(object, "queued", (double) counts.queued);
    cJSON_AddNumberToObject(object, "in_progress", (double) ledger_in_progress(&counts));
    cJSON_AddNumberToObject(object, "done", (double) counts.done);
    cJSON_AddNumberToObject(object, "failed", (double) counts.failed);
    cJSON_AddNumberToObject(object, "duplicates", (double) counts.duplicates);
    add_rate(object, view, folder->name,
             state == HEALTH_AVAILABLE ? counts.queued + ledger_in_progress(&counts) : 0);
    if (counts.queued)
        add_oldest(object, view, folder->name);
    add_unmoved(object, view, folder->name);
    add_counts(object, "pending", report.pending_by_reason);
    add_counts(object, "ignored", report.ignored_by_reason);
    if (counts.cancelled)
        cJSON_AddNumberToObject(cJSON_GetObjectItem(object, "ignored"), "cancelled or undone",
                                (double) counts.cancelled);
    watch_report_clear(&report);
    return object;
}

/* Adds nothing while no worker was ready yet. */
static void add_sandbox(cJSON *status)
{
    g_autofree char *lacks = sandbox_report_missing();

    if (!lacks)
        return;
    cJSON *sandbox = cJSON_AddObjectToObject(status, "sandbox");
    cJSON_AddBoolToObject(sandbox, "complete", !*lacks);
    json_add_text(sandbox, "lacks", lacks);
    const char *groups = cgroup_limits();
    json_add_text(sandbox, "groups", groups ? groups : "");
}

static void add_job(void *user, const PoolJob *job)
{
    cJSON *list = user, *row = cJSON_CreateObject();

    json_add_text(row, "folder", job->folder);
    json_add_text(row, "picture", job->source);
    cJSON_AddNumberToObject(row, "for_s", floor((double) (clock_ms() - job->begun_ms) / 1000));
    if (job->waits || job->still)
        cJSON_AddStringToObject(row, "waits_for", job->waits ? "memory" : "a disk");
    cJSON_AddItemToArray(list, row);
}

/* Of all folders that are available. */
static void add_whole_rate(cJSON *status, const ControlView *view)
{
    int64_t backlog = 0;

    for (guint i = 0; i < view->settings->folders->len; i++) {
        const Folder *folder = view->settings->folders->pdata[i];
        g_autoptr(Error) unknown = NULL;
        LedgerCounts counts = { 0 };

        if (health_get(view->health, folder->name, NULL) == HEALTH_AVAILABLE &&
            ledger_count(view->ledger, folder->name, &counts, &unknown))
            backlog += counts.queued + ledger_in_progress(&counts);
    }
    add_rate(status, view, NULL, backlog);
}

void answer_status(const ControlView *view, const Request *request, Answer *answer)
{
    cJSON *status = answer->json;
    double seconds = floor((double) (clock_ms() - view->started_ms) / 1000);

    (void) request;
    cJSON_AddStringToObject(status, "version", HOTFOLDER_VERSION);
    cJSON_AddNumberToObject(status, "pid", getpid());
    cJSON_AddNumberToObject(status, "uptime_s", seconds);
    json_add_text(status, "configuration", view->settings->file);
    cJSON_AddNumberToObject(status, "workers", view->settings->workers);
    BudgetUse memory = dispatch_memory(view->dispatch);
    cJSON_AddNumberToObject(status, "memory_bytes", (double) memory.bytes);
    cJSON_AddNumberToObject(status, "memory_used_bytes", (double) memory.used);
    cJSON_AddNumberToObject(status, "memory_requests", memory.waiting);
    cJSON_AddNumberToObject(status, "in_progress", dispatch_in_flight(view->dispatch));
    add_whole_rate(status, view);
    dispatch_for_each_job(view->dispatch, add_job, cJSON_AddArrayToObject(status, "jobs"));
    add_sandbox(status);
    notify_add_status(view, status);
    cJSON_AddBoolToObject(status, "initial_scan_done", watch_initial_scan_done(view->watch));
    cJSON *folders = cJSON_AddArrayToObject(status, "folders");
    for (unsigned i = 0; i < view->settings->folders->len; i++)
        cJSON_AddItemToArray(folders,
                             folder_status(view, g_ptr_array_index(view->settings->folders, i)));
}
