/* action.h - the contract that every action in this folder fulfils: a table and a function.
 *
 * An action knows a picture and its own settings; never a job, a path, a database or the log. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

typedef struct Action {
    const char *name;    /* the word in a profile */
    const char *group;   /* chapter of the manual: one of action_groups */
    const char *summary; /* what it does to the picture; one line, no full stop */
    const char *example; /* a step as in a profile: shown in the manual, run by the tests */
    const Param *params;
    size_t size; /* of the settings that params fill; what open() and prepare() make is in it too */

    /* Settings against each other; may be NULL. Runs in --check and before open(). */
    bool (*check)(const void *settings, Error **err);
    /* Opens what the settings name (a watermark's file), once, before the sandbox, in which no path
     * can be opened; may be NULL. It decodes nothing and starts no thread. */
    bool (*open)(void *settings, Error **err);
    /* Makes ready what all pictures share, once, after open(); may be NULL. */
    bool (*prepare)(void *settings, Error **err);
    /* Frees what open() and prepare() made; may be NULL. */
    void (*release)(void *settings);
    bool (*apply)(const void *settings, Image *image, Error **err);
    /* Bytes that it takes for each pixel beside the rows in work: a copy, an encoder's. Looked at
     * before any pixel is decoded; NULL: none. */
    double (*memory)(const void *settings, const Image *image);
} Action;

extern const Action *const actions[]; /* sorted by name; NULL ends it */
extern const char *const action_groups[];
const Action *action_find(const char *name);
