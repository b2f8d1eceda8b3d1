/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of commands. */
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/command.h"
#include "command/terminal.h"
#include "daemon/settings/load.h"

/* In the order in which help shows them. */
static const Usage *const commands[] = {
    &usage_run,    &usage_try,    &usage_sheet,   &usage_import, &usage_add,       &usage_remove,
    &usage_check,  &usage_doctor, &usage_actions, &usage_values, &usage_profiles,  &usage_status,
    &usage_why,    &usage_list,   &usage_retry,   &usage_cancel, &usage_reprocess, &usage_undo,
    &usage_pause,  &usage_resume, &usage_scan,    &usage_notify, &usage_reload,    &usage_metrics,
    &usage_dropin, NULL
};

static const UsageOption options[] = {
    { 'i', COMPLETE_WITH_NOTHING, "instance", "NAME",
      "use the service hotfolder@NAME instead of hotfolder: its configuration and its socket" },
    { HOTFOLDER_RUNTIME_DIR, COMPLETE_WITH_DIRECTORIES, "runtime-dir", "DIR",
      "where the daemon's control.sock is (default $RUNTIME_DIRECTORY, else "
      "$XDG_RUNTIME_DIR/hotfolder; if it is not there, /run/hotfolder)" },
    { 0 },
};

const Usage usage_hotfolder = {
    .name = "hotfolder",
    .arguments = "COMMAND [ARGUMENT]...",
    .summary = "hot folders for pictures: drop a photo, find it finished",
    .text = "Hot folders for pictures: drop a photo, find it finished.",
    .version = true,
    .options = options,
    .commands = commands,
    .take = target_take,
};

Settings *command_settings(const char *config)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Settings *settings = settings_load(config, NULL, errors);

    terminal_errors(errors);
    return settings;
}

int command_start(int argc, char **argv, const Target *target)
{
    const char *words[G_N_ELEMENTS(commands)] = { NULL };
    const Usage *command = usage_command(&usage_hotfolder, argv[0]);

    if (!strcmp(argv[0], "help") && argc == 1) {
        g_autofree char *help = usage_text(&usage_hotfolder);
        fputs(help, stdout);
        return EXIT_SUCCESS;
    }
    optind = 0; /* glibc: begin again, with the command's own arguments */
    if (command)
        return command->run(argc, argv, target);

    for (size_t i = 0; commands[i]; i++)
        words[i] = usage_word(commands[i]);
    const char *close = text_closest(argv[0], words);
    return usage_error(&usage_hotfolder, "no such command '%s'%s%s%s", argv[0],
                       close ? " (did you mean '" : "", close ? close : "", close ? "'?)" : "");
}
