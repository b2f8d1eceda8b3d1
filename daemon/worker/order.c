/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/order.h"

#include <string.h>

#include "actions/runner.h"

/* Photos as they come: lying, upright, square, and panoramas. What is true of these is said of all.
 */
enum { SHAPES = 5, EFFECTS = 8 };

static const int sizes[SHAPES][2] = {
    { 6000, 4000 }, { 4000, 6000 }, { 5000, 5000 }, { 12000, 2000 }, { 2000, 12000 }
};

/* What the steps before have done; a branch has its own. */
typedef struct Chain {
    Shape shapes[SHAPES];
    const char *smaller; /* the step that made all of them smaller; NULL: none */
    const char *changes; /* the first step that changes pixels; NULL: none does */
    bool upright;
    const char *effects[EFFECTS]; /* since the last save or smaller size: see is_effect() */
    unsigned count;
} Chain;

static double pixels(const Shape *shape)
{
    return (double) shape->width * shape->height;
}

/* The shapes that the step makes. False where it can make nothing of one of them. */
static bool plan(const Step *step, const Chain *before, Chain *after)
{
    for (int i = 0; i < SHAPES; i++) {
        g_autoptr(Error) none = NULL;
        Shape *shape = &after->shapes[i];
        g_autofree void *finished =
            action_finished(step->action, step->settings, NULL, &before->shapes[i], &none);
        if (!finished || !runner_plan(step->action, finished, shape, &none))
            return false;
    }
    return true;
}

static bool all_keep_their_size(const Chain *a, const Chain *b)
{
    for (int i = 0; i < SHAPES; i++)
        if (a->shapes[i].width != b->shapes[i].width || a->shapes[i].height != b->shapes[i].height)
            return false;
    return true;
}

static bool all_become_smaller(const Chain *before, const Chain *after)
{
    for (int i = 0; i < SHAPES; i++)
        if (pixels(&after->shapes[i]) >= pixels(&before->shapes[i]))
            return false;
    return true;
}

/* `scale` and `fit`: all others that make it smaller cut off, or do more than that. */
static bool resamples(const Step *step, const Chain *after)
{
    return step->action->geometry && after->shapes[0].across > 0;
}

/* It draws or filters, and leaves the size: on fewer pixels it would do the same, and sooner. */
static bool is_effect(const Step *step, const Chain *before, const Chain *after)
{
    const char *group = step->action->group;

    return (!strcmp(group, "detail") || !strcmp(group, "decoration")) &&
           all_keep_their_size(before, after);
}

/* "round, text and sharpen"; newly allocated. */
static char *listed(const Chain *chain)
{
    GString *list = g_string_new(NULL);

    for (unsigned i = 0; i < chain->count; i++)
        g_string_append_printf(list, "%s%s",
                               i == 0                 ? ""
                               : i + 1 < chain->count ? ", "
                                                      : " and ",
                               chain->effects[i]);
    return g_string_free(list, FALSE);
}

static bool advise_on_effects(const Step *step, const Chain *before, const Chain *after,
                              Error **err)
{
    double times = pixels(&before->shapes[0]) / pixels(&after->shapes[0]);

    if (before->count == 0 || !resamples(step, after) || times < 2)
        return true;
    g_autofree char *effects = listed(before);
    g_autofree char *fix =
        g_strdup_printf("put %s before %s", step->action->name, before->effects[0]);
    return error_set(err, ERROR_CONFIG, fix,
                     "%s comes after %s: what they make becomes smaller and softer with the "
                     "picture, and on a large photo they work on %.0f times as many pixels",
                     step->action->name, effects, times);
}

/* It draws, moves or reckons; what a picture says of itself is no pixel. */
static bool changes_pixels(const Step *step)
{
    const Action *action = step->action;

    return !step_saves(step) && !(action->flags & ACTION_JPEG) &&
           strcmp(action->group, "metadata") != 0 && strcmp(action->name, "upright") != 0;
}

static bool advise_on_jpeg(const Step *step, const Chain *before, Error **err)
{
    const char *name = step->action->name;

    if (!(step->action->flags & ACTION_JPEG) || !before->changes)
        return true;
    g_autofree char *fix = g_strdup_printf("put %s before %s", name, before->changes);
    return error_set(err, ERROR_CONFIG, fix,
                     "%s comes after %s: it refuses each JPEG whose pixels that has changed", name,
                     before->changes);
}

/* The `scale` of what is small enough, and the second `upright`. */
static bool advise_on_idle(const Step *step, const Chain *before, const Chain *after, Error **err)
{
    const char *name = step->action->name;

    if (!strcmp(name, "upright") && before->upright)
        return error_set(err, ERROR_CONFIG, "remove one of them",
                         "upright does nothing: the picture is upright already");
    if (strcmp(name, "scale") != 0 || !before->smaller || !all_keep_their_size(before, after))
        return true;
    return error_set(err, ERROR_CONFIG, "give a smaller size, or remove the step",
                     "scale does nothing: %s before it has made every picture as small",
                     before->smaller);
}

static void note(const Step *step, const Chain *before, Chain *after)
{
    if (resamples(step, after) && all_become_smaller(before, after))
        after->smaller = step->action->name;
    if (!strcmp(step->action->name, "upright"))
        after->upright = true;
    if (changes_pixels(step) && !after->changes)
        after->changes = step->action->name;
    if (step_saves(step) || resamples(step, after))
        after->count = 0;
    else if (is_effect(step, before, after) && after->count < EFFECTS)
        after->effects[after->count++] = step->action->name;
}

/* False where nothing is known of what comes behind the step. */
static bool follow(const Profile *profile, const Step *step, Chain *chain, OrderSay *say)
{
    g_autoptr(Error) advice = NULL;
    Chain after = *chain;

    if (runner_skips(step->action, step->settings))
        return true;
    if (step->failure || action_is_computed(step->action, step->settings))
        return !step->action->geometry;
    if (!plan(step, chain, &after))
        return false;
    if (!advise_on_effects(step, chain, &after, &advice) ||
        !advise_on_idle(step, chain, &after, &advice) || !advise_on_jpeg(step, chain, &advice))
        say(step, profile, advice);
    note(step, chain, &after);
    *chain = after;
    return true;
}

static void walk(const Profile *profile, guint first, guint end, Chain chain, OrderSay *say)
{
    bool known = true;

    for (guint i = first; known && i < end; i = profile_step(profile, i)->next) {
        const Step *step = profile_step(profile, i);
        if (!step_branches(step)) {
            known = follow(profile, step, &chain, say);
            continue;
        }
        chain.count = 0; /* two have the effects: the branch, and what comes behind it */
        if (!runner_skips(step->action, step->settings))
            walk(profile, i + 1, step->next, chain, say);
    }
}

void order_advise(const Profile *profile, OrderSay *say)
{
    Chain chain = { 0 };

    for (int i = 0; i < SHAPES; i++) {
        chain.shapes[i] = profile_photo;
        chain.shapes[i].width = sizes[i][0];
        chain.shapes[i].height = sizes[i][1];
    }
    walk(profile, 0, profile->steps->len, chain, say);
}
