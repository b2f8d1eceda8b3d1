/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* random_steps.h - steps with random settings in range, as text: made from the rows of an action,
 * of any type of row, so that a new action is tested by existing. */
#pragma once

#include "actions/action.h"

/* How large lengths become: those of small pictures, or of photos. */
typedef struct StepSizes {
    double px;    /* the most */
    double share; /* the most of the range of their row: a blur is small where a size is large */
    double px_percent; /* what 1% comes to, about */
    double px_mm;      /* what 1mm comes to with the dpi of the profile */
    bool dpi;          /* a step may have another dpi */
} StepSizes;

/* A value of the row, newly allocated. Of a file it is `file`. */
char *random_value(GRand *random, const Param *row, const StepSizes *sizes, const char *file);

/* `name { row = "value" ... }` with most of its rows, newly allocated. `amount` and `enabled` are
 * left out. A row that is a file gets `file`. A branch gets a few steps, maybe a branch among them,
 * and a save at its end. */
char *random_step(GRand *random, const Action *action, const StepSizes *sizes, const char *file);

/* The same step, newly allocated, with formulas in place of values, of each `of` values of one, by
 * what they are: each comes to the value on every picture. */
char *step_with_formulas(const char *step, unsigned of);
