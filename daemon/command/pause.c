/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder pause, resume, scan - what a person asks of a whole folder. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "command/json.h"
#include "command/question.h"

enum { OPTION_JSON = 256 };

/* How an answer is shown. */
typedef void Show(const cJSON *answer);

static int ask(const Target *target, const char *path, const char *folder, Show *show)
{
    cJSON *request = cJSON_CreateObject();

    if (folder)
        question_add_folder(request, target, folder);
    g_autofree char *answer = client_ask(target, path, request, 0);
    cJSON_Delete(request);
    cJSON *json = answer ? json_answer(answer) : NULL;
    if (!json)
        return EXIT_FAILURE;
    if (show)
        show(json);
    else
        printf("%s", answer);
    cJSON_Delete(json);
    return EXIT_SUCCESS;
}

/* needs_folder: it has to be named; else all are meant where none is. */
static int run(const Usage *usage, int argc, char **argv, const Target *target, const char *path,
               bool needs_folder, Show *show)
{
    int option = 0, status = 0;

    while ((option = usage_next(usage, argc, argv, &status)) > 0)
        show = NULL;
    if (option == USAGE_DONE)
        return status;
    if (optind == argc && needs_folder)
        return usage_error(usage, "name a folder");
    if (optind + 1 < argc)
        return usage_error(usage, "unexpected argument '%s'", argv[optind + 1]);
    return ask(target, path, optind < argc ? argv[optind] : NULL, show);
}

/* "folder 'inbox'", or "all folders"; newly allocated. */
static char *what(const cJSON *object)
{
    const char *folder = json_text(object, "folder");

    return *folder ? g_strdup_printf("folder '%s'", folder) : g_strdup("all folders");
}

/* The command that ends a pause, newly allocated. */
static char *resume_command(const cJSON *pause)
{
    g_autofree char *folder = text_unescape(json_text(pause, "folder"));
    g_autofree char *word = folder && *folder ? text_shell_word(folder) : NULL;

    return word ? g_strdup_printf("hotfolder resume %s", word) : g_strdup("hotfolder resume");
}

/* ---- pause ---- */

static void show_paused(const cJSON *answer)
{
    g_autofree char *subject = what(answer), *since = json_time(answer, "since");
    g_autofree char *resume = resume_command(answer);

    if (cJSON_IsTrue(cJSON_GetObjectItem(answer, "already")))
        printf("paused already by %s since %s: %s\n", json_text(answer, "by"), since, subject);
    else
        printf("paused: %s; what is in progress is finished, and files that arrive are queued\n",
               subject);
    printf("`%s` ends the pause\n", resume);
}

static int run_pause(int argc, char **argv, const Target *target)
{
    return run(&usage_pause, argc, argv, target, "/v1/pause", false, show_paused);
}

/* ---- resume ---- */

static void show_resumed(const cJSON *answer)
{
    const cJSON *pause = NULL;
    g_autofree char *subject = what(answer);
    bool already = cJSON_IsTrue(cJSON_GetObjectItem(answer, "already"));

    printf("%s: %s\n", already ? "not paused" : "resumed", subject);
    cJSON_ArrayForEach(pause, cJSON_GetObjectItem(answer, "still_paused"))
    {
        g_autofree char *other = what(pause), *since = json_time(pause, "since");
        g_autofree char *resume = resume_command(pause);
        printf("still paused by %s since %s: %s; `%s` ends that\n", json_text(pause, "by"), since,
               other, resume);
    }
}

static int run_resume(int argc, char **argv, const Target *target)
{
    return run(&usage_resume, argc, argv, target, "/v1/resume", false, show_resumed);
}

/* ---- scan ---- */

static void show_scan(const cJSON *answer)
{
    printf("folder '%s': a scan begins; what it finds is queued when it is ready\n",
           json_text(answer, "folder"));
}

static int run_scan(int argc, char **argv, const Target *target)
{
    return run(&usage_scan, argc, argv, target, "/v1/scan", true, show_scan);
}

/* ---- usage ---- */

static const UsageOption options[] = {
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the daemon's answer as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "it is so, also where it was so before" },
    { 1, "there is no such folder, you may not, or no daemon answers" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_pause = {
    .name = "hotfolder pause",
    .arguments = "[FOLDER]",
    .summary = "begin no more pictures of a folder, or of any",
    .text = "Pictures in progress are finished, and no other one begins. Files that arrive are "
            "queued. The pause survives a restart of the service and ends with `hotfolder resume`; "
            "`hotfolder status` shows who paused a folder, and since when. FOLDER is its name or "
            "its directory; without it all folders are paused.\n\n" CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_pause,
};

const Usage usage_resume = {
    .name = "hotfolder resume",
    .arguments = "[FOLDER]",
    .summary = "end a pause",
    .text = "Ends the pause of FOLDER, which is the name of a folder or its directory; without it, "
            "the pause of all folders, but not those of folders that were paused by name: they are "
            "shown.\n\n" CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_resume,
};

const Usage usage_scan = {
    .name = "hotfolder scan",
    .arguments = "FOLDER",
    .summary = "look at every file of a folder now",
    .text = "Has the daemon look at every file of FOLDER (its name or its directory) at once, "
            "instead of at the next scan: for changes that no event tells, as those which another "
            "machine makes on a share. Returns when the scan begins.\n\n" CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_scan,
};
