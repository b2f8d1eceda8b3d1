/* hotfolder actions - what a profile can do. The worker knows, so it is asked. */
#include <errno.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/places.h"
#include "command/command.h"

static const char help[] =
    "Usage: hotfolder actions [NAME]\n"
    "Lists the actions that a profile is made of, or explains one of them: its\n"
    "settings, their defaults and an example.\n"
    "\n"
    "  -h, --help  show this and exit\n";

enum { USAGE = 2 };

static const struct option options[] = {
    { "help", no_argument, NULL, 'h' },
    { 0 },
};

/* Becomes `hotfolder-worker --describe [name]`; returns only when it can't. */
static int become_worker(const char *name)
{
    g_autofree char *worker = places_worker();
    g_autofree char *program = g_path_get_basename(worker);
    g_autofree char *mode = g_strdup("--describe");
    g_autofree char *action = g_strdup(name);
    char *const argv[] = { program, mode, action, NULL };

    execv(worker, argv);
    fprintf(stderr, "hotfolder: cannot start '%s': %s; install hotfolder again\n", worker,
            g_strerror(errno));
    return EXIT_FAILURE;
}

int command_actions(int argc, char **argv)
{
    int option = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_SUCCESS;
        }
        fputs("Try 'hotfolder actions --help'.\n", stderr);
        return USAGE;
    }
    if (argc - optind > 1) {
        fputs("hotfolder actions: name one action, or none\n", stderr);
        return USAGE;
    }
    return become_worker(optind < argc ? argv[optind] : NULL);
}
