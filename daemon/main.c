/* hotfolderd - watches hot folders and has every picture dropped into them finished. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "daemon/service.h"

static const char help[] =
    "Usage: hotfolderd [OPTION]...\n"
    "Watches hot folders and has every picture that is dropped into them finished.\n"
    "\n"
    "  -c, --config FILE      configuration (default " HOTFOLDER_CONFIG ")\n"
    "      --state-dir DIR    where the ledger lies (default $STATE_DIRECTORY,\n"
    "                         else $XDG_STATE_HOME/hotfolder)\n"
    "      --runtime-dir DIR  where control.sock lies (default $RUNTIME_DIRECTORY,\n"
    "                         else $XDG_RUNTIME_DIR/hotfolder)\n"
    "  -h, --help             show this and exit\n"
    "      --version          show the version and exit\n"
    "\n"
    "SIGHUP reads the configuration again; SIGTERM stops after the pictures in hand.\n";

enum { OPTION_STATE = 256, OPTION_RUNTIME, OPTION_VERSION };

static const struct option options[] = {
    { "config", required_argument, NULL, 'c' },
    { "state-dir", required_argument, NULL, OPTION_STATE },
    { "runtime-dir", required_argument, NULL, OPTION_RUNTIME },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, OPTION_VERSION },
    { 0 },
};

int main(int argc, char **argv)
{
    g_autofree char *state = options_state_dir();
    g_autofree char *runtime = options_runtime_dir();
    ServiceOptions service = { HOTFOLDER_CONFIG, state, runtime };
    int option = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) >= 0) {
        switch (option) {
        case 'c':
            service.config = optarg;
            break;
        case OPTION_STATE:
            service.state_dir = optarg;
            break;
        case OPTION_RUNTIME:
            service.runtime_dir = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_SUCCESS;
        case OPTION_VERSION:
            puts("hotfolderd " HOTFOLDER_VERSION);
            return EXIT_SUCCESS;
        default:
            fputs("Try 'hotfolderd --help'.\n", stderr);
            return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "hotfolderd: unexpected argument '%s'; try 'hotfolderd --help'\n",
                argv[optind]);
        return 2;
    }
    return service_run(&service);
}
