/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* addition_steps.h - the steps by which a folder is added, in their order. Each can be shown as the
 * command that does the same, and done. Main thread. */
#pragma once

#include "command/addition.h"
#include "command/sent_probe.h"

/* What has been done so far. */
typedef struct Adding {
    Addition *plan; /* borrowed */
    Directories *directories;
    bool wrote_file, wrote_config;
    char *dropin_before; /* its text; NULL: there was none */
    bool opened, began;  /* the drop-in is written; the service was started or reloaded */
    bool stays;          /* nothing is taken back: a person, or another call, can go on from here */
    char *method;        /* how the folder is watched */
    char *no_probe;      /* why none was sent; NULL: it was */
    SentProbe probe;
} Adding;

void adding_clear(Adding *adding);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Adding, adding_clear)

typedef struct Step {
    const char *name; /* "directory"; NULL ends the list */
    /* The command as a person would type it, or what hotfolder does in a comment; newly allocated.
     * NULL: there is nothing to do. */
    char *(*command)(const Addition *plan);
    bool (*run)(Adding *adding, Error **err);
    char *(*tell)(const Adding *adding); /* what it has done; newly allocated */
} Step;

extern const Step addition_steps[];

/* Undoes what was done, after a step has failed. */
void adding_take_back(const Adding *adding);
