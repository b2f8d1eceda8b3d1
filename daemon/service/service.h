/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* service.h - runs the daemon: start, serve until a stop, stop. */
#pragma once

#include "base/error.h"

typedef struct ServiceOptions {
    const char *config;      /* path of the configuration */
    const char *state_dir;   /* of the ledger; made if missing */
    const char *runtime_dir; /* of control.sock; made if missing */
} ServiceOptions;

/* Runs until SIGTERM or SIGINT. Returns the exit status: 0 after a stop; 1 when the daemon could
 * not start or continue; 2 when the configuration must be changed first. The journal or standard
 * error has the reason. */
int service_run(const ServiceOptions *options);
