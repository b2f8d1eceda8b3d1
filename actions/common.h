/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* common.h - what every step has beside the settings of its action. Any thread may call it. */
#pragma once

#include "actions/action.h"
#include "actions/pages.h"

/* Settings of every step, from one table. They lie behind those of the action, in one block. */
typedef struct Common {
    bool enabled;  /* no: the step is left out */
    double amount; /* 0 to 100 %: result over input; of actions with ACTION_BLENDS, as is mask */
    Asset mask;    /* stretched over the picture: where the step works */
    double dpi;    /* pixels an inch, for physical lengths; 0: none is given */
} Common;

/* Settings of a profile. */
typedef struct ProfileSettings {
    int pages;  /* PAGES_FIRST, ... */
    double dpi; /* of each step that gives none; 0: none */
} ProfileSettings;

extern const Param profile_params[];

/* All rows of a step: those of its action, then those of Common that it has. They live as long as
 * the program. */
const Param *action_params(const Action *action);

/* Bytes of a step's settings, which action_params() fills. */
size_t action_size(const Action *action);

Common *action_common(const Action *action, void *settings);

/* Completes the settings, as they were read, with those of their profile. False with *err of kind
 * CONFIG where a length has a unit of which only a dpi says how many pixels it is, and there is
 * none. */
bool action_complete(const Action *action, void *settings, const ProfileSettings *profile,
                     Error **err);

/* The settings as the action sees them on a picture of this shape: every length has its pixels. A
 * newly allocated copy, whose texts are borrowed. */
void *action_finished(const Action *action, const void *settings, const Shape *shape);
