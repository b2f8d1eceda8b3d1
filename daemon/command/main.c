/* hotfolder - the command that people type. */
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "command/command.h"

static const char help[] =
    "Usage: hotfolder [--runtime-dir DIR] COMMAND [ARGUMENT]...\n"
    "Hot folders for pictures: drop a photo, find it finished.\n"
    "\n"
    "  run PROFILE FILE|DIR...  apply a profile to files and trees at once\n"
    "  check                    check the configuration and its directories\n"
    "  actions [NAME]           list what a profile can do, or explain one action\n"
    "  status                   show what the daemon is doing\n"
    "\n"
    "      --runtime-dir DIR    where the daemon's control.sock lies\n"
    "  -h, --help               show this and exit\n"
    "      --version            show the version and exit\n"
    "\n"
    "'hotfolder COMMAND --help' explains a command.\n";

enum { OPTION_RUNTIME = 256, OPTION_VERSION };

static const struct option options[] = {
    { "runtime-dir", required_argument, NULL, OPTION_RUNTIME },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, OPTION_VERSION },
    { 0 },
};

static int run_command(int argc, char **argv, const char *runtime_dir)
{
    static const char *const names[] = { "actions", "check", "run", "status", NULL };

    optind = 0; /* glibc: begin anew, with the command's own arguments */
    if (!strcmp(argv[0], "run"))
        return command_run(argc, argv);
    if (!strcmp(argv[0], "check"))
        return command_check(argc, argv);
    if (!strcmp(argv[0], "actions"))
        return command_actions(argc, argv);
    if (!strcmp(argv[0], "status"))
        return command_status(argc, argv, runtime_dir);

    const char *close = text_closest(argv[0], names);
    fprintf(stderr, "hotfolder: there is no command '%s'%s%s%s; try 'hotfolder --help'\n", argv[0],
            close ? "; did you mean '" : "", close ? close : "", close ? "'?" : "");
    return 2;
}

int main(int argc, char **argv)
{
    g_autofree char *runtime = options_runtime_dir();
    int option = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while ((option = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
        switch (option) {
        case OPTION_RUNTIME:
            g_free(runtime);
            runtime = g_strdup(optarg);
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_SUCCESS;
        case OPTION_VERSION:
            puts("hotfolder " HOTFOLDER_VERSION);
            return EXIT_SUCCESS;
        default:
            fputs("Try 'hotfolder --help'.\n", stderr);
            return 2;
        }
    }
    if (optind == argc) {
        fputs(help, stderr);
        return 2;
    }
    return run_command(argc - optind, argv + optind, runtime);
}
