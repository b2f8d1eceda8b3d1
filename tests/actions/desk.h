/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desk.h - a place to work at without a daemon: steps as text, outputs in memory. */
#pragma once

#include "actions/action.h"
#include "tests/actions/pictures.h"
#include "worker/profile.h"

typedef struct Desk {
    GPtrArray *names;   /* of every output asked for, in order; char * */
    GArray *files;      /* of int: what was written there */
    char *renamed;      /* the original's new name; NULL: it has its own */
    char *notes;        /* on the picture that was done last; NULL: none */
    bool skips;         /* answer that the output is there already */
    unsigned exists;    /* as the last output was asked for */
    int64_t mtime;      /* of the last output, as asked for */
    SourceNames origin; /* of the picture */
    int64_t memory;     /* asked for last */
    int asked;          /* how often it was */
    int64_t room;       /* the most to give; 0: all that is asked for */
    Limits limits;      /* none, but that every format that libvips trusts is read */
} Desk;

/* Of pictures that are saved nowhere: the programs that examples name run, each a copy. */
extern const Outputs desk_programs;

Desk *desk_new(void);
void desk_free(Desk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_free)

/* `steps` as a profile reads them, ready to apply; any error fails the test. */
GPtrArray *desk_profiles(const char *steps);

/* Does the steps, which end with a save, on the picture in fd (taken over). */
bool desk_run(Desk *desk, int fd, const char *steps, Error **err);

/* Does the steps, which save nothing, on the picture in fd (taken over); any error fails the test.
 * The pixels that come out, in memory; the caller's. */
VipsImage *desk_apply(int fd, const char *steps);

/* The same, which does steps too that a profile leaves out since they are idle. */
VipsImage *desk_apply_idle(int fd, const char *steps);

/* The output number `index`, loaded; the caller's. */
VipsImage *desk_output(Desk *desk, guint index);

/* Fails the test, which it calls `what`, where the pictures are further apart than that: on the
 * average of all values, and at most. */
void desk_near_by(VipsImage *a, VipsImage *b, double mean, double most, const char *what);
