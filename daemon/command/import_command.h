/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_command.h - one import from its configuration to its verdict, as `hotfolder import PATH`
 * runs it for a person, and a unit of systemd for a card that has appeared. Main thread. */
#pragma once

#include "command/command.h"
#include "daemon/import/import.h"

enum { IMPORT_EXIT_COPIED = 3 }; /* of a camera: copied, and never proved */

typedef struct ImportCommand {
    const char *path;           /* the directory that is read; a camera's words with `source`;
                                   NULL: the one that the import names */
    const ImportSource *source; /* NULL: the directory */
    const Medium *medium;       /* that `path` is on; NULL: it is looked up */
    const char *import;         /* by name; NULL: the first one that takes the medium */
    char *const *to;            /* the destinations, absolute, in place of the import's; NULL */
    const char *config;         /* NULL: no configuration is read */
    const char *state_dir;      /* absolute */
    const char *run_dir;        /* of locks; NULL: imports into one disk take no turns */
    Process *worker;            /* import_command_run() sets it */
    bool dry, json;
    bool is_service; /* it waits for room and for destinations, takes only what an import takes, and
                        logs to the journal, which the caller has started */
} ImportCommand;

/* Runs it until it ends, or SIGINT or SIGTERM comes. *eject, NULL where it does not matter: whether
 * its import says that the card is to be ejected, and nothing reads that any more. Returns an exit
 * status, as usage_import says. */
int import_command_run(const ImportCommand *command, bool *eject);

/* Not 0 once a signal has asked for the end of that. */
const volatile int *import_command_stop(void);
