/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder actions - what a profile can do. It asks the worker, which has the actions. */
#include <errno.h>
#include <getopt.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "command/command.h"
#include "command/terminal.h"

enum { OPTION_NAMES = 256, OPTION_JSON };

int command_become_worker(const char *mode, char *const *arguments)
{
    g_autofree char *worker = paths_worker();
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_path_get_basename(worker));
    g_ptr_array_add(argv, g_strdup(mode));
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, g_strdup(*arguments));
    g_ptr_array_add(argv, NULL);
    execv(worker, (char *const *) argv->pdata);
    const int code = errno;
    const char *fix = paths_worker_fix(code);
    terminal_error("cannot start '%s': %s; %s", worker, g_strerror(code),
                   fix ? fix : "install hotfolder again");
    return EXIT_FAILURE;
}

static int run_actions(int argc, char **argv, const Target *target)
{
    const char *mode = "--describe";
    int option = 0, status = 0;

    (void) target;
    while ((option = usage_next(&usage_actions, argc, argv, &status)) > 0)
        mode = option == OPTION_JSON ? "--describe-json" : "--names";
    bool names = !strcmp(mode, "--names");
    if (option == USAGE_DONE)
        return status;
    if (argc - optind > !names)
        return usage_error(&usage_actions, names ? "--names lists all actions; give no name"
                                                 : "give one action, or none");
    return command_become_worker(mode, argv + optind);
}

static const UsageOption options[] = {
    { OPTION_NAMES, COMPLETE_WITH_NOTHING, "names", NULL, "only their names, one on each line" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print them, or the one, as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the actions are shown" },
    { 1, "there is no such action" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_actions = {
    .name = "hotfolder actions",
    .arguments = "[NAME]",
    .summary = "list what a profile can do, or explain one action",
    .text = "Lists the actions that a profile is made of, or explains one of them: its settings, "
            "their defaults and an example. NAME may also be what another program calls it, as "
            "\"Auto Contrast\" of Phatch: hotfolder-phatch(7).",
    .first = COMPLETE_WITH_ACTIONS,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_actions,
};
