/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder why - what is known of a path, and what keeps it.
 *
 * The daemon knows most of it (daemon/control/why.c). The command finds the name that the path has
 * in a folder, and looks for the processes that hold a file, which the daemon may not see. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/reasons.h"
#include "base/text.h"
#include "command/client.h"
#include "command/holders.h"
#include "command/json.h"
#include "command/place.h"
#include "command/terminal.h"
#include "command/why_alone.h"

enum { OPTION_JSON = 256 };

/* ---- the question ---- */

/* The daemon's answer; NULL after a message. */
static cJSON *ask(const Target *target, const char *path)
{
    g_autofree char *request = client_add(g_strdup("/v1/why"), "path", path);
    g_autofree char *answer = client_ask(target, request, NULL, 0);

    return answer ? json_answer(answer) : NULL;
}

static bool is_in_a_folder(const cJSON *answer)
{
    return strcmp(json_text(answer, "kind"), "none") != 0;
}

/* ---- the processes that hold it ---- */

/* Whether a process may be the cause. */
static bool may_be_held(const cJSON *answer)
{
    static const char *const reasons[] = {
        REASON_WRITTEN,   REASON_CHANGES, REASON_EMPTY, REASON_CUT,
        REASON_MAYBE_CUT, REASON_LOCKED,  NULL
    };
    const char *error = json_text(cJSON_GetObjectItem(answer, "error"), "what");

    return g_strv_contains(reasons, json_text(answer, "reason")) ||
           (!strcmp(json_text(answer, "state"), "queued") && strstr(error, "locked by"));
}

/* Before the daemon's notes. */
static void note(cJSON *answer, const char *text)
{
    cJSON_InsertItemInArray(cJSON_GetObjectItem(answer, "notes"), 0, cJSON_CreateString(text));
}

/* A folder that was added, and that the daemon has not read. */
static void note_unread(cJSON *answer, const char *path)
{
    g_autofree char *file = text_unescape(json_text(answer, "configuration"));
    g_autofree char *folder = file ? why_configured(file, path) : NULL;

    if (!folder)
        return;
    g_autofree char *name = text_escape(folder);
    g_autofree char *text =
        g_strdup_printf("the configuration has the folder '%s' for it, which the "
                        "daemon has not read: hotfolder reload",
                        name);
    note(answer, text);
}

static void add_holder(cJSON *answer, cJSON *list, const Holder *holder)
{
    g_autofree char *text = holder_text(holder);
    cJSON *row = cJSON_CreateObject();

    cJSON_AddNumberToObject(row, "pid", holder->pid);
    json_add_text(row, "program", holder->program);
    cJSON_AddBoolToObject(row, "writes", holder->writes);
    cJSON_AddBoolToObject(row, "locks", holder->locks);
    cJSON_AddBoolToObject(row, "leases", holder->leases);
    cJSON_AddItemToArray(list, row);
    note(answer, text);
}

static void add_holders(cJSON *answer, const char *path)
{
    bool all = true;
    g_autofree char *text = text_unescape(json_text(answer, "path"));
    g_autoptr(GPtrArray) holders = holders_find(text ? text : path, &all);
    cJSON *list = cJSON_AddArrayToObject(answer, "processes");

    for (guint i = 0; i < holders->len; i++)
        add_holder(answer, list, holders->pdata[i]);
    bool unwritten = !strcmp(json_text(answer, "reason"), REASON_CUT);
    if (holders->len == 0 && !all && !unwritten)
        note(answer, "root sees which program has it open: use sudo");
    else if (holders->len == 0 && !strcmp(json_text(answer, "reason"), REASON_WRITTEN))
        note(answer, "no process on this machine has it open now; another machine may write it, or "
                     "it has just been closed");
}

/* ---- the answer ---- */

/* Commands in a sentence are for the target's instance; newly allocated. */
static char *for_target(const Target *target, const char *sentence)
{
    static const char *const commands[] = { "retry", "scan", "reload", "resume", "status" };
    GString *text = g_string_new(sentence);

    for (size_t i = 0; target->instance && i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *plain = g_strdup_printf("hotfolder %s", commands[i]);
        g_autofree char *ours =
            g_strdup_printf("hotfolder --instance %s %s", target->instance, commands[i]);
        g_string_replace(text, plain, ours, 0);
    }
    return g_string_free(text, FALSE);
}

static Paint paint_of(const char *state)
{
    if (!strcmp(state, "done"))
        return PAINT_GOOD;
    if (!strcmp(state, "failed") || !strcmp(state, "held") || !strcmp(state, "unavailable"))
        return PAINT_BAD;
    return PAINT_PLAIN;
}

static void show(const Target *target, const cJSON *answer)
{
    const cJSON *row = NULL;
    g_autofree char *sentence = for_target(target, json_text(answer, "sentence"));

    terminal_print(stdout, paint_of(json_text(answer, "state")), "%s", sentence);
    putchar('\n');
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(answer, "notes"))
    {
        const char *text = cJSON_GetStringValue(row);
        g_autofree char *shown = for_target(target, text ? text : "");
        printf("  %s\n", shown);
    }
}

static int run_why(int argc, char **argv, const Target *target)
{
    const char *config = NULL;
    int option = 0, status = 0;
    bool json = false;

    while ((option = usage_next(&usage_why, argc, argv, &status)) > 0)
        if (option == 'c')
            config = optarg;
        else
            json = true;
    if (option == USAGE_DONE)
        return status;
    if (optind != argc - 1)
        return usage_error(&usage_why, optind == argc ? "give the PATH of a file or a directory"
                                                      : "give one PATH");

    g_autofree char *path = place_name(target, argv[optind]);
    cJSON *answer = ask(target, path);
    bool answered = answer != NULL;
    if (!answered && client_is_denied(target)) /* the daemon knows more than this user sees */
        return EXIT_FAILURE;
    if (!answered)
        answer = why_alone(config ? config : target->config, path);
    else if (!is_in_a_folder(answer))
        note_unread(answer, path);
    else if (may_be_held(answer))
        add_holders(answer, path);
    if (json) {
        json_print(answer);
    } else {
        show(target, answer);
        cJSON_Delete(answer);
    }
    return answered ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG "; read where no daemon answers" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the answer as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the daemon has answered" },
    { 1, "no daemon has answered; what the configuration says of the path is shown" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_why = {
    .name = "hotfolder why",
    .arguments = "PATH",
    .summary = "say what becomes of a file, and why nothing does",
    .text =
        "Says what hotfolder knows of a path: of a file in a hot folder whether it is pending, "
        "ignored, queued, in progress, held, done or failed, and why; of an output which picture "
        "it "
        "was made from; of a directory how many pictures of each state it has. The file may be "
        "gone. After a line with the answer come others with what else is known, and what helps."
        "\n\n"
        "A file is pending while a program has it open for writing, or has locked it. Only root "
        "sees which: `sudo hotfolder why PATH` names it. Without a running daemon the command says "
        "what the configuration tells.",
    .first = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_why,
};
