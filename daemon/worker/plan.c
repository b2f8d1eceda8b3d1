/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/plan.h"

#include "actions/flow.h"
#include "actions/runner.h"

/* What is in memory at one point of a profile. Rows flow through all steps at once, each of which
 * holds what it needs, until a step settles the picture: from there on only that copy is left. */
typedef struct Held {
    double kept;   /* pictures to which branches around this point return */
    double copy;   /* the picture, as it was settled last */
    double steps;  /* of those after it, beside rows */
    Flow flow;     /* their rows */
    bool settled;  /* no step has changed the copy */
    double most;   /* of all points so far */
    bool decoded;  /* the picture in its file is kept, smaller, for all that uses it */
    double frames; /* finished ones, which outputs keep until the last */
    double pixels; /* of the largest picture so far */
} Held;

/* What the operations of one step hold for themselves, and what is lost between their buffers:
 * random profiles with several copies in memory have 30 MB beside all that is counted. */
static const double step_bytes = 4.0 * 1024 * 1024;

static double pixels_of(const Shape *shape)
{
    return (double) shape->width * shape->height;
}

static void note_most(Held *held, const Shape *shape)
{
    held->most = MAX(held->most, held->kept + held->frames + held->copy + held->steps +
                                     flow_bytes(&held->flow, shape));
}

/* While the new copy is made, all that it is made from is still there. */
static void settle(Held *held, const Shape *shape)
{
    double copy = shape_bytes(shape) + shape->planes;

    if (held->settled)
        return;
    held->steps += copy;
    note_most(held, shape);
    held->copy = copy;
    held->steps = 0;
    held->flow = (Flow){ 0 };
    held->settled = true;
}

/* A walk over the steps of a profile. */
typedef struct Plan {
    const Profile *profile;
    Image *image;
} Plan;

/* A step is the first to use the pixels of `in`, and lets them be decoded `shrink` times smaller:
 * changes `in` to what it gets, as it is stored, and `out` to what it makes of that. */
static void begin(const Plan *plan, Held *held, double shrink, Shape *in, Shape *out)
{
    const Shape stored = image_stored_shape(plan->image, 1);
    const Shape decoded = image_stored_shape(plan->image, shrink);

    if (held->decoded)
        held->flow = (Flow){ 0 };
    else
        flow_begin(&held->flow, &decoded);
    if (!out->down)
        return;
    if (stored.width != in->width) { /* it is turned when it is smaller */
        int across = out->across;
        out->across = out->down;
        out->down = across;
    }
    *in = decoded;
}

static bool add_step(const Plan *plan, Held *held, const Step *step, const void *finished,
                     bool again, Shape *shape, Error **err)
{
    Shape in = *shape;

    if (!runner_plan(step->action, finished, shape, err))
        return false;
    Shape out = *shape;
    if (in.fresh && !out.fresh)
        begin(plan, held, out.shrink, &in, &out);
    if (out.settles || (step_saves(step) && again && !runner_copies(step->action, finished)))
        settle(held, &in);
    flow_step(&held->flow, step->action, &in, &out);
    held->steps += out.held + step_bytes;
    held->frames += out.kept;
    held->pixels = MAX(held->pixels, pixels_of(shape));
    note_most(held, shape);
    if (step_saves(step))
        held->steps -= out.held; /* the encoder has ended */
    else
        held->settled = false;
    return true;
}

/* On each path the first step that uses pixels decides. G_MAXDOUBLE: none does. */
static double least_shrink(const Profile *profile, Image *image, guint first, guint end,
                           Shape shape)
{
    double least = G_MAXDOUBLE;

    for (guint i = first; i < end; i = profile_step(profile, i)->next) {
        const Step *step = profile_step(profile, i);
        g_autoptr(Error) ignored = NULL;
        image_set_step(image, i);
        g_autofree void *finished =
            action_finished(step->action, step->settings, image, &shape, &ignored);
        if (!finished)
            return 1;
        if (runner_skips(step->action, finished))
            continue;
        if (step_branches(step))
            least = MIN(least, least_shrink(profile, image, i + 1, step->next, shape));
        else if (!runner_plan(step->action, finished, &shape, &ignored))
            return 1;
        else if (shape.shrink > 0)
            return MIN(least, shape.shrink);
    }
    return least;
}

double plan_shrink(const Profile *profile, Image *image, guint first, guint end, const Shape *shape)
{
    double least = shape->fresh ? least_shrink(profile, image, first, end, *shape) : 1;

    return least < 1 || least == G_MAXDOUBLE ? 1 : least;
}

static bool add_steps(const Plan *plan, guint first, guint end, Held *held, Shape shape,
                      Error **err);

/* As image_decode() does. */
static bool keep(const Plan *plan, Held *held, double shrink, Shape *shape, Error **err)
{
    Shape decoded = *shape;

    if (shrink <= 1) {
        if (shape->fresh)
            begin(plan, held, 1, &decoded, &decoded);
        settle(held, shape);
        shape->fresh = false;
    }
    if (shrink <= 1 || held->decoded)
        return true;
    if (!image_decoded_shape(plan->image, shrink, &decoded, err))
        return false;
    held->kept += shape_bytes(&decoded);
    flow_begin(&held->flow, &decoded);
    note_most(held, &decoded);
    held->flow = (Flow){ 0 };
    held->decoded = true;
    return true;
}

/* The picture that is used again, up to `end`, is kept while the branch works; what the branch
 * holds is free after it. */
static bool add_branch(const Plan *plan, guint at, guint end, Held *held, Shape *shape, Error **err)
{
    const Step *branch = profile_step(plan->profile, at);
    double shrink = plan_shrink(plan->profile, plan->image, at, end, shape);

    if (branch->next < end && !keep(plan, held, shrink, shape, err))
        return false;

    Held inside = *held;
    if (branch->next < end) {
        inside.kept += inside.copy;
        inside.copy = 0;
    }
    if (!add_steps(plan, at + 1, branch->next, &inside, *shape, err))
        return false;
    held->most = inside.most;
    held->frames = inside.frames;
    held->pixels = inside.pixels;
    return true;
}

static bool plan_step(const Plan *plan, guint at, guint end, Held *held, Shape *shape, Error **err)
{
    const Step *step = profile_step(plan->profile, at);

    image_set_step(plan->image, at);
    g_autofree void *finished =
        action_finished(step->action, step->settings, plan->image, shape, err);

    if (finished && (runner_skips(step->action, finished) ||
                     (step_branches(step)
                          ? add_branch(plan, at, end, held, shape, err)
                          : add_step(plan, held, step, finished, step->next < end, shape, err) &&
                                image_check_size(plan->image, shape->width, shape->height, err))))
        return true;
    return error_set_where(err, "step %u (%s), %s:%d", at + 1, step->action->name,
                           plan->profile->file, step->line);
}

static bool add_steps(const Plan *plan, guint first, guint end, Held *held, Shape shape,
                      Error **err)
{
    for (guint i = first; i < end; i = profile_step(plan->profile, i)->next)
        if (!plan_step(plan, i, end, held, &shape, err))
            return false;
    return true;
}

/* image_memory() counts the rows of the whole picture, which may be decoded smaller. */
bool plan_profile(const Profile *profile, Image *image, Planned *planned, Error **err)
{
    const Plan plan = { profile, image };
    const Shape stored = image_stored_shape(image, 1);
    Shape shape = image_shape(image);
    Held held = { .pixels = pixels_of(&shape) };

    shape.photo = image;
    if (!add_steps(&plan, 0, profile->steps->len, &held, shape, err))
        return false;
    *planned = (Planned){ .bytes = held.most - shape_rows(&stored),
                          .kept = held.frames,
                          .pixels = held.pixels };
    return true;
}

/* ---- several pictures ---- */

/* What is known of all so far. */
typedef struct Sum {
    double most;   /* bytes, of the one that uses most, without what is kept of it */
    double kept;   /* bytes, of all */
    double pixels; /* of all */
} Sum;

static bool add_picture(const Profile *profile, Pages *pages, int number, Sum *sum, Error **err)
{
    g_autoptr(Image) image = pages_picture(pages, number, false, err);
    Planned planned = { 0 };

    if (!image)
        return false;
    if (!plan_profile(profile, image, &planned, err))
        return pages_blame(pages, number, err);
    sum->most = MAX(sum->most, image_memory(image, planned.bytes - planned.kept));
    sum->kept += planned.kept;
    sum->pixels += planned.pixels;
    return pages_check_size(pages, number + 1, sum->pixels, err);
}

bool plan_pages(const Profile *profile, Pages *pages, double *bytes, Error **err)
{
    Sum sum = { 0 };

    for (int number = 0; number < pages_count(pages); number++)
        if (!add_picture(profile, pages, number, &sum, err))
            return false;
    *bytes = sum.most + sum.kept + pages_memory(pages);
    return true;
}
