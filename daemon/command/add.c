/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder add - sets a folder up: from a path to the first finished picture. */
#include <cjson/cJSON.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/addition_steps.h"
#include "command/droppers.h"
#include "command/findings.h"
#include "command/json.h"
#include "command/terminal.h"

enum { OPTION_DRY_RUN = 256, OPTION_JSON, OPTION_NAME, OPTION_PROFILE, OPTION_USER };

/* ---- the result ---- */

static void show_summary(const Adding *adding)
{
    const Addition *plan = adding->plan;
    g_autofree char *path = text_escape(plan->path), *output = text_escape(plan->output);
    g_autofree char *who = droppers_text(plan->path, plan->manager, NULL);

    printf("\ndrop pictures into %s; finished ones appear in %s\n%s\n", path, output, who);
}

static void add_outputs(cJSON *json, const Adding *adding)
{
    cJSON *probe = cJSON_AddObjectToObject(json, "probe");
    const GPtrArray *outputs = adding->probe.outputs;

    if (adding->no_probe) {
        json_add_text(probe, "not_sent", adding->no_probe);
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(probe, "outputs");
    for (guint i = 0; outputs && i < outputs->len; i++) {
        g_autofree char *shown = text_escape(outputs->pdata[i]);
        cJSON_AddItemToArray(list, cJSON_CreateString(shown));
    }
    cJSON_AddNumberToObject(probe, "seconds", adding->probe.seconds);
}

static void add_plan(cJSON *json, const Addition *plan)
{
    json_add_text(json, "folder", plan->name);
    json_add_text(json, "path", plan->path);
    json_add_text(json, "output", plan->output);
    json_add_text(json, "profile", plan->profile);
    json_add_text(json, "configuration", plan->config);
    json_add_text(json, "file", plan->file);
    if (plan->manager != UNIT_BY_HAND)
        json_add_text(json, "unit", plan->unit);
}

/* ---- the steps ---- */

/* What the command has to say; `json` is NULL for a person. */
typedef struct Voice {
    cJSON *json, *steps;
} Voice;

static void say(const Voice *voice, const char *name, const char *command, const char *text)
{
    if (!voice->json) {
        printf("%-10s %s\n", name, text);
        fflush(stdout);
        return;
    }
    cJSON *step = cJSON_CreateObject();
    json_add_text(step, "step", name);
    if (command)
        cJSON_AddStringToObject(step, "command", command);
    if (text)
        json_add_text(step, "done", text);
    cJSON_AddItemToArray(voice->steps, step);
}

static int show_plan(const Voice *voice, const Addition *plan)
{
    for (const Step *step = addition_steps; step->name; step++) {
        g_autofree char *command = step->command(plan);
        if (command && voice->json)
            say(voice, step->name, command, NULL);
        else if (command)
            puts(command);
    }
    return EXIT_SUCCESS;
}

static void report(const Error *error)
{
    findings_add(error->where, NULL, error->what, error->fix);
}

static bool do_step(const Voice *voice, const Step *step, Adding *adding)
{
    g_autofree char *command = step->command(adding->plan);
    g_autoptr(Error) error = NULL;

    if (!command)
        return true;
    if (step->run(adding, &error)) {
        g_autofree char *text = step->tell(adding);
        say(voice, step->name, command, text);
        return true;
    }
    report(error);
    if (!adding->stays) {
        adding_take_back(adding);
        terminal_error("everything that was made is taken back");
    }
    return false;
}

static int do_all(const Voice *voice, Addition *plan)
{
    g_auto(Adding) adding = { .plan = plan, .directories = directories_new() };

    for (const Step *step = addition_steps; step->name; step++)
        if (!do_step(voice, step, &adding))
            return EXIT_FAILURE;
    if (voice->json)
        add_outputs(voice->json, &adding);
    else
        show_summary(&adding);
    return EXIT_SUCCESS;
}

static int add(const Voice *voice, const Target *target, const AdditionOptions *options, bool dry)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_auto(Addition) plan = { 0 };

    if (!addition_plan(target, options, &plan, errors)) {
        findings_add_errors(errors);
        return EXIT_FAILURE;
    }
    if (voice->json)
        add_plan(voice->json, &plan);
    return dry ? show_plan(voice, &plan) : do_all(voice, &plan);
}

static int add_as_json(const Target *target, const AdditionOptions *options, bool dry)
{
    cJSON *json = cJSON_CreateObject();
    Voice voice = { json, cJSON_CreateArray() };

    findings_collect();
    int status = add(&voice, target, options, dry);
    cJSON_AddBoolToObject(json, "ok", status == EXIT_SUCCESS);
    cJSON_AddBoolToObject(json, "dry_run", dry);
    cJSON_AddItemToObject(json, "steps", voice.steps);
    findings_add_to(json);
    json_print(json);
    return status;
}

/* ---- the command ---- */

static int run_add(int argc, char **argv, const Target *target)
{
    AdditionOptions typed = { 0 };
    int option = 0, status = 0;
    bool json = false, dry = false;

    while ((option = usage_next(&usage_add, argc, argv, &status)) > 0) {
        json = json || option == OPTION_JSON;
        dry = dry || option == OPTION_DRY_RUN;
        typed.user = typed.user || option == OPTION_USER;
        if (option == 'c')
            typed.config = optarg;
        else if (option == 'o')
            typed.output = optarg;
        else if (option == OPTION_NAME)
            typed.name = optarg;
        else if (option == OPTION_PROFILE)
            typed.profile = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind + 1 != argc)
        return optind == argc
                   ? usage_error(&usage_add, "give the directory where pictures arrive")
                   : usage_error(&usage_add, "unexpected argument '%s'; add one folder at a time",
                                 argv[optind + 1]);
    typed.path = argv[optind];
    if (json)
        return add_as_json(target, &typed, dry);
    Voice voice = { 0 };
    return add(&voice, target, &typed, dry);
}

static const UsageOption options[] = {
    { OPTION_PROFILE, COMPLETE_WITH_PROFILES, "profile", "PROFILE",
      "what is done to each picture; default web" },
    { 'o', COMPLETE_WITH_DIRECTORIES, "output", "DIR",
      "where finished pictures appear; default finished, beside the folder" },
    { OPTION_NAME, COMPLETE_WITH_NOTHING, "name", "NAME",
      "what the folder is called; default the last part of its path" },
    { OPTION_DRY_RUN, COMPLETE_WITH_NOTHING, "dry-run", NULL,
      "change nothing; print the commands that would do it" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON" },
    { OPTION_USER, COMPLETE_WITH_NOTHING, "user", NULL,
      "of a daemon of your own, also if you have none yet" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE",
      "of a daemon with this configuration that systemd does not start; with --runtime-dir" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the folder works" },
    { 1, "it was refused, or it does not work" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_add = {
    .name = "hotfolder add",
    .arguments = "PATH",
    .summary = "set a hot folder up",
    .text =
        "Makes the directory PATH a hot folder: makes it and its output directory where they are "
        "missing, with the rights that the service needs; writes a file for it into the directory "
        "that the configuration includes (conf.d); checks it as `hotfolder check` does; opens the "
        "service's sandbox; restarts the service, or, where its sandbox stays the same, makes it "
        "read its configuration; waits until the folder is watched; and sends a small picture "
        "through it, says where that came out, and removes every trace of it. Where a step up to "
        "the restart fails, what was made before is taken back.\n\n"
        "As root it is about this machine's service, or about the one that --instance names; "
        "otherwise about the daemon of the user who runs the command. What is done already is left "
        "as it is: after an interruption the same command finishes the rest. An existing directory "
        "keeps its rights, unless it is empty and root's. `hotfolder remove` takes the folder away "
        "again.",
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_add,
};
