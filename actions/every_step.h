/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* every_step.h - what every step has beside the settings of its action. One thread; any may call
 * action_params(). */
#pragma once

#include "actions/action.h"
#include "actions/computed.h"
#include "actions/pages.h"

/* Settings of every step, from one table. They lie behind those of the action, in one block. */
typedef struct Common {
    bool enabled;  /* no: the step is left out */
    double amount; /* 0 to 100 %: result over input; of actions with ACTION_BLENDS, as is mask */
    Asset mask;    /* stretched over the picture: where the step works */
    double dpi;    /* pixels an inch, for physical lengths; 0: none is given */
    bool dpi_of_profile; /* it is not the step's own */
    bool idle; /* of finished settings: they leave the picture as it is; see Action.idle */
    GPtrArray *formulas; /* of Computed: rows that are computed for each picture, `enabled` first;
                            NULL: none */
} Common;

/* Settings of a profile. */
typedef struct ProfileSettings {
    int pages;       /* PAGES_FIRST, ... */
    double dpi;      /* of each step that gives none; 0: none */
    RawSettings raw; /* a section of its own, of raw_params */
} ProfileSettings;

extern const Param profile_params[];

/* All rows of a step: those of its action, then those of Common that it has. They live as long as
 * the program. */
const Param *action_params(const Action *action);

/* Bytes of a step's settings, which action_params() fills. */
size_t action_size(const Action *action);

Common *common_settings(const Action *action, void *settings);

/* Frees what the settings own, not the settings themselves. */
void action_clear(const Action *action, void *settings);

/* Takes a formula for a row; unless the formula is a constant, the row keeps its default until a
 * picture is there. False with *err of kind CONFIG. */
bool action_add_formula(const Action *action, void *settings, const Param *row, const char *text,
                        Error **err);

/* Whether the step itself gives `dpi`. */
bool action_has_dpi(const Action *action, const void *settings);

/* Whether `enabled` is a formula. */
bool action_may_be_left_out(const Action *action, const void *settings);

/* Checks settings of an action; `user` is the caller's own. */
typedef bool ActionCheck(const Action *action, const void *settings, const void *user, Error **err);

/* Whether the check accepts the settings. Where formulas give some, it tries many of the values
 * that they may come to: false with *err only where it says the same of all of them, since then no
 * picture makes it right. */
bool action_check_samples(const Action *action, const void *settings, ActionCheck *check,
                          const void *user, Error **err);

/* Completes the settings, as they were read, with those of their profile, and checks them against
 * each other: what depends on formulas is checked with a picture. False with *err of kind CONFIG,
 * too where a length has a unit of which only a dpi says how many pixels it is, and there is none.
 */
bool action_complete(const Action *action, void *settings, const ProfileSettings *profile,
                     Error **err);

/* Whether formulas give some of its settings. */
bool action_is_computed(const Action *action, const void *settings);

/* False with *err where settings that are right do what a user may not expect: one does nothing
 * without others, or the whole step does nothing, or what the action itself says. */
bool action_advise(const Action *action, const void *settings, Error **err);

/* The settings as the action sees them on a picture of this shape: formulas are computed, and every
 * length has its pixels. A newly allocated copy, whose texts are borrowed. NULL with *err of kind
 * PICTURE where formulas make settings that are not right. Where `enabled` comes to no, the rest is
 * not computed. Without a picture (NULL), rows with a formula have their defaults. */
void *action_finished(const Action *action, const void *settings, Image *image, const Shape *shape,
                      Error **err);
