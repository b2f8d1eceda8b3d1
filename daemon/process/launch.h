/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* launch.h - runs hotfolder-worker: what it finds on its descriptors and in its environment. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct Launch {
    const char *document; /* the profiles */
    bool fonts;           /* it may read them, even where no profile draws text */
    int answer;           /* where it writes what it finds in the document; -1: it is not asked */
} Launch;

/* Our environment as a program of ours begins with it; newly allocated. */
char **launch_environment(void);

/* Returns without waiting until it is ready. *socket, our end, does not block. Errors are of kind
 * ENVIRONMENT. */
bool launch(const Launch *what, pid_t *pid, int *socket, Error **err);
