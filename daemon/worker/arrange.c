/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/arrange.h"

static Step *step_at(GArray *steps, guint index)
{
    return &g_array_index(steps, Step, index);
}

static bool asks(const Step *step, bool (*question)(const void *settings))
{
    return question && !action_is_computed(step->action, step->settings) &&
           question(step->settings);
}

/* Neither is a branch: each is followed by the step behind it, wherever it stands. */
static void swap_steps(Step *first, Step *second)
{
    Step moved = *first;
    guint next = second->next;

    *first = *second;
    first->next = moved.next;
    *second = moved;
    second->next = next;
}

static void put_forward(GArray *steps, guint at)
{
    if (!asks(step_at(steps, at), step_at(steps, at)->action->only_scales))
        return;
    for (; at > 0 && asks(step_at(steps, at - 1), step_at(steps, at - 1)->action->waits_for_scale);
         at--)
        swap_steps(step_at(steps, at - 1), step_at(steps, at));
}

void arrange_steps(GArray *steps)
{
    for (guint i = 0; i < steps->len; i++)
        put_forward(steps, i);
}
