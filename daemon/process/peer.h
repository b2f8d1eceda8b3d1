/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peer.h - one of our small programs that does one thing for us and ends: hotfolder-program,
 * hotfolder-notice. One thread a peer.
 *
 * A service of the system has it started by systemd, in a sandbox and under a user of its own: a
 * variable of the environment names the socket. Else it is a child of ours. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

typedef struct PeerKind {
    const char *name;     /* "hotfolder-program" */
    const char *variable; /* HOTFOLDER_PROGRAM_SOCKET */
    const char *purpose;  /* what it is asked for: "a program to be run" */
    char *(*path)(void);  /* of the program; newly allocated */
    ErrorKind kind;       /* of the errors */
} PeerKind;

typedef struct Peer {
    int socket; /* ours; it does not block */
    pid_t pid;  /* of a child; 0: it is none */
} Peer;

/* A peer that is connected. On false, with *err, there is none. */
bool peer_start(Peer *peer, const PeerKind *kind, Error **err);

/* Closes the socket, and waits until a child has ended, which does that now. */
void peer_end(Peer *peer);
