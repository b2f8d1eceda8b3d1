/* hotfolder - the command that people type. */
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "command/command.h"

int main(int argc, char **argv)
{
    g_autofree char *runtime = options_daemon_dir(), *config = options_config();
    const char *instance = NULL;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_hotfolder, argc, argv, &status)) > 0) {
        g_free(runtime);
        if (option == HOTFOLDER_RUNTIME_DIR) {
            runtime = g_strdup(optarg);
            continue;
        }
        instance = optarg;
        runtime = options_instance_dir(instance);
        g_free(config);
        config = options_instance_config(instance);
    }
    if (option == USAGE_OVER)
        return status;
    if (instance && (!*instance || strchr(instance, '/')))
        return usage_wrong(&usage_hotfolder, "'%s' is no instance; give NAME of hotfolder@NAME",
                           instance);
    if (optind == argc) {
        g_autofree char *help = usage_text(&usage_hotfolder);
        fputs(help, stderr);
        return USAGE_WRONG;
    }
    return command_start(argc - optind, argv + optind, &(Target){ instance, runtime, config });
}
