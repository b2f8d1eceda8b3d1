/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/plan.h"

#include "actions/runner.h"

/* What is in memory at one point of a profile. Rows flow through all steps at once, each of which
 * holds what it needs, until a step settles the picture: from there on only that copy is left. */
typedef struct Held {
    double kept;  /* pictures to which branches around this point return */
    double copy;  /* the picture, as it was settled last */
    double steps; /* of those after it */
    bool settled; /* no step has changed the copy */
    double rows;  /* of the widest shape whose rows a step looks around in */
    double most;  /* of all points so far */
} Held;

/* What the operations of one step hold for themselves: up to 4 MB in random profiles of photos of
 * 24 megapixels. */
static const double step_bytes = 4.0 * 1024 * 1024;

static void note_most(Held *held)
{
    held->most = MAX(held->most, held->kept + held->copy + held->steps);
}

/* While the new copy is made, all that it is made from is still there. */
static void settle(Held *held, const Shape *shape)
{
    double copy = shape_bytes(shape);

    if (held->settled)
        return;
    held->steps += copy;
    note_most(held);
    held->copy = copy;
    held->steps = 0;
    held->settled = true;
}

static bool add_step(Held *held, const Step *step, const void *finished, bool again, Shape *shape,
                     Error **err)
{
    const Shape in = *shape;

    if (!runner_plan(step->action, finished, shape, err))
        return false;
    if (shape->settles || (step_saves(step) && again))
        settle(held, &in);
    held->steps += shape->held + step_bytes;
    if (step->action->pixels) /* an enlarged picture without a window holds next to no rows */
        held->rows = MAX(held->rows, shape_rows(shape));
    note_most(held);
    if (step_saves(step))
        held->steps -= shape->held; /* the encoder has ended */
    else
        held->settled = false;
    return true;
}

/* A walk over the steps of a profile. */
typedef struct Plan {
    const Profile *profile;
    Image *image;
} Plan;

static bool add_steps(const Plan *plan, guint first, guint end, Held *held, Shape shape,
                      Error **err);

/* The picture that is used again is kept while the branch works; what the branch holds is free
 * after it. */
static bool add_branch(const Plan *plan, guint at, bool again, Held *held, Shape *shape,
                       Error **err)
{
    if (again) {
        settle(held, shape);
        shape->fresh = false;
    }
    Held inside = *held;
    if (again) {
        inside.kept += inside.copy;
        inside.copy = 0;
    }
    if (!add_steps(plan, at + 1, profile_step(plan->profile, at)->next, &inside, *shape, err))
        return false;
    held->rows = inside.rows;
    held->most = inside.most;
    return true;
}

static bool plan_step(const Plan *plan, guint at, bool again, Held *held, Shape *shape, Error **err)
{
    const Step *step = profile_step(plan->profile, at);
    g_autofree void *finished =
        action_finished(step->action, step->settings, plan->image, shape, err);

    if (finished && (runner_skips(step->action, finished) ||
                     (step_branches(step)
                          ? add_branch(plan, at, again, held, shape, err)
                          : add_step(held, step, finished, again, shape, err) &&
                                image_check_size(plan->image, shape->width, shape->height, err))))
        return true;
    return error_set_where(err, "step %u (%s), %s:%d", at + 1, step->action->name,
                           plan->profile->file, step->line);
}

static bool add_steps(const Plan *plan, guint first, guint end, Held *held, Shape shape,
                      Error **err)
{
    for (guint i = first; i < end; i = profile_step(plan->profile, i)->next)
        if (!plan_step(plan, i, profile_step(plan->profile, i)->next < end, held, &shape, err))
            return false;
    return true;
}

bool plan_profile(const Profile *profile, Image *image, double *bytes, Error **err)
{
    const Plan plan = { profile, image };
    const Shape shape = image_shape(image);
    const double rows = shape_rows(&shape);
    Held held = { .rows = rows };

    if (!add_steps(&plan, 0, profile->steps->len, &held, shape, err))
        return false;
    *bytes = held.most + held.rows - rows;
    return true;
}
