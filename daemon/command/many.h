/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* many.h - asks the daemon to do something with many pictures: it answers in parts, and this goes
 * on until all are done, or the first SIGINT or SIGTERM comes. One thread. */
#pragma once

#include "command/client.h"

/* For the help of commands that ask so. */
#define MANY_STOPS                                                                                 \
    "Of many pictures a terminal shows the progress. Ctrl-C stops between two of them; the same "  \
    "command goes on with the rest."

typedef struct Many {
    const char *path;  /* of the POST */
    const char *count; /* the number of an answer that is shown on the way: "retried" */
    const char *doing; /* what that is, for people: "queued again" */
    int wrong;         /* as client_ask() has it */
} Many;

/* Asks with `question`, which it frees. The sum of the answers, newly allocated, with the first
 * hundred of each list; it has `next` if the rest was not done, which was reported. NULL: the
 * daemon has refused, and that was shown. */
cJSON *many_ask(const Target *target, const Many *many, cJSON *question);

/* Whether all were done, of what many_ask() has returned. */
bool many_is_whole(const cJSON *answer);
