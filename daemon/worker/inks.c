/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a profile does with the inks of CMYK is known before a picture is: the steps are planned on
 * a photo. Where a formula decides whether a step is done, its picture says so. */
#include "actions/pixels.h"
#include "actions/runner.h"
#include "config/conf_errors.h"
#include "worker/profile.h"

const Shape profile_photo = { .width = 6000,
                              .height = 4000,
                              .colours = 3,
                              .format = VIPS_FORMAT_UCHAR,
                              .own = FORMAT_JPEG,
                              .fresh = true };

/* A path through the steps. */
typedef struct Path {
    const Profile *profile;
    Shape shape;
    bool surely; /* its inks do not hang on a formula */
    GPtrArray *errors;
} Path;

static void refuse(const Path *path, Step *step, Error **error)
{
    conf_add_error(path->errors, path->profile->file, step->line, (*error)->fix, "%s",
                   (*error)->what);
    step->failure = g_steal_pointer(error);
}

/* The settings of the step where they are known; NULL: it failed, or is left out. */
static void *settings_of(const Path *path, const Step *step)
{
    g_autoptr(Error) none = NULL;
    g_autofree void *finished =
        step->failure ? NULL
                      : action_finished(step->action, step->settings, NULL, &path->shape, &none);

    return finished && !runner_skips(step->action, finished) ? g_steal_pointer(&finished) : NULL;
}

/* False where the path ends: the step can make nothing of the shape, or is refused. */
static bool follow(Path *path, Step *step, const void *finished)
{
    g_autoptr(Error) error = NULL;
    const Shape before = path->shape;

    if (!runner_plan(step->action, finished, &path->shape, &error)) {
        if (before.colours == PIXELS_INKS && path->surely && !step->optional)
            refuse(path, step, &error);
        return false;
    }
    if (before.colours != PIXELS_INKS)
        path->surely = !step->optional;
    return true;
}

static void follow_all(Path path, guint first, guint end)
{
    bool open = true;

    for (guint i = first; open && i < end; i = profile_step(path.profile, i)->next) {
        Step *step = &g_array_index(path.profile->steps, Step, i);
        g_autofree void *finished = settings_of(&path, step);
        Path saving = path;
        if (!finished)
            continue;
        if (step_branches(step))
            follow_all(path, i + 1, step->next);
        else if (step_saves(step))
            follow(&saving, step, finished);
        else
            open = follow(&path, step, finished);
    }
}

void profiles_check_inks(GPtrArray *profiles, GPtrArray *errors)
{
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        follow_all((Path){ profile, profile_photo, false, errors }, 0, profile->steps->len);
    }
}
