/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* branch - steps on the picture so far, which leave it as it was. A profile reads them, and does
 * them between runner_enter() and runner_leave(). */
#include "actions/action.h"

typedef struct Branch {
    char none; /* it has no settings of its own */
} Branch;

static const Param params[] = { { 0 } };

const Action action_branch = {
    .name = "branch",
    .group = "output",
    .summary = "do the steps in it, of which one saves; the steps after it continue with the "
               "picture as it was before",
    .aliases = "fork clone virtual-copy",
    .example = "branch { scale { width = 90 } save { name = \"{dir}/small/{stem}.jpg\" } }",
    .params = params,
    .size = sizeof(Branch),
    .flags = ACTION_BRANCHES,
};
