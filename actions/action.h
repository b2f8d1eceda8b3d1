/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* action.h - the contract of every action in this folder: a table and a function.
 *
 * An action knows a picture and its own settings; never a job, a path, a database or the log. All
 * functions run in the worker's only thread of ours. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

typedef struct Action {
    const char *name;    /* the word in a profile */
    const char *group;   /* chapter of the manual: one of action_groups */
    const char *summary; /* what it does to the picture; one line, no full stop */
    const char *also; /* words of other programs for the same, with spaces between; may be NULL */
    const char *example; /* a step as in a profile: shown in the manual, run by the tests */
    const Param *params;
    size_t size; /* of the settings that params fill, with what open() and prepare() make */

    /* Checks settings against each other; may be NULL. Runs in --check and before open(). */
    bool (*check)(const void *settings, Error **err);
    /* False with *err where settings that are right do what a user may not expect, which `hotfolder
     * check` then says; may be NULL. Runs after check(). */
    bool (*advise)(const void *settings, Error **err);
    /* Opens what the settings name (a watermark's file), once, before the sandbox closes the paths;
     * may be NULL. It decodes nothing and starts no thread. */
    bool (*open)(void *settings, Error **err);
    /* Prepares what all pictures share, once, after open(); may be NULL. */
    bool (*prepare)(void *settings, Error **err);
    /* Frees what open() and prepare() made; may be NULL. */
    void (*release)(void *settings);
    /* Changes or saves the picture. */
    bool (*apply)(const void *settings, Image *image, Error **err);
    /* A text that decides, with the picture, which name the step writes: two steps of a profile
     * with the same text would give each picture two outputs of one name. Newly allocated; NULL
     * where the name depends on more. Runs after check(); NULL: it writes nothing. */
    char *(*writes)(const void *settings);
    /* The name that the step writes, for an example of a picture called x; newly allocated. Runs
     * after check(); NULL: it writes nothing. */
    char *(*sample)(const void *settings);
    /* Bytes that it uses for each pixel besides the rows that it processes: a copy, an encoder's.
     * Called before any pixel is decoded; NULL: none. */
    double (*memory)(const void *settings, const Image *image);
} Action;

extern const Action *const actions[]; /* sorted by name; NULL ends it */
extern const char *const action_groups[];
const Action *action_find(const char *name); /* NULL: no such */
