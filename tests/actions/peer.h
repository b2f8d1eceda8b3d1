/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peer.h - the daemon's side of the protocol, played by a test against the real worker. */
#pragma once

#include <sys/types.h>

#include "formats/limits.h"
#include "wire/protocol.h"

typedef struct Peer {
    pid_t pid;
    int socket;
    unsigned profiles; /* as READY says */
    char lacks[200];   /* the same, of the sandbox */
    Limits limits;     /* for the jobs that follow; none, but for formats that are not trusted */
    bool asks;         /* each job asks for its memory, however little it is */
} Peer;

/* What a job said, and how it ended. */
typedef struct Talk {
    GPtrArray *steps; /* "LINE action" */
    GPtrArray *names; /* outputs asked for */
    GArray *files;    /* of int: those given */
    int64_t memory;   /* bytes asked for; 0: none */
    bool ok;
    Error *error;  /* why not */
    char *renamed; /* the original's new name; NULL: it has its own */
    char *notes;   /* of the picture; "": none */
    bool died;     /* it ended without a result */
    char *words;   /* its last ones; NULL: none */
    char *call;    /* the system call that they name, or "" */
    /* what the daemon answers */
    bool skip;
    bool refuse;
    bool nonsense; /* memory where an output was asked for */
} Talk;

/* Starts the worker with a profiles document and waits until it is ready. */
Peer peer_start(const char *document);

/* The same by another command line; NULL ends it. */
Peer peer_start_as(const char *const *command, const char *document);

/* One job, with fd as the picture (taken over). */
void peer_job(Peer *peer, Talk *talk, const char *profile, const char *dir, const char *name,
              int fd);
/* Only what begins it: an answer is for the caller to wait for. */
void peer_send_job(const Peer *peer, const char *profile, const char *dir, const char *name,
                   int fd);
/* Before it: an XMP file beside the picture, with fd as its file (taken over). */
void peer_send_sidecar(const Peer *peer, const char *name, int fd);
void talk_clear(Talk *talk);

/* Closes the socket; the worker's exit status, or minus the signal that ended it. */
int peer_stop(Peer *peer);

/* Resident memory of the worker, KB: now, and the most since it was started. */
long peer_memory(const Peer *peer);
long peer_peak(const Peer *peer);
