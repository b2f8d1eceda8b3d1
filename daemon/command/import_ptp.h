/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_ptp.h - `hotfolder import --ptp PORT`: a camera at a USB port. Main thread. */
#pragma once

#include <stdbool.h>

typedef struct ImportPtp {
    const char *port;      /* "usb:001,004"; "001-004" is that one for hotfolder-ptp@.service */
    const char *config;    /* NULL: none is read */
    const char *import;    /* by name; NULL: the first one with `from = ptp` */
    char *const *to;       /* destinations in place of the import's; NULL */
    const char *state_dir; /* absolute */
    const char *run_dir;   /* of the locks of disks; NULL */
    bool dry, json;
    bool look; /* only whether an import takes cameras: EXIT_SUCCESS, else EXIT_FAILURE */
} ImportPtp;

/* Returns an exit status, as usage_import says. */
int import_ptp_run(const ImportPtp *what);
