/* hotfolder - the command that people type. */
#include <getopt.h>
#include <glib.h>
#include <stdio.h>

#include "base/options.h"
#include "command/command.h"

int main(int argc, char **argv)
{
    g_autofree char *runtime = options_runtime_dir();
    int option = 0, status = 0;

    while ((option = usage_next(&usage_hotfolder, argc, argv, &status)) > 0) {
        g_free(runtime); /* --runtime-dir is the only one */
        runtime = g_strdup(optarg);
    }
    if (option == USAGE_OVER)
        return status;
    if (optind == argc) {
        g_autofree char *help = usage_text(&usage_hotfolder);
        fputs(help, stderr);
        return USAGE_WRONG;
    }
    return command_start(argc - optind, argv + optind, runtime);
}
