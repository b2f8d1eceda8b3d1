/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* runner.h - does steps on a picture, each by the kind of its action; what all of them need is done
 * here: lengths, alpha, rounding, `enabled`, `amount`. One thread. */
#pragma once

#include "actions/every_step.h"

typedef struct Runner Runner;

/* Works on `image` (borrowed), for which image_set_step_memory() was called. */
Runner *runner_new(Image *image);
void runner_free(Runner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Runner, runner_free)

/* Does a step, or remembers it until the next one: tones in a row are one. `again` says that the
 * picture is used once more after a step that saves. False with *err set. */
bool runner_step(Runner *runner, const Action *action, const void *settings, bool again,
                 Error **err);

/* Begins a branch: until runner_leave() steps work on the picture as it is, which then is so again.
 * `again` says that it is used once more after that; `shrink` how many times smaller it may then be
 * decoded for all that uses it, now or later, if it is still in its file. False with *err set. */
bool runner_enter(Runner *runner, bool again, double shrink, Error **err);
void runner_leave(Runner *runner);

/* Does what was remembered. */
bool runner_finish(Runner *runner, Error **err);

/* ---- with settings that action_finished() gave ---- */

/* Whether the step takes the picture's file as it is: see Action.copies. */
bool runner_copies(const Action *action, const void *finished);

/* Whether the step does nothing: it is not enabled, its amount is 0, or its settings are idle. */
bool runner_skips(const Action *action, const void *finished);

/* What the step makes of a shape, and what it holds; see Action.plan. */
bool runner_plan(const Action *action, const void *finished, Shape *shape, Error **err);
