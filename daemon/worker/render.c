/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/render.h"

#include "actions/pages.h"
#include "actions/runner.h"

/* What a step names could be read when the profile was checked, and cannot be any more. */
static bool check_steps(const Profile *profile, Error **err)
{
    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        if (!step->failure)
            continue;
        error_set(err, ERROR_CONFIG, step->failure->fix, "%s", step->failure->what);
        return error_set_where(err, "step %u (%s), %s:%d", step->number, step->action->name,
                               profile->file, step->line);
    }
    return true;
}

/* Errors that are of no step. */
static bool of_profile(const Profile *profile, Error **err)
{
    return error_set_where(err, "%s:%d", profile->file, profile->line);
}

static void tell_memory(const RenderListener *listener, double bytes)
{
    if (listener->memory)
        listener->memory(listener->user, bytes);
}

/* A picture on its way. */
typedef struct Work {
    const Profile *profile;
    Image *image;
    Runner *runner;
    const RenderListener *listener;
} Work;

static bool do_steps(const Work *work, guint first, guint end, Error **err);

/* One that is left out is not begun: it needs nothing. */
static bool do_branch(const Work *work, guint at, guint end, Error **err)
{
    const Step *branch = profile_step(work->profile, at);
    const Shape shape = image_shape(work->image);
    g_autofree void *finished =
        action_finished(branch->action, branch->settings, work->image, &shape, err);

    if (!finished)
        return false;
    if (runner_skips(branch->action, finished))
        return true;
    double shrink = plan_shrink(work->profile, work->image, at, end, &shape);
    if (!runner_enter(work->runner, branch->next < end, shrink, err) ||
        !do_steps(work, at + 1, branch->next, err))
        return false;
    runner_leave(work->runner);
    return true;
}

/* Computes what the step has made. A picture that is still in its file stays there: what is decoded
 * of it depends on the next step. */
static bool finish_step(const Work *work, const Step *step, Error **err)
{
    if (step_saves(step))
        return true;
    return runner_finish(work->runner, err) &&
           (image_shape(work->image).fresh || image_to_memory(work->image, err));
}

static bool do_measured(const Work *work, const Step *step, bool again, Error **err)
{
    const RenderListener *listener = work->listener;
    int64_t began = g_get_monotonic_time();

    if (!runner_step(work->runner, step->action, step->settings, again, err))
        return false;
    if (!listener->did)
        return true;
    if (!finish_step(work, step, err))
        return false;
    const Shape shape = image_shape(work->image);
    listener->did(listener->user, step, g_get_monotonic_time() - began,
                  shape.fresh ? 0 : shape_bytes(&shape));
    return true;
}

static bool do_step(const Work *work, guint at, guint end, Error **err)
{
    const Step *step = profile_step(work->profile, at);

    image_set_step(work->image, at);
    if (work->listener->step(work->listener->user, step, err) &&
        (step_branches(step) ? do_branch(work, at, end, err)
                             : do_measured(work, step, step->next < end, err)))
        return true;
    return error_set_where(err, "step %u (%s), %s:%d", step->number, step->action->name,
                           work->profile->file, step->line);
}

static bool do_steps(const Work *work, guint first, guint end, Error **err)
{
    for (guint i = first; i < end; i = profile_step(work->profile, i)->next)
        if (!do_step(work, i, end, err))
            return false;
    return true;
}

static bool walk(const Profile *profile, Image *image, const RenderListener *listener, Error **err)
{
    g_autoptr(Runner) runner = runner_new(image);
    const Work work = { profile, image, runner, listener };

    return do_steps(&work, 0, profile->steps->len, err);
}

/* Beside what steps hold that flow into each other: where each is done by itself, the picture
 * before it and the one after it. */
static double apart_bytes(const RenderListener *listener, double pixels)
{
    enum { BYTES = 8 }; /* of RGB and alpha of 16 bits */

    return listener->did ? 2 * BYTES * pixels : 0;
}

/* ---- several pictures ---- */

/* Memory is requested once for all of them, before a pixel is decoded. */
static bool prepare_pages(const Profile *profile, Pages *pages, const Outputs *outputs,
                          const RenderListener *listener, Error **err)
{
    double bytes = 0;

    if (!plan_pages(profile, pages, listener->plan, &bytes, err))
        return of_profile(profile, err);
    tell_memory(listener, bytes);
    if (listener->did) /* the one before a step, and the one after it */
        bytes *= 2;
    return !outputs || !outputs->memory || outputs->memory(outputs->user, (int64_t) bytes, err);
}

static bool render_picture(const Profile *profile, Pages *pages, int number,
                           const RenderListener *listener, Error **err)
{
    g_autoptr(Image) image = pages_picture(pages, number, true, err);

    if (!image)
        return of_profile(profile, err);
    return walk(profile, image, listener, err) || pages_blame(pages, number, err);
}

static bool render_pages(const Profile *profile, Pages *pages, const Outputs *outputs,
                         const RenderListener *listener, Error **err)
{
    if (!prepare_pages(profile, pages, outputs, listener, err))
        return false;
    for (int number = 0; number < pages_count(pages); number++)
        if (!render_picture(profile, pages, number, listener, err))
            return false;
    return pages_end(pages, err) || of_profile(profile, err);
}

/* ---- one ---- */

/* Whether it saves, and each save copies the whole file. */
static bool only_copies(const Profile *profile)
{
    bool saves = false;

    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = profile_step(profile, i);
        if (step_saves(step) && !runner_copies(step->action, step->settings))
            return false;
        saves |= step_saves(step);
    }
    return saves;
}

static bool prepare(const Profile *profile, Image *image, const RenderListener *listener,
                    Error **err)
{
    Planned planned = { 0 };

    if (!pages_check(image, profile->settings.pages, only_copies(profile), err))
        return of_profile(profile, err);
    if (!plan_profile(profile, image, listener->plan, &planned, err))
        return false;
    tell_memory(listener, image_memory(planned.bytes));
    image_set_step_memory(image, planned.bytes + apart_bytes(listener, planned.pixels));
    return image_check_end(image, err);
}

bool render_profile(const Profile *profile, Image *image, const RenderListener *listener,
                    Error **err)
{
    g_autoptr(Pages) pages = NULL;

    if (!check_steps(profile, err))
        return false;
    if (profile->settings.pages == PAGES_ALL && !pages_open(image, &pages, err))
        return of_profile(profile, err);
    if (pages)
        return render_pages(profile, pages, image_outputs(image), listener, err);
    return prepare(profile, image, listener, err) && walk(profile, image, listener, err);
}
