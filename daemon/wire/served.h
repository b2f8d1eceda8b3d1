/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* served.h - the main() of a program that answers one request on PROTOCOL_SOCKET and ends: systemd
 * starts it for a connection, or the daemon as it starts a worker. One thread. */
#pragma once

#include "base/error.h"

typedef struct Served {
    const char *name;    /* "hotfolder-program" */
    const char *help;    /* what --help prints */
    void (*begin)(void); /* called before the request, once nothing else is open */
    bool (*serve)(int socket, Error **err);
} Served;

/* The exit status: 0 where it was served, 1 where not, 2 for other arguments than --serve, --help
 * and --version. */
int served_main(const Served *served, int argc, char **argv);
