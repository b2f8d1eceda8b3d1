/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder run - a profile for N pictures on every core. */
#include <errno.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/batch.h"
#include "command/batch_settings.h"
#include "command/command.h"
#include "command/display.h"
#include "command/json.h"
#include "command/results.h"
#include "command/terminal.h"
#include "daemon/process/spawn.h"

enum { MOST_JOBS = 256, OPTION_JSON = 256, OPTION_PLAN };

/* ---- what was typed ---- */

typedef struct Arguments {
    const char *output, *config, *profile;
    int jobs;
    bool verbose, json;
    BatchOptions batch;
} Arguments;

static bool read_jobs(const char *text, int *jobs)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);

    if (*end || number < 1 || number > MOST_JOBS) {
        terminal_error("--jobs %s: give a number from 1 to %d", text, MOST_JOBS);
        return false;
    }
    *jobs = (int) number;
    return true;
}

/* -1 to continue, else the exit status. */
static int read_arguments(int argc, char **argv, Arguments *arguments)
{
    int option = 0, status = 0;

    while ((option = usage_next(&usage_run, argc, argv, &status)) > 0) {
        switch (option) {
        case 'o':
            arguments->output = optarg;
            break;
        case 'j':
            if (!read_jobs(optarg, &arguments->jobs))
                return USAGE_ERROR;
            break;
        case 'c':
            arguments->config = optarg;
            break;
        case 'v':
            arguments->verbose = true;
            break;
        case OPTION_JSON:
            arguments->json = true;
            break;
        default:
            arguments->batch.dry = true;
            arguments->batch.plan |= option == OPTION_PLAN;
            break;
        }
    }
    if (option == USAGE_DONE)
        return status;
    if (argc - optind < 2)
        return usage_error(&usage_run, "give a profile and the pictures");
    arguments->profile = argv[optind];
    arguments->batch.paths = argv + optind + 1;
    return -1;
}

/* `path` is absolute. Of what does not exist yet, the parents that do are resolved; newly
 * allocated, NULL with errno. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);

    if (real || errno != ENOENT)
        return real;
    g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *above = resolve(parent);
    return above ? g_build_filename(above, name, NULL) : NULL;
}

/* Whether the directory is there, or can be made. False with errno. */
static bool is_directory_to_be(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(st.st_mode);
    }
    g_autofree char *parent = g_path_get_dirname(path);
    bool last = access(parent, F_OK) == 0;
    return last ? access(parent, W_OK | X_OK) == 0 : is_directory_to_be(parent);
}

/* The directory for the results, absolute; newly allocated. */
static char *find_output(const char *typed)
{
    char *absolute = g_canonicalize_filename(typed, NULL);
    char *path = resolve(absolute);

    if (!path)
        return absolute;
    g_free(absolute);
    return path;
}

/* The batch makes the directory when it has found a picture. */
static bool check_output(const Arguments *arguments, const char *output)
{
    if (arguments->batch.dry || is_directory_to_be(output))
        return true;
    terminal_error("cannot create the directory '%s': %s; name another one with --output",
                   arguments->output, g_strerror(errno));
    return false;
}

static bool check_rename(const Settings *settings)
{
    if (!settings->renames->len)
        return true;
    const NamedOutput *rename = settings->renames->pdata[0];
    terminal_error(
        "profile \"%s\" (%s) renames originals, which `run` never touches; use a profile "
        "without rename, or set enabled = no in it",
        rename->profile, rename->where);
    return false;
}

/* The user's configuration is read for its profiles when there is one. The worker that checks the
 * profile will process the first picture. */
static Settings *load(const Arguments *arguments, const char *own, const char *output)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    const char *config = arguments->config;

    if (!config && access(own, R_OK) == 0)
        config = own;
    Settings *settings =
        batch_settings(config, arguments->profile, output, arguments->batch.worker, errors);
    terminal_errors(errors);
    if (settings && arguments->batch.dry)
        settings->workers = 1; /* which picture gets a name that two want depends on the order */
    else if (settings && arguments->jobs)
        settings->workers = arguments->jobs;
    return settings;
}

/* ---- the run ---- */

typedef struct Run {
    BatchCounts counts;
    Error *error; /* why it could not continue */
    bool interrupted;
} Run;

static int status_of(const Run *run)
{
    return !run->error && !run->interrupted && !run->counts.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void start(Run *run, Settings *settings, const Arguments *arguments,
                  const BatchReporter *reporter)
{
    spawn_start();
    batch_run(settings, &arguments->batch, reporter, &run->counts, &run->interrupted, &run->error);
    spawn_stop();
}

static void run_for_a_program(Run *run, Settings *settings, const Arguments *arguments)
{
    g_autofree char *output =
        g_strdup(((const Folder *) g_ptr_array_index(settings->folders, 0))->output);
    g_autoptr(Results) results = results_new();
    BatchReporter reporter = results_reporter(results);

    start(run, settings, arguments, &reporter);
    cJSON *json = results_json(results, &run->counts, run->interrupted, run->error);
    json_add_text(json, "profile", arguments->profile);
    json_add_text(json, "output", output);
    cJSON_AddBoolToObject(json, "dry_run", arguments->batch.dry);
    json_print(json);
}

static void run_for_a_person(Run *run, Settings *settings, const Arguments *arguments)
{
    g_autoptr(Display) display = display_new(arguments->verbose, arguments->batch.dry);
    BatchReporter reporter = display_reporter(display);

    start(run, settings, arguments, &reporter);
    display_end_progress(display);
    if (run->error) {
        g_autofree char *text = error_text(run->error);
        terminal_error("cannot continue: %s; run the command again for the rest", text);
    }
    if (run->interrupted)
        terminal_error("interrupted; no output is incomplete; run the command again for the rest");
    display_summary(display, &run->counts, arguments->output);
}

static int run_batch(int argc, char **argv, const Target *target)
{
    Arguments arguments = { .output = "output" };
    Run run = { 0 };
    int status = read_arguments(argc, argv, &arguments);

    if (status >= 0)
        return status;
    g_autofree char *output = find_output(arguments.output);
    arguments.batch.worker = process_new();
    Settings *settings = load(&arguments, target->config, output);
    if (!settings || !check_rename(settings) || !check_output(&arguments, output)) {
        process_free(arguments.batch.worker);
        settings_unref(settings);
        return USAGE_ERROR;
    }
    if (arguments.json)
        run_for_a_program(&run, settings, &arguments);
    else
        run_for_a_person(&run, settings, &arguments);
    status = status_of(&run);
    error_free(run.error);
    return status;
}

static const UsageOption options[] = {
    { 'o', COMPLETE_WITH_DIRECTORIES, "output", "DIR",
      "where the results go (default ./output; created for the first picture, if missing)" },
    { 'j', COMPLETE_WITH_NOTHING, "jobs", "N",
      "how many pictures are processed at the same time (default: one for each core)" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", "read profiles from this configuration too" },
    { 'n', COMPLETE_WITH_NOTHING, "dry-run", NULL,
      "only show what would be made, one picture after another" },
    { OPTION_PLAN, COMPLETE_WITH_NOTHING, "plan", NULL,
      "only show how each picture would be made: sizes, decoding, memory" },
    { 'v', COMPLETE_WITH_NOTHING, "verbose", NULL,
      "name every ignored file and the reason, not only the first ten" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON, at the end" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "all pictures are done, or there was none" },
    { 1, "some pictures failed or the run was interrupted" },
    { USAGE_ERROR, "wrong usage or configuration" },
    { 0 },
};

const Usage usage_run = {
    .name = "hotfolder run",
    .arguments = "PROFILE FILE|DIR...",
    .summary = "apply a profile to files and directories now",
    .text = "Applies a profile to pictures and to whole directory trees, on every core. Originals "
            "are never changed. A second run makes only what does not exist yet, and pictures keep "
            "their {seq}, as hotfolder-profiles(7) says. In a tree, files "
            "that are no pictures are ignored, and so are pictures that hotfolder made; name one "
            "to process it all the same. A file with the extension of a picture that is empty or "
            "damaged fails.",
    .first = COMPLETE_WITH_PROFILES,
    .rest = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_batch,
};
