/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shrink.h - the shortest lists that break the same rule. */
#pragma once

#include "tests/sim/judge.h"

/* Shrinks the lists of chance.h, of a history that breaks `rule`: cuts, zeroes and lowers picks, an
 * actor at a time, as long as a history (in a process of its own) breaks the same rule. Ends after
 * `seconds`. Returns how many histories it tried. */
long shrink(Rule rule, int seconds);
