/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* step.h - a step of a profile. */
#pragma once

#include "actions/every_step.h"

typedef enum Preparation { STEP_READ, STEP_OPENED, STEP_CONFINED, STEP_PREPARED } Preparation;

typedef struct Step {
    const Action *action;
    void *settings; /* action_size() bytes, owned */
    int line;       /* in the profile's file */
    guint number;   /* as they were written, from 1 on: arrange.h may have moved it */
    bool optional;  /* a formula decides whether it, or a branch around it, is done */
    guint next;     /* of the profile's steps: the first after it, and after all steps in it */
    Preparation done;
    Error *failure; /* of that; NULL: none */
} Step;
