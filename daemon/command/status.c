/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder status - asks the daemon, and shows its answer to a person or as JSON. */
#include <cjson/cJSON.h>
#include <getopt.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "command/client.h"
#include "command/command.h"
#include "command/import_status.h"
#include "command/json.h"
#include "command/screen.h"
#include "command/span.h"
#include "command/terminal.h"
#include "command/watch.h"
#include "daemon/folders/health.h"
#include "daemon/settings/tables.h"

enum { OPTION_JSON = 256, OPTION_WATCH };
enum {
    WIDTH = 80, /* columns, where paths and names are not longer */
    FIELD = 15, /* of a field's title */
};

static void show_reasons(const char *title, const cJSON *reasons)
{
    const cJSON *reason = NULL;

    cJSON_ArrayForEach(reason, reasons)
    {
        printf("  %-12s %.0f %s\n", title, reason->valuedouble, reason->string);
        title = "";
    }
}

static void show_duplicates(double count)
{
    if (count > 0)
        printf("  %-12s %.0f of the done pictures; nothing was made for %s\n", "duplicates", count,
               count > 1 ? "them" : "it");
}

/* The directories with the most of them, and how many lie in others. */
static void show_unmoved(const cJSON *folder)
{
    const cJSON *row = NULL;
    double others = json_number(folder, "unmoved");
    const char *title = "not moved";

    cJSON_ArrayForEach(row, cJSON_GetObjectItem(folder, "unmoved_directories"))
    {
        double originals = json_number(row, "originals");
        const char *directory = json_text(row, "directory"), *fix = json_text(row, "fix");
        printf("  %-12s %.0f %s in %s/ can't be moved%s%s\n", title, originals,
               originals == 1 ? "original" : "originals", *directory ? directory : ".",
               *fix ? ": " : "", fix);
        others -= originals;
        title = "";
    }
    if (others > 0)
        printf("  %-12s %.0f in other directories\n", title, others);
}

/* What ends the pause of the folder, or of all. */
static void show_resume(const cJSON *folder)
{
    g_autofree char *name = text_unescape(json_text(folder, "name"));
    g_autofree char *word = text_shell_word(name ? name : json_text(folder, "name"));
    bool alone = cJSON_IsTrue(cJSON_GetObjectItem(folder, "paused_by_name"));

    printf("  %-12s `hotfolder resume%s%s` ends the pause\n", "next step", alone ? " " : "",
           alone ? word : "");
}

/* Of a folder that is unavailable or held as well. */
static void show_pause(const cJSON *folder)
{
    g_autofree char *since = json_time(folder, "paused_since");

    if (*json_text(folder, "paused_by"))
        printf("  %-12s by %s since %s\n", "paused", json_text(folder, "paused_by"), since);
}

static void show_state(const cJSON *folder, const char *check)
{
    const char *state = json_text(folder, "state"), *reason = json_text(folder, "reason");
    bool paused = !strcmp(state, "paused"), available = !strcmp(state, "available");

    printf("\n%s: %s%s%s\n", json_text(folder, "name"), state,
           !*reason ? ""
           : paused ? " "
                    : ": ",
           reason);
    if (paused) {
        show_resume(folder);
    } else if (!available) {
        printf("  %-12s correct that, and hotfolder continues; `%s` tests the folder\n",
               "next step", check);
        show_pause(folder);
    }
}

static bool is_default(const char *setting, const char *value)
{
    return !strcmp(param_find(folder_settings, setting)->def, value);
}

/* Nothing where both are the defaults. */
static void show_order(const cJSON *folder)
{
    const char *order = json_text(folder, "order");
    g_autofree char *priority = g_strdup_printf("%.0f", json_number(folder, "priority"));

    if (*order && !(is_default("order", order) && is_default("priority", priority)))
        printf("  %-12s %s, priority %s\n", "order", order, priority);
}

/* Only the log has their names. */
static void show_pending(const cJSON *pending)
{
    show_reasons("pending", pending);
    if (cJSON_GetArraySize(pending) > 0)
        printf("  %-12s `journalctl HOTFOLDER_EVENT=pending` names those that wait for long\n", "");
}

/* How fast it goes, and what waits for the longest time; nothing where nothing is queued. */
static void show_backlog(const cJSON *folder)
{
    const char *oldest = json_text(folder, "oldest_queued");
    g_autofree char *since = json_time(folder, "oldest_queued_since");
    g_autofree char *left = span_text(json_number(folder, "time_left_s"));

    if (json_number(folder, "time_left_s") > 0)
        printf("  %-12s %.3g pictures/s, %s left\n", "speed", json_number(folder, "pictures_per_s"),
               left);
    if (*oldest)
        printf("  %-12s %s, since %s\n", "oldest", oldest, since);
}

/* On two lines where one is too long. */
static void show_paths(const cJSON *folder)
{
    g_autofree char *end = g_strdup_printf("-> %s (profile %s)", json_text(folder, "output"),
                                           json_text(folder, "profile"));
    const char *path = json_text(folder, "path");
    bool fits = FIELD + screen_width(path) + 1 + screen_width(end) <= WIDTH;

    printf("  %-12s %s%s%s\n", "path", path, fits ? " " : "\n               ", end);
}

static void show_folder(const cJSON *folder, const char *check)
{
    show_state(folder, check);
    show_paths(folder);
    if (*json_text(folder, "watch"))
        printf("  %-12s %s\n", "watched by", json_text(folder, "watch"));
    show_order(folder);
    printf("  %-12s %.0f queued, %.0f in progress, %.0f done, %.0f failed\n", "pictures",
           json_number(folder, "queued"), json_number(folder, "in_progress"),
           json_number(folder, "done"), json_number(folder, "failed"));
    show_backlog(folder);
    show_duplicates(json_number(folder, "duplicates"));
    show_unmoved(folder);
    show_pending(cJSON_GetObjectItem(folder, "pending"));
    show_reasons("ignored", cJSON_GetObjectItem(folder, "ignored"));
}

/* "20 folders: 17 available, 1 held, 2 paused": the last line, which stands where many folders
 * have scrolled away. */
static void show_states(const cJSON *folders)
{
    const cJSON *folder = NULL;
    int all = cJSON_GetArraySize(folders);
    const char *end = ": ";

    if (all < 2)
        return;
    printf("\n%d folders", all);
    for (HealthState state = HEALTH_AVAILABLE; state <= HEALTH_PAUSED; state++) {
        int count = 0;
        cJSON_ArrayForEach(folder, folders) count +=
            !strcmp(json_text(folder, "state"), health_word(state));
        if (count)
            printf("%s%d %s", end, count, health_word(state));
        end = count ? ", " : end;
    }
    putchar('\n');
}

/* What each worker is doing. */
static void show_jobs(const cJSON *jobs)
{
    const cJSON *job = NULL;

    cJSON_ArrayForEach(job, jobs)
    {
        const char *waits = json_text(job, "waits_for");
        g_autofree char *time = span_text(json_number(job, "for_s"));
        printf("worker: %s: %s, for %s%s%s\n", json_text(job, "folder"), json_text(job, "picture"),
               time, *waits ? ", waits for " : "", waits);
    }
}

/* Nothing while no worker was ready, and so nothing is known. */
static void show_sandbox(const cJSON *sandbox)
{
    bool complete = cJSON_IsTrue(cJSON_GetObjectItem(sandbox, "complete"));
    const char *groups = json_text(sandbox, "groups");

    if (!sandbox)
        return;
    printf("sandbox: %s%s; ", complete ? "complete" : "lacks ", json_text(sandbox, "lacks"));
    if (*groups)
        printf("a control group of each worker limits its %s\n", groups);
    else
        puts("the workers have no control groups of their own");
}

/* Those that cannot be delivered. */
static void show_notices(const cJSON *notices)
{
    const cJSON *one = NULL;

    cJSON_ArrayForEach(one, notices)
    {
        const char *reason = json_text(one, "reason"), *fix = json_text(one, "fix");
        g_autofree char *since = json_time(one, "failing_since");
        g_autofree char *next = span_text(json_number(one, "next_try_s"));
        if (*reason)
            printf("notice: %s is not delivered by %s since %s: %s%s%s; next try in %s\n",
                   json_text(one, "notice"), json_text(one, "way"), since, reason, *fix ? "; " : "",
                   fix, next);
    }
}

static void show_memory(const cJSON *status)
{
    g_autofree char *used = units_bytes_rounded((int64_t) json_number(status, "memory_used_bytes"));
    g_autofree char *memory = units_bytes_rounded((int64_t) json_number(status, "memory_bytes"));
    double waiting = json_number(status, "memory_requests");

    printf("memory: %s of %s used by pictures in progress, %.0f %s for memory\n", used, memory,
           waiting, waiting == 1 ? "picture waits" : "pictures wait");
}

/* The command that tests this configuration, newly allocated. */
static char *check_command(const Target *target, const char *configuration)
{
    if (strcmp(target->config, configuration) != 0) {
        g_autofree char *quoted = g_shell_quote(configuration);
        return g_strdup_printf("hotfolder check --config %s", quoted);
    }
    return target->instance ? g_strdup_printf("hotfolder --instance %s check", target->instance)
                            : g_strdup("hotfolder check");
}

/* The command that adds a folder to this configuration. */
static void show_next_step(const Target *target, const char *configuration)
{
    g_autofree char *file = text_shell_word(configuration);
    bool is_target = !strcmp(target->config, configuration);

    printf("\nno folder is configured: nothing is watched\n  %-12s set one up: hotfolder%s%s add "
           "PATH%s%s\n",
           "next step", target->instance ? " --instance " : "",
           target->instance ? target->instance : "", is_target ? "" : " --config ",
           is_target ? "" : file);
}

/* A package was upgraded, and the service was not restarted. */
static void note_version(const char *version)
{
    if (strcmp(version, HOTFOLDER_VERSION) != 0)
        fprintf(stderr,
                "hotfolder: the daemon is version %s, this command " HOTFOLDER_VERSION
                "; restart the service\n",
                version);
}

static int show(const Target *target, const char *answer)
{
    cJSON *status = json_answer(answer);
    const cJSON *folders = cJSON_GetObjectItem(status, "folders"), *folder = NULL;

    if (!status)
        return EXIT_FAILURE;
    note_version(json_text(status, "version"));
    printf("hotfolder %s, process %.0f, up %.0f s, %.0f workers, %.0f in progress\n",
           json_text(status, "version"), json_number(status, "pid"),
           json_number(status, "uptime_s"), json_number(status, "workers"),
           json_number(status, "in_progress"));
    show_memory(status);
    printf("configuration: %s\n", json_text(status, "configuration"));
    show_sandbox(cJSON_GetObjectItem(status, "sandbox"));
    show_notices(cJSON_GetObjectItem(status, "notices"));
    show_jobs(cJSON_GetObjectItem(status, "jobs"));
    g_autofree char *check = check_command(target, json_text(status, "configuration"));
    if (cJSON_GetArraySize(folders) == 0)
        show_next_step(target, json_text(status, "configuration"));
    cJSON_ArrayForEach(folder, folders) show_folder(folder, check);
    show_states(folders);
    import_status_print(target);
    cJSON_Delete(status);
    return EXIT_SUCCESS;
}

/* The daemon's answer, with what it does not know: imports are processes of their own. */
static int show_json(const Target *target, const char *answer)
{
    cJSON *cards = import_status_json(target), *status = cards ? json_answer(answer) : NULL;

    if (!cards) {
        puts(answer);
        return EXIT_SUCCESS;
    }
    if (!status)
        return EXIT_FAILURE;
    cJSON_AddItemToObject(status, "cards", cards);
    json_print(status);
    return EXIT_SUCCESS;
}

static int run_status(int argc, char **argv, const Target *target)
{
    int option = 0, status = 0;
    bool json = false, watch = false;

    while ((option = usage_next(&usage_status, argc, argv, &status)) > 0)
        *(option == OPTION_WATCH ? &watch : &json) = true;
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_status, "unexpected argument '%s'", argv[optind]);
    if (watch && json)
        return usage_error(&usage_status, "give --json or --watch, not both");
    if (watch && !terminal_draws(stdout))
        return usage_error(&usage_status, "--watch draws on a terminal, and the output is none "
                                          "that can be drawn on; leave it out, or give --json");

    g_autofree char *answer = client_ask(target, "/v1/status", NULL, 0);
    if (!answer)
        return EXIT_FAILURE;
    if (watch)
        return watch_status(target, answer);
    return json ? show_json(target, answer) : show(target, answer);
}

static const UsageOption options[] = {
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL,
      "print the daemon's answer as JSON, and the cards" },
    { OPTION_WATCH, COMPLETE_WITH_NOTHING, "watch", NULL,
      "show it on the whole terminal, again every second, folders that need attention first; q "
      "ends it" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the daemon has answered" },
    { 1, "no daemon has answered" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_status = {
    .name = "hotfolder status",
    .arguments = "",
    .summary = "show what the daemon is doing",
    .text =
        "Shows each folder of the running daemon: whether it is available, how many pictures are "
        "queued, in progress, done or failed, how many originals of those could not be moved, "
        "and how many files are pending (not ready yet) or ignored, by reason. Then the cards that "
        "are imported, and those of the last week: `hotfolder import status` says more of them.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_status,
};
