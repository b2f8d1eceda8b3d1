/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* computed.h - the value of a setting that formulas compute for each picture: "{width / 2}",
 * "{2 + 3}%", "{10}mm 5%".
 *
 * Where the value is a number, one formula takes the place of its digits, and the unit follows the
 * brace; a place has two such lengths, an area four. Of all else the formula is the whole value: it
 * gives yes or no, or a text that is read as one in a profile is. One thread. */
#pragma once

#include "actions/formula.h"
#include "config/param.h"

typedef struct Computed Computed;

/* Compiles `text`, in which param_has_formula() finds one; `param` is borrowed. NULL with *err of
 * kind CONFIG where a formula is wrong, is of the wrong type, or has a unit that the row does not.
 */
Computed *computed_new(const Param *param, const char *text, Error **err);
void computed_free(Computed *computed);

const Param *computed_param(const Computed *computed);

/* Whether it is the same for every picture: computed_set() needs no source. */
bool computed_is_constant(const Computed *computed);

/* Whether only a dpi says how many pixels it is. */
bool computed_is_physical(const Computed *computed);

/* Values that stand for all that the formulas may give, as texts that param_try() takes: each word,
 * the smallest and the largest number, black and white. Newly allocated. */
GStrv computed_samples(const Computed *computed);

/* Sets the row in `settings` to what it is on a picture; whole numbers are rounded. False with *err
 * of kind PICTURE where a formula cannot be computed, or its result is not one that the row may
 * have. */
bool computed_set(const Computed *computed, const FactSource *source, void *settings, Error **err);
