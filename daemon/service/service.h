/* service.h - the daemon's life: start, serve until told to stop, stop. */
#pragma once

#include "base/error.h"

typedef struct ServiceOptions {
    const char *config;      /* path of the configuration */
    const char *state_dir;   /* made if missing; the ledger lies there */
    const char *runtime_dir; /* likewise; control.sock */
} ServiceOptions;

/* Runs until SIGTERM or SIGINT. Returns the exit status: 0 after a stop, 1 when it could not start
 * or go on, 2 when the configuration has to be changed first (said in the journal, or on standard
 * error). */
int service_run(const ServiceOptions *options);
