/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/render.h"

/* Pixels flow from the decoder to the encoder once. A picture that is used after a save is put into
 * memory first; for the last save that is not needed. */
static bool step_apply(const Step *step, bool last, Image *image, Error **err)
{
    if (!step_saves(step))
        image_touch(image);
    else if (!last && !image_untouched_to_memory(image, err))
        return false;
    return step->action->apply(step->settings, image, err);
}

/* Bytes a pixel. Copies are kept from step to step; what a step itself uses is freed after it. */
static double memory_of(const Profile *profile, const Image *image)
{
    unsigned saved = 0;
    double most = 0;

    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        const Action *action = step->action;

        saved += step_saves(step);
        if (action->memory)
            most = MAX(most, action->memory(step->settings, image));
    }
    return most + (saved > 1 ? image_pixel_bytes(image) : 0);
}

bool render_profile(const Profile *profile, Image *image, RenderStep report, void *user,
                    Error **err)
{
    if (!pages_check(image, &profile->pages, err))
        return error_set_where(err, "%s:%d", profile->file, profile->line);
    image_set_step_memory(image, memory_of(profile, image));
    if (!image_check_end(image, err))
        return false;
    for (guint i = 0; i < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        bool last = i + 1 == profile->steps->len;

        if (!report(user, step, err) || !step_apply(step, last, image, err))
            return error_set_where(err, "step %u (%s), %s:%d", i + 1, step->action->name,
                                   profile->file, step->line);
    }
    return true;
}
