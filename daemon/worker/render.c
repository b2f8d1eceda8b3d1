/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/render.h"

#include "actions/runner.h"
#include "worker/plan.h"

/* What a step names could be read when the profile was checked, and cannot be any more. */
static bool check_steps(const Profile *profile, Error **err)
{
    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        if (!step->failure)
            continue;
        error_set(err, ERROR_CONFIG, step->failure->fix, "%s", step->failure->what);
        return error_set_where(err, "step %u (%s), %s:%d", i + 1, step->action->name, profile->file,
                               step->line);
    }
    return true;
}

static bool prepare(const Profile *profile, Image *image, Error **err)
{
    double bytes = 0;

    if (!check_steps(profile, err))
        return false;
    if (!pages_check(image, profile->settings.pages, err))
        return error_set_where(err, "%s:%d", profile->file, profile->line);
    if (!plan_profile(profile, image, &bytes, err))
        return false;
    image_set_step_memory(image, bytes);
    return image_check_end(image, err);
}

bool render_profile(const Profile *profile, Image *image, RenderStep report, void *user,
                    Error **err)
{
    g_autoptr(Runner) runner = runner_new(image);

    if (!prepare(profile, image, err))
        return false;
    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        bool again = i + 1 < profile->steps->len;

        if (!report(user, step, err) ||
            !runner_step(runner, step->action, step->settings, again, err))
            return error_set_where(err, "step %u (%s), %s:%d", i + 1, step->action->name,
                                   profile->file, step->line);
    }
    return true;
}
