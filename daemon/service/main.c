/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolderd - watches hot folders and processes every picture that arrives in them. */
#include <getopt.h>

#include "base/paths.h"
#include "daemon/service/service.h"
#include "daemon/service/usage.h"

int main(int argc, char **argv)
{
    g_autofree char *config = paths_config();
    g_autofree char *state = paths_state_dir();
    g_autofree char *runtime = paths_runtime_dir();
    ServiceOptions service = { config, state, runtime };
    int option = 0, status = 0;

    while ((option = usage_next(&usage_hotfolderd, argc, argv, &status)) > 0) {
        switch (option) {
        case 'c':
            g_free(config); /* status shows it, in other directories too */
            service.config = config = g_canonicalize_filename(optarg, NULL);
            break;
        case DAEMON_STATE_DIR:
            service.state_dir = optarg;
            break;
        default:
            service.runtime_dir = optarg;
            break;
        }
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_hotfolderd, "unexpected argument '%s'", argv[optind]);
    return service_run(&service);
}
