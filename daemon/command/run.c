/* hotfolder run - a profile for N pictures on every core, and what a person sees of it. */
#include <errno.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/batch.h"
#include "command/command.h"
#include "daemon/settings/load.h"

enum { MOST_JOBS = 256, REDRAW_MS = 100, BAR_WIDTH = 30 };

typedef struct Display {
    bool terminal, drawn;
    int64_t started_ms, drawn_ms;
} Display;

/* ---- what is shown ---- */

static void clear_bar(Display *display)
{
    if (display->drawn)
        fputs("\r\033[K", stderr);
    display->drawn = false;
}

static double seconds_since(int64_t started_ms)
{
    return MAX((double) (clock_ms() - started_ms) / 1000, 0.001);
}

static void show_progress(void *user, const BatchCounts *counts)
{
    Display *display = user;
    int ended = counts->done + counts->failed;
    double rate = ended / seconds_since(display->started_ms);
    int filled = counts->found ? BAR_WIDTH * ended / counts->found : 0;
    int left_s = rate > 0 ? (int) ((counts->found - ended) / rate + 0.5) : 0;

    if (!display->terminal || clock_ms() - display->drawn_ms < REDRAW_MS)
        return;
    fprintf(stderr, "\r\033[K[%.*s%*s] %d of %d, %.1f pictures/s, %d:%02d left", filled,
            "##############################", BAR_WIDTH - filled, "", ended, counts->found, rate,
            left_s / 60, left_s % 60);
    fflush(stderr);
    display->drawn = true;
    display->drawn_ms = clock_ms();
}

static void show_failed(void *user, const char *source, const Error *error)
{
    g_autofree char *shown = text_escape(source);
    g_autofree char *text = error_text(error);

    clear_bar(user);
    fprintf(stderr, "%s: %s\n", shown, text);
}

static void show_made(void *user, const char *source, const char *names)
{
    g_autofree char *shown = text_escape(source);
    g_autofree char *made = text_escape(names ? names : "nothing: it is there already");

    clear_bar(user);
    printf("%s -> %s\n", shown, made);
}

static void show_summary(const Display *display, const BatchCounts *counts, bool dry,
                         const char *output)
{
    double seconds = seconds_since(display->started_ms);

    printf("%d %s", counts->done - (dry ? 0 : counts->already), dry ? "would be made" : "done");
    if (counts->already && !dry)
        printf(", %d there already", counts->already);
    if (counts->failed)
        printf(", %d failed", counts->failed);
    if (counts->ignored)
        printf(", %d file%s ignored (no pictures)", counts->ignored,
               counts->ignored == 1 ? "" : "s");
    printf(" in %.1f s (%.1f pictures/s) -> %s\n", seconds,
           (counts->done + counts->failed) / seconds, output);
}

/* ---- what was typed ---- */

typedef struct Arguments {
    const char *output, *config;
    int jobs;
    BatchOptions batch;
} Arguments;

static bool read_jobs(const char *text, int *jobs)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);

    if (*end || number < 1 || number > MOST_JOBS) {
        fprintf(stderr, "hotfolder: --jobs %s: give a number from 1 to %d\n", text, MOST_JOBS);
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
        default:
            arguments->batch.dry = true;
            break;
        }
    }
    if (option == USAGE_DONE)
        return status;
    if (argc - optind < 2)
        return usage_error(&usage_run, "give a profile and the pictures");
    return -1;
}

/* The directory for the results, absolute and, except in a dry run, created; newly allocated.
 * NULL after printing why not. */
static char *make_output(const char *typed, bool dry)
{
    if (dry && access(typed, F_OK) < 0)
        return g_canonicalize_filename(typed, NULL);
    if (g_mkdir_with_parents(typed, 0777) == 0) {
        char *path = realpath(typed, NULL);
        if (path)
            return path;
    }
    fprintf(stderr, "hotfolder: cannot create the directory '%s': %s\n", typed, g_strerror(errno));
    return NULL;
}

/* The user's configuration is read for its profiles when there is one. */
static Settings *load(const Arguments *arguments, const char *own, const char *profile,
                      const char *output)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    const char *config = arguments->config;

    if (!config && access(own, R_OK) == 0)
        config = own;
    Settings *settings = settings_load_batch(config, NULL, profile, "/", output, errors);
    for (unsigned i = 0; i < errors->len; i++) {
        g_autofree char *text = error_text(g_ptr_array_index(errors, i));
        fprintf(stderr, "hotfolder: %s\n", text);
    }
    if (settings && arguments->jobs)
        settings->workers = arguments->jobs;
    return settings;
}

static int run_batch(int argc, char **argv, const Target *target)
{
    Arguments arguments = { .output = "output" };
    Display display = { .terminal = isatty(STDERR_FILENO), .started_ms = clock_ms() };
    BatchReporter reporter = { &display, show_progress, show_failed, show_made };
    BatchCounts counts = { 0 };
    g_autoptr(Error) error = NULL;
    bool interrupted = false;
    int status = read_arguments(argc, argv, &arguments);

    if (status >= 0)
        return status;
    g_autofree char *output = make_output(arguments.output, arguments.batch.dry);
    Settings *settings = output ? load(&arguments, target->config, argv[optind], output) : NULL;
    if (!settings)
        return USAGE_ERROR;

    arguments.batch.paths = argv + optind + 1;
    display.started_ms = clock_ms();
    bool ok = batch_run(settings, &arguments.batch, &reporter, &counts, &interrupted, &error);
    clear_bar(&display);
    if (!ok) {
        g_autofree char *text = error_text(error);
        fprintf(stderr, "hotfolder: cannot continue: %s; run the command again for the rest\n",
                text);
    }
    if (interrupted)
        fputs(
            "hotfolder: interrupted; no output is incomplete; run the command again for the rest\n",
            stderr);
    show_summary(&display, &counts, arguments.batch.dry, arguments.output);
    return ok && !interrupted && !counts.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const UsageOption options[] = {
    { 'o', COMPLETE_WITH_DIRECTORIES, "output", "DIR",
      "where the results go (default ./output; created if missing)" },
    { 'j', COMPLETE_WITH_NOTHING, "jobs", "N",
      "how many pictures are processed at the same time (default: one for each core)" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", "read profiles from this configuration too" },
    { 'n', COMPLETE_WITH_NOTHING, "dry-run", NULL, "only show what would be made" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "all pictures are done" },
    { 1, "some pictures failed or the run was interrupted" },
    { USAGE_ERROR, "wrong usage or configuration" },
    { 0 },
};

const Usage usage_run = {
    .name = "hotfolder run",
    .arguments = "PROFILE FILE|DIR...",
    .summary = "apply a profile to files and directories now",
    .text = "Applies a profile to pictures and to whole directory trees, on every core. Originals "
            "are never changed. A second run makes only what does not exist yet.",
    .first = COMPLETE_WITH_PROFILES,
    .rest = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_batch,
};
