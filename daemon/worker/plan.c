/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/plan.h"

#include "actions/flow.h"
#include "actions/planar_shape.h"
#include "actions/runner.h"

/* What is in memory at one point of a profile. Rows flow through all steps at once, each of which
 * holds what it needs, until a step settles the picture: from there on only that copy is left. */
typedef struct Held {
    double kept;    /* pictures to which branches around this point return */
    double planes;  /* of the JPEG, which the picture's file keeps once they were */
    double copy;    /* the picture, as it was settled last */
    double steps;   /* of those after it, beside rows */
    Flow flow;      /* their rows */
    bool settled;   /* no step has changed the copy */
    bool touched;   /* a step has changed the picture, which is upright to what comes then */
    double most;    /* of all points so far */
    bool decoded;   /* the picture in its file is kept, smaller, for all that uses it */
    double decoder; /* what it holds, besides rows */
    double frames;  /* finished ones, which outputs keep until the last */
    double pixels;  /* of the largest picture so far */
} Held;

/* What the operations of one step hold for themselves, and what is lost between their buffers:
 * random profiles with several copies in memory have 30 MB beside all that is counted. */
static const double step_bytes = 4.0 * 1024 * 1024;

enum { FIRST_SIDEWAYS = 5 }; /* of the orientations of EXIF */

static double pixels_of(const Shape *shape)
{
    return (double) shape->width * shape->height;
}

static void note_most(Held *held, const Shape *shape)
{
    double rows = shape->by_planes ? 0 : flow_bytes(&held->flow, shape);

    held->most = MAX(held->most, held->decoder + held->kept + held->frames + held->planes +
                                     held->copy + held->steps + rows);
}

/* While the new copy is made, all that it is made from is still there. */
static void settle(Held *held, const Shape *shape, double copy)
{
    held->steps += copy + step_bytes;
    note_most(held, shape);
    held->copy = copy;
    held->steps = 0;
    flow_end(&held->flow);
    held->settled = true;
}

/* A walk over the steps of a profile. */
typedef struct Plan {
    const Profile *profile;
    Image *image;
    const PlanListener *listener; /* NULL: of no step is listener */
    PlanStep *now;                /* what is known of the step that is planned */
} Plan;

static void tell(const Plan *plan)
{
    if (plan->listener)
        plan->listener->tell(plan->listener->user, plan->now);
}

/* The step has the file decoded to this size, as it is stored. */
static void note_decoded(const Plan *plan, int width, int height)
{
    plan->now->decoded_width = width;
    plan->now->decoded_height = height;
}

static void note_planes(const Plan *plan, const Shape *shape)
{
    const Shape stored = image_stored_shape(plan->image, 1);
    int eighths = planar_eighths(shape->planes.smaller);

    if (!shape->planes.in_memory)
        note_decoded(plan, (stored.width * eighths + 7) / 8, (stored.height * eighths + 7) / 8);
}

static void note_decoder(const Plan *plan, Held *held, double shrink)
{
    held->decoder = MAX(held->decoder, image_decoder_memory(plan->image, shrink));
}

/* A step is the first to use the pixels of `in`, and lets them be decoded `shrink` times smaller
 * unless a part was cut out: changes `in` to what it gets, as it is stored, and `out` to what it
 * makes of that. */
static void begin(const Plan *plan, Held *held, Shape *in, Shape *out)
{
    const Shape stored = image_stored_shape(plan->image, 1);
    bool sideways = in->orientation >= FIRST_SIDEWAYS;
    bool whole = (sideways ? in->height : in->width) == stored.width &&
                 (sideways ? in->width : in->height) == stored.height;
    double shrink = whole ? out->shrink : 1;
    const Shape decoded = image_stored_shape(plan->image, shrink);

    if (held->decoded)
        flow_end(&held->flow);
    else
        flow_begin(&held->flow, &decoded, in->above);
    if (!held->decoded)
        note_decoded(plan, decoded.width, decoded.height);
    note_decoder(plan, held, shrink);
    if (!out->down)
        return;
    if (sideways) { /* it is turned when it is smaller */
        shape_lay(in);
        shape_lay(out);
    }
    if (whole) {
        in->width = decoded.width;
        in->height = decoded.height;
    }
}

/* The step gets the pixels of `in`: see begin(). */
static void take_pixels(const Plan *plan, Held *held, Shape *in, Shape *out)
{
    if (planar_shape_is(in) && !in->planes.flows) {
        note_decoder(plan, held, 1);
        note_planes(plan, in);
        held->steps += planar_shape_bytes(in, PLANAR_COLOUR_BYTES);
        flow_end(&held->flow);
    } else if (in->fresh) {
        begin(plan, held, in, out);
    }
}

/* What comes in is kept as pixels, with the planes that are in memory then. */
static void keep_pixels(const Plan *plan, Held *held, Shape *shape)
{
    Shape out = { .shrink = 1 };
    bool planes = planar_shape_is(shape) && !shape->planes.flows;
    double base = planes ? planar_shape_base(shape) : 0;

    if (held->settled && !planes)
        return;
    plan->now->kept = true;
    take_pixels(plan, held, shape, &out);
    settle(held, shape, shape_bytes(shape));
    held->planes = MAX(held->planes, base); /* which were counted where it was made of them */
    if (!planes)
        shape->planes = (ShapePlanes){ 0 };
    shape->planes.made = 0;
    shape->planes.in_memory = planes;
    shape->planes.flows = planes; /* not from planes, at any rate */
    shape->fresh = false;
}

/* What comes in is kept as it is, to be used again. */
static void keep_untouched(const Plan *plan, Held *held, Shape *shape)
{
    if (!planar_shape_is(shape)) {
        keep_pixels(plan, held, shape);
        return;
    }
    note_decoder(plan, held, 1);
    plan->now->kept = true;
    note_planes(plan, shape);
    if (!shape->planes.in_memory) {
        settle(held, shape, planar_shape_base(shape));
        held->planes = MAX(held->planes, held->copy);
        held->copy = 0;
    }
    held->settled = true;
    shape->planes.in_memory = true;
    shape->planes.flows = false;
    shape->fresh = false;
}

/* All rows of a picture that is turned as it is seen are in memory, or planes are. */
static void make_upright(const Plan *plan, Held *held, Shape *shape)
{
    if (shape->orientation <= 1)
        return;
    if (planar_shape_turns(shape)) {
        shape->planes.turned = true;
        shape->planes.flows = false;
    } else {
        keep_pixels(plan, held, shape);
        held->settled = false; /* the copy is of what lies, and is turned as it is read */
        shape->planes = (ShapePlanes){ 0 };
    }
    shape->orientation = 1;
}

/* How a step that changes the picture gets it. */
static void feed(const Plan *plan, Held *held, Shape *in, Shape *out)
{
    bool later = out->by_planes || out->down; /* it turns what it has made */

    if (out->shrink <= 0)
        return;
    if (!later && !out->as_stored)
        make_upright(plan, held, in);
    if (out->settles)
        keep_pixels(plan, held, in);
    else if (!out->by_planes)
        take_pixels(plan, held, in, out);
}

static void finish_turn(Held *held, const Shape *in, Shape *shape)
{
    bool by_planes = shape->by_planes && planar_shape_turns(shape);

    if (in->orientation <= 1 || shape->shrink <= 0 || shape->as_stored)
        return;
    if (by_planes) {
        shape->planes.turned = true;
    } else if (shape->down) {
        held->steps += shape->by_planes ? planar_shape_bytes(shape, PLANAR_COLOUR_BYTES) : 0;
        settle(held, shape, shape_bytes(shape));
        shape->planes = (ShapePlanes){ 0 };
    }
    shape->orientation = 1;
}

/* What the step holds, and what is left of it. */
static void hold(Held *held, const Action *action, const Shape *in, const Shape *out)
{
    held->steps += out->held + out->making + step_bytes;
    note_most(held, out);
    held->steps -= out->making;
    if (!out->let_go)
        return;
    held->copy = 0;
    held->steps = out->held + step_bytes;
    flow_end(&held->flow);
    flow_step(&held->flow, action, in, out);
}

static bool add_change(const Plan *plan, Held *held, const Step *step, const void *finished,
                       Shape *shape, Error **err)
{
    Shape in = *shape;

    if (!runner_plan(step->action, finished, shape, err))
        return false;
    Shape out = *shape;
    plan->now->planes = out.by_planes;
    held->touched = true;
    feed(plan, held, &in, &out);
    if (!out.by_planes)
        flow_step(&held->flow, step->action, &in, &out);
    hold(held, step->action, &in, &out);
    held->settled = false;
    if (!(step->action->flags & ACTION_LEAVES))
        shape->planes.made = 0; /* it is another picture */
    finish_turn(held, &in, shape);
    shape->fresh |= in.fresh && out.by_planes;
    if (out.settles && shape->planes.bytes > 0)
        shape->planes = in.planes;
    return true;
}

static bool add_save(const Plan *plan, Held *held, const Step *step, const void *finished,
                     bool again, Shape *shape, Error **err)
{
    if (held->touched)
        make_upright(plan, held, shape);
    if (again)
        keep_untouched(plan, held, shape);
    Shape in = *shape, out = *shape;
    if (!runner_plan(step->action, finished, &out, err))
        return false;

    Held saving = *held;
    plan->now->planes = out.by_planes;
    if (out.by_planes) {
        note_decoder(plan, &saving, 1);
        note_planes(plan, &in);
    } else {
        take_pixels(plan, &saving, &in, &out);
        if (in.orientation > 1 && !out.as_stored) /* all rows are turned in memory */
            settle(&saving, &in, shape_bytes(&in));
        flow_step(&saving.flow, step->action, &in, &out);
        planar_shape_make(&out, PLANAR_COLOUR_BYTES);
    }
    shape->planes.made = out.planes.made;
    saving.steps += out.held + step_bytes;
    saving.frames += out.kept;
    note_most(&saving, &out);
    held->most = saving.most;
    held->frames = saving.frames;
    held->decoder = saving.decoder;
    return true;
}

static bool add_step(const Plan *plan, Held *held, const Step *step, const void *finished,
                     bool again, Shape *shape, Error **err)
{
    plan->now->copies = runner_copies(step->action, finished);
    bool done = !step_saves(step)   ? add_change(plan, held, step, finished, shape, err)
                : plan->now->copies ? true
                                    : add_save(plan, held, step, finished, again, shape, err);

    held->pixels = MAX(held->pixels, pixels_of(shape));
    plan->now->out = *shape;
    if (done)
        tell(plan);
    return done;
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
        if (held->touched)
            make_upright(plan, held, shape);
        keep_untouched(plan, held, shape);
        return true;
    }
    if (held->decoded)
        return true;
    note_decoder(plan, held, shrink);
    if (shape->planes.bytes > 0) {
        plan->now->kept = true;
        decoded.planes.smaller = shrink;
        note_planes(plan, &decoded);
        held->kept += planar_shape_base(&decoded);
        shape->planes.in_memory = true;
        return true;
    }
    if (!image_decoded_shape(plan->image, shrink, &decoded, err))
        return false;
    plan->now->kept = true;
    note_decoded(plan, decoded.width, decoded.height);
    held->kept += shape_bytes(&decoded);
    flow_begin(&held->flow, &decoded, 0);
    note_most(held, &decoded);
    flow_end(&held->flow);
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
    plan->now->out = *shape;
    tell(plan);
    plan->now->depth++;
    if (!add_steps(plan, at + 1, branch->next, &inside, *shape, err))
        return false;
    plan->now->depth--;
    held->most = inside.most;
    held->frames = inside.frames;
    held->pixels = inside.pixels;
    held->decoder = inside.decoder;
    planar_shape_make(shape, PLANAR_COLOUR_BYTES); /* at most: the branch may have asked for them */
    return true;
}

static bool leave_out(const Plan *plan)
{
    plan->now->left_out = true;
    tell(plan);
    return true;
}

static bool add_either(const Plan *plan, guint at, guint end, const void *finished, Held *held,
                       Shape *shape, Error **err)
{
    const Step *step = profile_step(plan->profile, at);

    *plan->now = (PlanStep){ .step = step, .depth = plan->now->depth, .in = *shape, .out = *shape };
    if (runner_skips(step->action, finished))
        return leave_out(plan);
    if (step_branches(step))
        return add_branch(plan, at, end, held, shape, err);
    return add_step(plan, held, step, finished, step->next < end, shape, err) &&
           image_check_size(plan->image, shape->width, shape->height, err);
}

static bool plan_step(const Plan *plan, guint at, guint end, Held *held, Shape *shape, Error **err)
{
    const Step *step = profile_step(plan->profile, at);

    image_set_step(plan->image, at);
    g_autofree void *finished =
        action_finished(step->action, step->settings, plan->image, shape, err);

    if (finished && add_either(plan, at, end, finished, held, shape, err))
        return true;
    return error_set_where(err, "step %u (%s), %s:%d", step->number, step->action->name,
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

bool plan_profile(const Profile *profile, Image *image, const PlanListener *listener,
                  Planned *planned, Error **err)
{
    PlanStep now = { 0 };
    const Plan plan = { profile, image, listener, &now };
    Shape shape = image_shape(image);
    Held held = { .pixels = pixels_of(&shape),
                  .touched = image_is_touched(image),
                  .flow.in_order = image_is_in_order(image) };

    shape.photo = image;
    if (!add_steps(&plan, 0, profile->steps->len, &held, shape, err))
        return false;
    *planned = (Planned){ .bytes = held.most, .kept = held.frames, .pixels = held.pixels };
    return true;
}

/* ---- several pictures ---- */

/* What is known of all so far. */
typedef struct Sum {
    double most;   /* bytes, of the one that uses most, without what is kept of it */
    double kept;   /* bytes, of all */
    double pixels; /* of all */
} Sum;

static bool add_picture(const Profile *profile, Pages *pages, int number,
                        const PlanListener *listener, Sum *sum, Error **err)
{
    g_autoptr(Image) image = pages_picture(pages, number, false, err);
    Planned planned = { 0 };

    if (!image)
        return false;
    if (!plan_profile(profile, image, number ? NULL : listener, &planned, err))
        return pages_blame(pages, number, err);
    sum->most = MAX(sum->most, image_memory(planned.bytes - planned.kept));
    sum->kept += planned.kept;
    sum->pixels += planned.pixels;
    return pages_check_size(pages, number + 1, sum->pixels, err);
}

bool plan_pages(const Profile *profile, Pages *pages, const PlanListener *listener, double *bytes,
                Error **err)
{
    Sum sum = { 0 };

    for (int number = 0; number < pages_count(pages); number++)
        if (!add_picture(profile, pages, number, listener, &sum, err))
            return false;
    *bytes = sum.most + sum.kept + pages_memory(pages);
    return true;
}
