/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder import - a card is copied to every destination, proved, and judged. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"
#include "command/command.h"
#include "command/import_command.h"
#include "command/import_device.h"
#include "command/import_ptp.h"
#include "command/import_state.h"
#include "command/import_usages.h"
#include "command/terminal.h"
#include "daemon/journal/journal.h"

enum {
    OPTION_TO = 256,
    OPTION_STATE_DIR,
    OPTION_IMPORT,
    OPTION_JSON,
    OPTION_DEVICE,
    OPTION_PTP,
    OPTION_LOOK
};

typedef struct Arguments {
    const char *path, *config, *state_dir, *import, *device, *ptp;
    GPtrArray *to; /* of char *, NULL at the end once all are read */
    bool dry, json, look;
    bool is_empty; /* one of `to` is */
} Arguments;

static void take_option(int option, Arguments *arguments)
{
    switch (option) {
    case OPTION_TO:
        arguments->is_empty |= !*optarg; /* it would be this directory */
        g_ptr_array_add(arguments->to, g_canonicalize_filename(optarg, NULL));
        break;
    case 'c':
        arguments->config = optarg;
        break;
    case OPTION_STATE_DIR:
        arguments->state_dir = optarg;
        break;
    case OPTION_IMPORT:
        arguments->import = optarg;
        break;
    case OPTION_JSON:
        arguments->json = true;
        break;
    case OPTION_DEVICE:
        arguments->device = optarg;
        break;
    case OPTION_PTP:
        arguments->ptp = optarg;
        break;
    case OPTION_LOOK:
        arguments->look = true;
        break;
    default:
        arguments->dry = true;
        break;
    }
}

/* A command's word behind an option would be read as a directory. */
static int refuse_path(const char *path)
{
    g_autofree char *shown = text_escape(path);

    if (usage_command(&usage_import, path))
        return usage_error(&usage_import,
                           "write '%s' right behind 'import', or ./%s for a directory", path, path);
    return usage_error(&usage_import,
                       "'%s' is not a directory; give the one that the card is "
                       "mounted at",
                       shown);
}

static int check_paths(int argc, char **argv, Arguments *arguments)
{
    if (optind == argc)
        return arguments->import
                   ? -1
                   : usage_error(&usage_import, "give the directory that the card is mounted at");
    if (optind + 1 < argc)
        return usage_error(&usage_import,
                           "unexpected argument '%s'; give each destination as --to DIR",
                           argv[optind + 1]);
    if (usage_command(&usage_import, argv[optind]) ||
        !g_file_test(argv[optind], G_FILE_TEST_IS_DIR))
        return refuse_path(argv[optind]);
    arguments->path = argv[optind];
    return -1;
}

/* -1 to continue, else the exit status. */
static int read_arguments(int argc, char **argv, Arguments *arguments)
{
    int option = 0, status = 0;

    while ((option = usage_next(&usage_import, argc, argv, &status)) > 0)
        take_option(option, arguments);
    if (option == USAGE_DONE)
        return status;
    if (arguments->is_empty)
        return usage_error(&usage_import, "--to is empty; give a directory for the copies");
    if (arguments->device || arguments->ptp)
        return optind == argc ? -1
                              : usage_error(&usage_import, "--%s takes no directory",
                                            arguments->device ? "device" : "ptp");
    return check_paths(argc, argv, arguments);
}

/* With --to the configuration is read only where it is named. */
static const char *config_of(const Arguments *arguments, const Target *target)
{
    if (arguments->config || (arguments->to->len && !arguments->import))
        return arguments->config;
    return target->config;
}

/* A directory for locks that others see too, where this user may write it. */
static const char *run_dir_of(const Target *target)
{
    return access(target->runtime_dir, W_OK | X_OK) == 0 ? target->runtime_dir : NULL;
}

static int run_arguments(const Arguments *arguments, const Target *target)
{
    bool given = arguments->to->len > 0;
    const char *config = config_of(arguments, target);
    g_autofree char *state_dir = import_state_dir(target, arguments->state_dir);
    g_autofree char *path = arguments->path ? g_canonicalize_filename(arguments->path, NULL) : NULL;

    if (!given && !arguments->config && access(config, F_OK) < 0)
        return usage_error(&usage_import,
                           "say with --to where the copies go: there is no "
                           "configuration '%s' that does",
                           config);
    g_ptr_array_add(arguments->to, NULL);
    ImportCommand command = { .path = path,
                              .import = arguments->import,
                              .to = given ? (char **) arguments->to->pdata : NULL,
                              .config = config,
                              .state_dir = state_dir,
                              .run_dir = run_dir_of(target),
                              .dry = arguments->dry,
                              .json = arguments->json };
    return import_command_run(&command, NULL);
}

/* What a unit starts for a medium that has appeared. */
static int run_device(const Arguments *arguments, const Target *target)
{
    g_autofree char *state_dir = import_state_dir(target, arguments->state_dir);
    g_autofree char *run_dir = paths_runtime_dir();
    ImportDevice device = { .device = arguments->device,
                            .config = arguments->config ? arguments->config : target->config,
                            .state_dir = state_dir,
                            .run_dir = run_dir,
                            .look = arguments->look };

    return import_device_run(&device);
}

static int run_ptp(const Arguments *arguments, const Target *target)
{
    bool given = arguments->to->len > 0;
    const char *config = config_of(arguments, target);
    g_autofree char *state_dir = import_state_dir(target, arguments->state_dir);

    g_ptr_array_add(arguments->to, NULL);
    ImportPtp ptp = { .port = arguments->ptp,
                      .config = config,
                      .import = arguments->import,
                      .to = given ? (char **) arguments->to->pdata : NULL,
                      .state_dir = state_dir,
                      .run_dir = run_dir_of(target),
                      .dry = arguments->dry,
                      .json = arguments->json,
                      .look = arguments->look };

    return import_ptp_run(&ptp);
}

static int run_import(int argc, char **argv, const Target *target)
{
    const Usage *command = argc > 1 ? usage_command(&usage_import, argv[1]) : NULL;
    g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);
    Arguments arguments = { .to = to };

    if (command) {
        journal_mute();
        return command->run(argc - 1, argv + 1, target);
    }
    int status = read_arguments(argc, argv, &arguments);
    if (status >= 0)
        return status;
    if (arguments.device)
        return run_device(&arguments, target);
    if (arguments.ptp)
        return run_ptp(&arguments, target);
    journal_mute();
    return run_arguments(&arguments, target);
}

/* ---- usage ---- */

static const UsageOption options[] = {
    { OPTION_TO, COMPLETE_WITH_DIRECTORIES, "to", "DIR",
      "copy to this directory; more than once for several. No configuration is read then, unless "
      "--config or --import names one; `name`, `manifest` and so on are the defaults of "
      "hotfolder.conf(5), and the card is safe when each file is proved in two of them that lie on "
      "different disks (in a single one, when there is one --to)" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG },
    { OPTION_IMPORT, COMPLETE_WITH_NOTHING, "import", "NAME",
      "the import of the configuration that says how; default: the first one that takes the card, "
      "or, for any other directory, the first one without `when`; PATH may be left out where its "
      "`from` is a directory" },
    { OPTION_STATE_DIR, COMPLETE_WITH_DIRECTORIES, "state-dir", "DIR",
      "where it is remembered what has been copied; default the service's directory where it can "
      "be written, else $STATE_DIRECTORY, else ~/.local/state/hotfolder" },
    { 'n', COMPLETE_WITH_NOTHING, "dry-run", NULL,
      "only show under which name each file would be copied, and the room that it takes" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON, at the end" },
    { OPTION_DEVICE, COMPLETE_WITH_NOTHING, "device", "NAME",
      "what hotfolder-import@.service does as root with the block device NAME: mounts it for "
      "reading alone, imports it as the user hotfolder, and ejects it" },
    { OPTION_PTP, COMPLETE_WITH_NOTHING, "ptp", "PORT",
      "in place of PATH, a camera at a USB port, as `gphoto2 --auto-detect` shows it: usb:001,004; "
      "needs the package hotfolder-ptp" },
    { OPTION_LOOK, COMPLETE_WITH_NOTHING, "look", NULL,
      "with --device or --ptp: only say by the exit status whether an import takes it" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the card is safe to format, also where nothing is new on it" },
    { 1, "it is not safe, or the import was interrupted or failed" },
    { USAGE_ERROR, "wrong usage or configuration" },
    { IMPORT_EXIT_COPIED, "a camera's pictures were copied, which is never proved" },
    { 0 },
};

static const Usage *const words[] = { &usage_import_status, &usage_import_verify,
                                      &usage_import_forget, &usage_import_assignment, NULL };

const Usage usage_import = {
    .name = "hotfolder import",
    .arguments = "PATH",
    .summary = "copy a memory card, prove the copies, and say whether it may be formatted",
    .text = "Copies the card, or any directory PATH, to each destination, reads every copy back "
            "from its disk, and says in its last line whether the card is SAFE TO FORMAT, or why "
            "it is NOT SAFE. Nothing is ever written to PATH. Started again, it copies only what "
            "is new. No daemon is needed: the service does the same by itself when a card is put "
            "in.\n\n"
            "A directory that is called as one of the commands is written with a path: ./status.",
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = options,
    .exits = exits,
    .commands = words,
    .outer = &usage_hotfolder,
    .run = run_import,
};
