/* hotfolder - the command that people type. */
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "command/command.h"

int main(int argc, char **argv)
{
    g_autofree char *runtime = paths_daemon_dir(), *config = paths_config();
    const char *instance = NULL;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_hotfolder, argc, argv, &status)) > 0) {
        g_free(runtime);
        if (option == HOTFOLDER_RUNTIME_DIR) {
            runtime = g_strdup(optarg);
            continue;
        }
        instance = optarg;
        runtime = paths_instance_dir(instance);
        g_free(config);
        config = paths_instance_config(instance);
    }
    if (option == USAGE_DONE)
        return status;
    if (instance && (!*instance || strchr(instance, '/')))
        return usage_error(&usage_hotfolder, "'%s' is not an instance; give NAME of hotfolder@NAME",
                           instance);
    if (optind == argc) {
        g_autofree char *help = usage_text(&usage_hotfolder);
        fputs(help, stderr);
        return USAGE_ERROR;
    }
    return command_start(argc - optind, argv + optind, &(Target){ instance, runtime, config });
}
