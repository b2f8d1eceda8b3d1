/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_device.h - `hotfolder import --device NAME`, which hotfolder-import@.service runs as root
 * when a medium appears. Main thread, before any other one. */
#pragma once

#include <stdbool.h>

typedef struct ImportDevice {
    const char *device;    /* "sdb1" */
    const char *config;    /* the configuration */
    const char *state_dir; /* absolute */
    const char *run_dir;   /* of the locks of disks */
    bool look;             /* only whether an import takes it: EXIT_SUCCESS, else EXIT_FAILURE */
} ImportDevice;

/* Mounts it, imports it and ejects it. Returns an exit status, as usage_import says. */
int import_device_run(const ImportDevice *what);
