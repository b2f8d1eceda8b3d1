/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a step wants of a picture's size shows where it is planned on others, too: one that scales
 * to 2048 pixels does so with all that are larger, and one that scales to a half, or only saves,
 * takes what it gets. */
#include "worker/raw.h"

#include <math.h>

#include "actions/runner.h"

enum { LARGE = 8 };

/* A picture of some sizes on its way: the preview, and two that are larger than any sensor's. */
enum { OURS, LARGER, LARGEST, SIZES };

typedef struct Sizes {
    Shape shapes[SIZES];
} Sizes;

typedef struct Walk {
    const Profile *profile;
    Image *image;
    double lacks; /* how many times larger the preview should be; 1: it is large enough */
} Walk;

/* How many times the step enlarges it. */
static double enlarged(const Shape *in, const Shape *out)
{
    return out->down ? MAX((double) out->across / in->width, (double) out->down / in->height) : 1;
}

/* The step makes the two larger ones of one size, which ours should have without being enlarged. */
static void note(Walk *walk, const Sizes *in, const Sizes *out)
{
    const Shape *ours = &out->shapes[OURS], *larger = &out->shapes[LARGER],
                *largest = &out->shapes[LARGEST];
    bool same =
        abs(larger->width - largest->width) <= 1 && abs(larger->height - largest->height) <= 1;

    if (!larger->down || !same)
        return;
    double smaller =
        MAX((double) larger->width / ours->width, (double) larger->height / ours->height);
    double lacks = MAX(smaller, enlarged(&in->shapes[OURS], ours));
    walk->lacks = MAX(walk->lacks, lacks);
}

/* False where the step can make nothing of such a picture: its plan says so. */
static bool plan_shape(const Walk *walk, const Step *step, Shape *shape, bool *skips)
{
    g_autoptr(Error) none = NULL;
    g_autofree void *finished =
        action_finished(step->action, step->settings, walk->image, shape, &none);

    *skips = finished && runner_skips(step->action, finished);
    return finished &&
           (*skips || step_branches(step) || runner_plan(step->action, finished, shape, &none));
}

static void walk_steps(Walk *walk, guint first, guint end, Sizes sizes)
{
    for (guint i = first; i < end; i = profile_step(walk->profile, i)->next) {
        const Step *step = profile_step(walk->profile, i);
        const Sizes before = sizes;
        bool skips = false;

        image_set_step(walk->image, i);
        for (int size = OURS; size < SIZES; size++)
            if (!plan_shape(walk, step, &sizes.shapes[size], &skips))
                return;
        if (!skips && step_branches(step))
            walk_steps(walk, i + 1, step->next, sizes);
        else if (!skips && !step_saves(step))
            note(walk, &before, &sizes);
        if (step_saves(step))
            sizes = before;
    }
}

static double lacks(const Profile *profile, Image *image)
{
    Walk walk = { profile, image, 1 };
    Sizes sizes;

    for (int size = OURS, times = 1; size < SIZES; size++, times = size * LARGE) {
        sizes.shapes[size] = image_shape(image);
        sizes.shapes[size].width *= times;
        sizes.shapes[size].height *= times;
        sizes.shapes[size].photo = image;
    }
    walk_steps(&walk, 0, profile->steps->len, sizes);
    return walk.lacks;
}

static bool refuse(const Profile *profile, const RawOffer *offer, double times, Error **err)
{
    int wanted = (int) ceil(offer->width * times - 1e-6);
    const char *camera = offer->camera ? offer->camera : "it does not name itself";

    error_set(
        err, ERROR_PICTURE,
        "make the picture smaller in the profile, or convert the RAW to DNG first",
        "the RAW's preview is %d wide, the profile wants %d, and %s does not know the camera, "
        "%s",
        offer->width, wanted, raw_sensor_library(), camera);
    return error_set_where(err, "%s:%d", profile->file, profile->line);
}

bool raw_settle(const Profile *profile, Image *image, Error **err)
{
    RawSettings developed = profile->settings.raw;
    RawOffer offer = { 0 };

    if (!image_raw_offer(image, &offer) || !offer.preview)
        return true;
    double times = lacks(profile, image);
    if (times <= 1)
        return true;
    if (!offer.known)
        return refuse(profile, &offer, times, err);
    developed.use = RAW_AUTO;
    return image_read_raw(image, &developed, err);
}
