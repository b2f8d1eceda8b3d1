/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shrink.h - the shortest lists that break the same rule. */
#pragma once

#include "tests/sim/judge.h"

/* Repeats the lists of chance.h in a process of its own, which says nothing and lasts so many
 * seconds at most. Returns the rule that it broke, or RULES; one that dies or does not end broke
 * RULE_GOES_ON. */
Rule shrink_try(unsigned seconds);

/* Shrinks the lists of chance.h, of a history that breaks `rule`: cuts, zeroes and lowers picks, an
 * actor at a time, as long as a history (in a process of its own) breaks the same rule. Ends after
 * `seconds`. Returns how many histories it tried. */
long shrink(Rule rule, int seconds);
