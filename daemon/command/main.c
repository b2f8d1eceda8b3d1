/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder - the command that people type. */
#include <getopt.h>
#include <glib.h>
#include <stdio.h>

#include "command/command.h"

int main(int argc, char **argv)
{
    const Target *target = target_new();
    int status = 0;

    if (usage_next(&usage_hotfolder, argc, argv, &status) == USAGE_DONE)
        return status;
    if (optind == argc) {
        g_autofree char *help = usage_text(&usage_hotfolder);
        fputs(help, stderr);
        return USAGE_ERROR;
    }
    return command_start(argc - optind, argv + optind, target);
}
