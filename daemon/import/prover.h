/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prover.h - reads copies back while other files are still being copied: a thread for each
 * destination, which reads its copies in the order in which they came.
 *
 * How one is read is its owner's, a function that the threads call. All else is called by the
 * thread that made the prover. */
#pragma once

#include "daemon/import/proof.h"

typedef struct ProverJob {
    unsigned lane;    /* the thread that reads it */
    unsigned index;   /* of the file, for the owner */
    char *name;       /* of the copy; owned; NULL where the lane's files have none */
    bool is_synced;   /* when it was whole */
    Content expected; /* what is to be read */
    unsigned digests; /* of ContentDigests, that are to be made */

    ProofEnd end; /* all below is the answer */
    Content content;
    Error *error;
} ProverJob;

void prover_job_free(ProverJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProverJob, prover_job_free)

typedef struct Prover Prover;

/* `read` fills the answer of a job, on a thread of the prover. */
Prover *prover_new(unsigned lanes, void (*read)(void *user, ProverJob *job), void *user);

/* Drops what is not read, after the copy that is being read. NULL is nothing. */
void prover_free(Prover *prover);

/* Takes over the job. Where a thread cannot be started it is read here. */
void prover_add(Prover *prover, ProverJob *job);

/* Whether all were read before `timeout_ms`. */
bool prover_wait(Prover *prover, int timeout_ms);

/* The next one that was read; NULL: none at the moment. */
ProverJob *prover_next(Prover *prover);
