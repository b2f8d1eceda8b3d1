/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run.h - runs one program in a private directory, and ends it and all that it started. One thread.
 */
#pragma once

#include "program/directory.h"
#include "wire/program.h"

typedef struct Run {
    char **argv;         /* of the program; the first is its path */
    int64_t deadline_ms; /* from now */
    int64_t most;        /* bytes of each file that it writes */
    int64_t room;        /* bytes of all files in its directory, with the picture's */
    int client;          /* when this socket closes, the result is not wanted any more */
} Run;

typedef struct RunEnd {
    ProgramFailure failure;
    char *what; /* that it did: "exited with status 1"; newly allocated */
    char *last; /* the last line of its standard error, with bytes of any kind; newly allocated */
} RunEnd;

void run_end_clear(RunEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunEnd, run_end_clear)

/* Whether it exited with status 0. When it returns, no process of it is left. */
bool run(const Run *what, const Directory *directory, RunEnd *end);
