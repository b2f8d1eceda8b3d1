/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* programs.h - has the administrator's programs run for a worker, which gives and takes files in
 * memory. Pool threads. */
#pragma once

#include "daemon/jobs/job.h"

/* A file for what a program is to get: the caller's, open for reading and writing; the job keeps
 * another descriptor of it. False with *err where the worker may not have one now. */
bool programs_open(Job *job, int *fd, Error **err);

/* Who looks after the worker and the job meanwhile: false, with what it sets, ends the wait. Every
 * 200 ms, and when `socket` can be read. */
typedef struct ProgramCare {
    bool (*check)(void *user);
    void *user;
    int socket;
} ProgramCare;

/* Runs the program of that name on what was written into the file, until the deadline (clock_ms) at
 * most. *result is its file, of at most `most` bytes; the caller's. False with *refusal where the
 * picture cannot have it, and with *err where the conversation is over; with neither, `care` has
 * ended the wait. */
bool programs_run(Job *job, const char *name, int64_t most, int64_t deadline,
                  const ProgramCare *care, int *result, Error **refusal, Error **err);
