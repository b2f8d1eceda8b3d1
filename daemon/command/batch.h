/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch.h - the pictures of a batch: found, handed to the pool, and counted as they end.
 *
 * The pool, the workers and the publishing are those of the daemon, over a ledger in memory. */
#pragma once

#include "daemon/process/process.h"

typedef struct BatchOptions {
    char **paths; /* files and directories as they were typed; NULL ends it */
    bool dry;
    bool plan;       /* of a dry one: how each picture would be made is reported */
    bool measures;   /* what each step takes is reported; outputs are made, each step by itself */
    Process *worker; /* that has checked the profile, and is the batch's from then on */
} BatchOptions;

typedef struct BatchCounts {
    int found, done, failed;
    int already; /* of the done ones: each output is there already, or (exists = skip) its name is
                  * of another picture */
    int without; /* of the done ones: the profile makes no output of it */
    bool all_found; /* the search is over: `found` grows no more */
} BatchCounts;

/* What a batch reports while it runs, on the caller's thread. Paths are bytes. */
typedef struct BatchReporter {
    void *user;
    void (*progress)(void *user, const BatchCounts *counts);
    /* `outputs`, relative to the output directory, are made, or would be in a dry run; none where
     * the profile makes none of this picture; NULL: see `already`. `note`: what is worth knowing
     * all the same; NULL: nothing. `plan`: how it would be made, or what each step took, a line
     * each; NULL: that was not asked for. */
    void (*done)(void *user, const char *source, char **outputs, const char *note, char **plan);
    void (*failed)(void *user, const char *source, const Error *error);
    void (*ignored)(void *user, const char *path, const char *reason); /* static */
    void (*without)(void *user, const char *typed); /* no picture is in this directory */
    /* A path that will be done or failed, in the order in which they are found; NULL: not needed */
    void (*found)(void *user, const char *source);
} BatchReporter;

/* Of a batch that is only a means: `user` is an Error *, NULL at first, which becomes a copy of the
 * first error of a picture; no other word of it is heard. */
BatchReporter batch_quiet_reporter(void);

/* Takes over `settings`, whose first folder is the pattern for every root. Runs to the end, or
 * until SIGINT or SIGTERM, which let the pictures in progress finish. The output directory is made
 * when the first picture is found. False with *err set when it could not continue: nothing is lost,
 * it can run again. */
bool batch_run(Settings *settings, const BatchOptions *options, const BatchReporter *reporter,
               BatchCounts *counts, bool *interrupted, Error **err);
