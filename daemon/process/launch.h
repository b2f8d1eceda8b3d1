/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* launch.h - runs the programs that are ours: what they find on their descriptors and in their
 * environment. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct Launch {
    const char *document; /* the profiles */
    bool fonts;           /* it may read them, even where no profile draws text */
    int answer;           /* where it writes what it finds in the document; -1: it is not asked */
} Launch;

/* Runs the program argv[0] with a socket as its PROTOCOL_SOCKET and nothing as its standard input.
 * *socket is our end, the caller's to close. Returns 0, or an errno value; *socket is -1 then. */
int launch_program(char *const *argv, pid_t *pid, int *socket);

/* Runs hotfolder-worker. Returns without waiting until it is ready. *socket, our end, does not
 * block. Errors are of kind ENVIRONMENT. */
bool launch(const Launch *what, pid_t *pid, int *socket, Error **err);
