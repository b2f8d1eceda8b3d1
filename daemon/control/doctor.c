/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/doctor.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "daemon/control/answers.h"
#include "daemon/control/folder_check.h"
#include "daemon/control/folder_probe.h"
#include "daemon/files/async.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/process/sandbox_report.h"
#include "daemon/settings/feedback.h"
#include "daemon/watch/limit.h"

enum { FOLDER_MS = 10000 };

/* ---- a folder ---- */

typedef struct Examination {
    AsyncCall *thread;
    Settings *settings;
    const Folder *folder;
    char *lacks;
    GPtrArray *list;
} Examination;

/* healthcheck_space() reports what is too little. */
static void report_space(GPtrArray *list, const Folder *folder)
{
    struct statvfs fs;

    if (statvfs(folder->output, &fs) < 0 || !fs.f_blocks)
        return;
    g_autofree char *left =
        units_bytes_rounded((int64_t) MIN((double) fs.f_bavail * (double) fs.f_frsize, 1e18));
    g_autofree char *least = units_bytes_text(folder->min_free);
    finding_add(list, FINDING_OK, folder, NULL, "%s are free in '%s'; min_free = %s", left,
                folder->output, least);
}

static void examine(void *data)
{
    Examination *examination = data;
    GPtrArray *list = examination->list;
    const Folder *folder = examination->folder;

    folder_check(list, examination->settings, folder, examination->lacks);
    if (!finding_problems(list, 0)) {
        finding_add(list, FINDING_OK, folder, NULL, "'%s' and '%s' can be used", folder->path,
                    folder->output);
        report_space(list, folder);
    }
    folder_probe(list, folder);
}

static void examination_free(void *data)
{
    Examination *examination = data;

    settings_unref(examination->settings);
    g_free(examination->lacks);
    g_ptr_array_unref(examination->list);
    g_free(examination);
}

static Examination *begin(Settings *settings, const Folder *folder, const char *lacks)
{
    Examination *examination = g_new0(Examination, 1);

    examination->settings = settings_ref(settings);
    examination->folder = folder;
    examination->lacks = g_strdup(lacks);
    examination->list = finding_list_new();
    examination->thread = async_start(examine, examination, examination_free);
    return examination;
}

/* Frees it, or leaves it alone where it hangs. */
static void end(GPtrArray *list, Examination *examination, int64_t until_ms)
{
    if (async_wait(examination->thread, MAX(until_ms - clock_ms(), 0))) {
        g_ptr_array_extend_and_steal(list, g_ptr_array_ref(examination->list));
    } else {
        g_autofree char *hang = healthcheck_hang_text(examination->folder);
        finding_add(list, FINDING_PROBLEM, examination->folder, "check the share that it is on",
                    "%s", hang);
    }
    async_abandon(examination->thread);
}

void doctor_folder(GPtrArray *list, Settings *settings, const Folder *folder, const char *lacks)
{
    end(list, begin(settings, folder, lacks), clock_ms() + FOLDER_MS);
}

void doctor_folders(GPtrArray *list, Settings *settings, const char *lacks)
{
    g_autoptr(GPtrArray) examinations = g_ptr_array_new();
    int64_t until_ms = clock_ms() + FOLDER_MS;

    for (guint i = 0; i < settings->folders->len; i++)
        g_ptr_array_add(examinations, begin(settings, settings->folders->pdata[i], lacks));
    for (guint i = 0; i < examinations->len; i++)
        end(list, examinations->pdata[i], until_ms);
}

/* ---- all folders ---- */

void doctor_loops(GPtrArray *list, const Settings *settings)
{
    g_autoptr(GArray) folders = g_array_new(FALSE, FALSE, sizeof(FeedbackFolder));
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        const FeedbackFolder paths = {
            .name = folder->name,
            .path = folder->path,
            .output = folder->output,
            .copy_to = folder->copy_to,
            .path_file = folder->file,
            .output_file = folder->file,
            .copy_to_file = folder->file,
            .path_line = folder->line,
            .output_line = folder->line,
            .copy_to_line = folder->line,
            .recursive = folder->recursive,
            .chain = folder->chain,
        };
        g_array_append_val(folders, paths);
    }
    feedback_check((const FeedbackFolder *) (const void *) folders->data, folders->len, errors);
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        finding_add_at(list, FINDING_PROBLEM, NULL, error->where, error->fix, error->what);
    }
    if (!errors->len && settings->folders->len)
        finding_add(list, FINDING_OK, NULL, NULL, "no folder takes what another one makes%s",
                    settings->folders->len > 1 ? ", unless it has chain = true" : "");
}

/* CapEff of /proc/self/status. */
static bool has_capability(int capability)
{
    g_autofree char *text = NULL;
    const char *line = g_file_get_contents("/proc/thread-self/status", &text, NULL, NULL)
                           ? strstr(text, "\nCapEff:")
                           : NULL;

    return line && g_ascii_strtoull(line + strlen("\nCapEff:"), NULL, 16) >> capability & 1;
}

static void report_rights(GPtrArray *list)
{
    if (has_capability(CAP_LEASE))
        finding_add(list, FINDING_OK, NULL, NULL,
                    "the kernel says of every file on this computer's disks whether a process "
                    "writes it");
    else
        finding_add(list, FINDING_NOTE, NULL,
                    "nothing has to be done where the owner of the files is the user of the "
                    "daemon; the systemd unit of hotfolder has this right",
                    "without the right CAP_LEASE, files of other users wait longer before they "
                    "count as whole");
}

/* ---- the daemon ---- */

static void report_watches(GPtrArray *list, const ControlView *view)
{
    int watched = 0, limit = watch_limit_present();
    g_autofree char *fix = NULL, *problem = watch_limit(view->watch, &watched, &fix);
    g_autofree char *room =
        limit == G_MAXINT ? g_strdup("")
                          : g_strdup_printf("; this user may watch %d in all programs", limit);

    if (problem)
        finding_add(list, FINDING_PROBLEM, NULL, fix, "%s", problem);
    else
        finding_add(list, FINDING_OK, NULL, NULL, "watched directories: %d%s", watched, room);
}

static void report_sandbox(GPtrArray *list, const char *lacks)
{
    if (lacks && *lacks)
        finding_add(list, FINDING_NOTE, NULL,
                    "use a kernel with it; hotfolder.conf(5) says what `sandbox` does without it",
                    "the sandbox of the workers lacks %s", lacks);
    else if (lacks)
        finding_add(list, FINDING_OK, NULL, NULL, "the sandbox of the workers is complete");
}

/* The pause of all folders does not end with that of one, nor the other way round. */
static void report_pause(GPtrArray *list, const ControlView *view, const Folder *folder)
{
    g_autofree char *who = NULL, *name = text_shell_word(folder->name);
    bool by_name = health_is_paused_by_name(view->health, folder->name);
    int64_t since_ms = 0;

    if (!health_is_paused(view->health, folder->name, &who, &since_ms))
        return;
    g_autofree char *since = clock_text(since_ms);
    g_autofree char *fix = g_strdup_printf("`hotfolder resume%s%s` ends that", by_name ? " " : "",
                                           by_name ? name : "");
    finding_add(list, FINDING_NOTE, folder, fix, "%s has paused it since %s", who, since);
}

void answer_doctor(const ControlView *view, const Request *request, Answer *answer)
{
    g_autoptr(GPtrArray) list = finding_list_new();
    g_autofree char *lacks = sandbox_report_missing();

    (void) request;
    doctor_loops(list, view->settings);
    report_rights(list);
    report_watches(list, view);
    report_sandbox(list, lacks);
    doctor_folders(list, view->settings, lacks);
    for (guint i = 0; i < view->settings->folders->len; i++)
        report_pause(list, view, view->settings->folders->pdata[i]);
    cJSON_AddItemToObject(answer->json, "findings", finding_list_json(list));
}
