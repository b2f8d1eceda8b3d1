/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrange.h - steps in the order in which they cost least. */
#pragma once

#include "worker/step.h"

/* Of a profile's steps (of Step): puts a scale before the steps directly before it that may wait
 * for it (Action.waits_for_scale). Steps with formulas stay where they are: these may ask for the
 * size. */
void arrange_steps(GArray *steps);
