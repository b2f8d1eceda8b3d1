/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder status - asks the daemon, and shows its answer to a person or as JSON. */
#include <cjson/cJSON.h>
#include <getopt.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "command/client.h"
#include "command/command.h"
#include "daemon/settings/tables.h"

enum { OPTION_JSON = 256 };

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

    return text ? text : "";
}

static double number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

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
    double others = number_of(folder, "unmoved");
    const char *title = "not moved";

    cJSON_ArrayForEach(row, cJSON_GetObjectItem(folder, "unmoved_directories"))
    {
        double originals = number_of(row, "originals");
        const char *directory = text_of(row, "directory"), *fix = text_of(row, "fix");
        printf("  %-12s %.0f %s in %s/ can't be moved%s%s\n", title, originals,
               originals == 1 ? "original" : "originals", *directory ? directory : ".",
               *fix ? ": " : "", fix);
        others -= originals;
        title = "";
    }
    if (others > 0)
        printf("  %-12s %.0f in other directories\n", title, others);
}

static void show_state(const cJSON *folder, const char *check)
{
    const char *state = text_of(folder, "state"), *reason = text_of(folder, "reason");

    printf("\n%s: %s%s%s\n", text_of(folder, "name"), state, *reason ? ": " : "", reason);
    if (strcmp(state, "available") != 0)
        printf("  %-12s correct that, and hotfolder continues; `%s` tests the folder\n",
               "next step", check);
}

static bool is_default(const char *setting, const char *value)
{
    return !strcmp(param_find(folder_settings, setting)->def, value);
}

/* Nothing where both are the defaults. */
static void show_order(const cJSON *folder)
{
    const char *order = text_of(folder, "order");
    g_autofree char *priority = g_strdup_printf("%.0f", number_of(folder, "priority"));

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

static void show_folder(const cJSON *folder, const char *check)
{
    show_state(folder, check);
    printf("  %-12s %s -> %s (profile %s)\n", "path", text_of(folder, "path"),
           text_of(folder, "output"), text_of(folder, "profile"));
    if (*text_of(folder, "watch"))
        printf("  %-12s %s\n", "watched by", text_of(folder, "watch"));
    show_order(folder);
    printf("  %-12s %.0f queued, %.0f in progress, %.0f done, %.0f failed\n", "pictures",
           number_of(folder, "queued"), number_of(folder, "in_progress"), number_of(folder, "done"),
           number_of(folder, "failed"));
    show_duplicates(number_of(folder, "duplicates"));
    show_unmoved(folder);
    show_pending(cJSON_GetObjectItem(folder, "pending"));
    show_reasons("ignored", cJSON_GetObjectItem(folder, "ignored"));
}

/* Nothing while no worker was ready, and so nothing is known. */
static void show_sandbox(const cJSON *sandbox)
{
    bool complete = cJSON_IsTrue(cJSON_GetObjectItem(sandbox, "complete"));
    const char *groups = text_of(sandbox, "groups");

    if (!sandbox)
        return;
    printf("sandbox: %s%s; ", complete ? "complete" : "lacks ", text_of(sandbox, "lacks"));
    if (*groups)
        printf("a control group of each worker limits its %s\n", groups);
    else
        puts("the workers have no control groups of their own");
}

static void show_memory(const cJSON *status)
{
    g_autofree char *used = units_bytes_rounded((int64_t) number_of(status, "memory_used_bytes"));
    g_autofree char *memory = units_bytes_rounded((int64_t) number_of(status, "memory_bytes"));
    double waiting = number_of(status, "memory_requests");

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

static void show_next_step(const char *configuration, const char *check)
{
    printf("\nno folder is configured: nothing is watched\n"
           "  %-12s add a folder to %s, test it with `%s`, and restart the daemon\n",
           "next step", configuration, check);
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
    cJSON *status = cJSON_Parse(answer);
    const cJSON *folders = cJSON_GetObjectItem(status, "folders"), *folder = NULL;

    if (!status) {
        fputs("hotfolder: the daemon's answer cannot be read; do both have the same version?\n",
              stderr);
        return EXIT_FAILURE;
    }
    note_version(text_of(status, "version"));
    printf("hotfolder %s, process %.0f, up %.0f s, %.0f workers, %.0f in progress\n",
           text_of(status, "version"), number_of(status, "pid"), number_of(status, "uptime_s"),
           number_of(status, "workers"), number_of(status, "in_progress"));
    show_memory(status);
    printf("configuration: %s\n", text_of(status, "configuration"));
    show_sandbox(cJSON_GetObjectItem(status, "sandbox"));
    g_autofree char *check = check_command(target, text_of(status, "configuration"));
    if (cJSON_GetArraySize(folders) == 0)
        show_next_step(text_of(status, "configuration"), check);
    cJSON_ArrayForEach(folder, folders) show_folder(folder, check);
    cJSON_Delete(status);
    return EXIT_SUCCESS;
}

static int run_status(int argc, char **argv, const Target *target)
{
    int option = 0, status = 0;
    bool json = false;

    while ((option = usage_next(&usage_status, argc, argv, &status)) > 0)
        json = true;
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_status, "unexpected argument '%s'", argv[optind]);

    g_autofree char *answer = client_ask(target, "/v1/status", NULL, 0);
    if (!answer)
        return EXIT_FAILURE;
    if (!json)
        return show(target, answer);
    puts(answer);
    return EXIT_SUCCESS;
}

static const UsageOption options[] = {
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the daemon's answer unchanged" },
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
        "and how many files are pending (not ready yet) or ignored, by reason.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_status,
};
