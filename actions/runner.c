/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/runner.h"

#include "actions/assets.h"
#include "actions/bands.h"
#include "actions/channels.h"
#include "actions/colour.h"
#include "actions/ink.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/tones.h"

struct Runner {
    Image *image;
    Tones *tones;    /* steps that are not done yet; NULL: none */
    GPtrArray *left; /* of ImageState: the picture where each branch that is not over began */
};

Runner *runner_new(Image *image)
{
    Runner *runner = g_new0(Runner, 1);

    runner->image = image;
    runner->left = g_ptr_array_new_with_free_func((GDestroyNotify) image_state_free);
    return runner;
}

void runner_free(Runner *runner)
{
    if (!runner)
        return;
    g_clear_pointer(&runner->tones, tones_free);
    g_ptr_array_unref(runner->left);
    g_free(runner);
}

static const Common *common_of(const Action *action, const void *settings)
{
    return common_settings(action, (void *) (uintptr_t) settings);
}

/* How much of a result counts, 0 to 1. */
static double amount_of(const Action *action, const void *settings)
{
    return action->flags & ACTION_BLENDS ? common_of(action, settings)->amount / 100 : 1;
}

static VipsImage *mask_of(const Action *action, const void *settings)
{
    return asset_picture(&common_of(action, settings)->mask);
}

/* Which colours a tone changes. */
static unsigned channels_of(const Action *action, const void *settings)
{
    if (!action->channels_by)
        return channels_all;
    const Param *row = param_find(action->params, action->channels_by);
    return *(const unsigned *) (const void *) ((const char *) settings + row->offset);
}

/* Whether the step is a table, which tables of its neighbours are joined with. */
static bool is_table(const Action *action, const void *settings)
{
    return action->tone && !mask_of(action, settings) &&
           !channels_split(channels_of(action, settings));
}

/* Whether what was there before shows in the result. */
static bool blends(const Action *action, const void *settings)
{
    return amount_of(action, settings) < 1 || mask_of(action, settings);
}

/* Whether the step reads each pixel more than once: with its neighbours, or for what is laid over
 * what was there. */
static bool forks(const Action *action, const void *settings)
{
    bool filters = action->pixels && !(action->flags & ACTION_POINTWISE);

    return filters || (blends(action, settings) && !is_table(action, settings));
}

bool runner_skips(const Action *action, const void *settings)
{
    const Common *common = common_of(action, settings);

    return !common->enabled || common->idle || amount_of(action, settings) == 0;
}

bool runner_copies(const Action *action, const void *settings)
{
    return action->copies && action->copies(settings);
}

static bool cannot_change(Error **err)
{
    return libvips_error(err, "change the picture");
}

static bool take_over(Image *image, VipsImage *pixels, Error **err)
{
    if (!pixels)
        return cannot_change(err);
    image_replace(image, pixels);
    return true;
}

/* ---- tones ---- */

static bool add_tone(Runner *runner, const Action *action, const void *settings, Error **err)
{
    VipsImage *pixels = image_pixels(runner->image, err);

    if (!pixels)
        return false;
    if (!runner->tones)
        runner->tones = tones_new(pixels->BandFmt);
    tones_add(runner->tones, action->tone, settings, amount_of(action, settings));
    return true;
}

bool runner_finish(Runner *runner, Error **err)
{
    g_autoptr(Tones) tones = g_steal_pointer(&runner->tones);
    VipsImage *pixels = tones ? image_pixels(runner->image, err) : NULL;

    if (!tones)
        return true;
    return pixels && take_over(runner->image, tones_apply(tones, pixels), err);
}

/* ---- colours and pixels ---- */

/* Whether the step has no place for the alpha of the pixels, as its plan says. */
static bool drops_alpha(const Action *action, const void *settings, VipsImage *pixels)
{
    g_autoptr(Error) ignored = NULL;
    Shape shape = shape_of(pixels);

    return shape.alpha && action->plan && action->plan(settings, &shape, &ignored) && !shape.alpha;
}

static VipsImage *changed_colours(const Action *action, const void *settings, VipsImage *pixels)
{
    static const double white[] = { 255, 255, 255 };
    bool drops = drops_alpha(action, settings, pixels);
    g_autoptr(VipsImage) whole = drops ? pixels_flattened(pixels, white) : g_object_ref(pixels);
    g_autoptr(VipsImage) colours = whole ? bands_colours(whole) : NULL;
    g_autoptr(VipsImage) changed = colours ? action->colours(settings, colours) : NULL;
    g_autoptr(VipsImage) rounded = changed ? bands_rounded(changed, pixels->BandFmt) : NULL;

    return rounded ? bands_with_alpha(rounded, whole, pixels_colours(whole)) : NULL;
}

static VipsImage *changed_pixels(const Action *action, const void *settings, VipsImage *pixels)
{
    bool weighted = action->flags & ACTION_PREMULTIPLIED;
    g_autoptr(VipsImage) in = weighted ? bands_premultiplied(pixels) : g_object_ref(pixels);
    g_autoptr(VipsImage) changed = in ? action->pixels(settings, in) : NULL;
    g_autoptr(VipsImage) out =
        changed && weighted ? bands_unpremultiplied(changed) : g_steal_pointer(&changed);

    return out ? bands_rounded(out, pixels->BandFmt) : NULL;
}

/* `pixels` as they are to be mixed with `changed`, which was made of them: in sRGB where that has
 * no profile any more. */
static VipsImage *as_mixed_with(VipsImage *changed, VipsImage *pixels)
{
    bool named = vips_image_get_typeof(changed, VIPS_META_ICC_NAME);
    g_autoptr(VipsImage) there = named ? g_object_ref(pixels) : colour_in_srgb(pixels);

    return there ? pixels_in_format(there, changed->BandFmt) : NULL;
}

static VipsImage *changed_tones(const Action *action, const void *settings, VipsImage *pixels)
{
    unsigned channels = channels_of(action, settings);
    g_autoptr(VipsImage) rgb = channels_split(channels) ? colour_rgb(pixels) : g_object_ref(pixels);
    g_autoptr(VipsImage) same = rgb ? pixels_in_format(rgb, pixels->BandFmt) : NULL;
    g_autoptr(Tones) tones = tones_new(pixels->BandFmt);

    tones_add(tones, action->tone, settings, 1);
    return same ? tones_apply_to(tones, same, channels) : NULL;
}

static VipsImage *changed(const Action *action, const void *settings, VipsImage *pixels)
{
    if (action->colours)
        return changed_colours(action, settings, pixels);
    if (action->pixels)
        return changed_pixels(action, settings, pixels);
    return changed_tones(action, settings, pixels);
}

static VipsImage *blended(const Action *action, const void *settings, VipsImage *pixels,
                          VipsImage *result)
{
    VipsImage *mask = mask_of(action, settings);
    g_autoptr(VipsImage) before = as_mixed_with(result, pixels);
    g_autoptr(VipsImage) stretched = mask ? resample_all(mask, pixels->Xsize, pixels->Ysize) : NULL;

    if (!before || (mask && !stretched))
        return NULL;
    return bands_mixed(before, result, amount_of(action, settings), stretched);
}

static bool change(const Action *action, const void *settings, Image *image, Error **err)
{
    VipsImage *pixels = image_pixels(image, err);

    if (!pixels)
        return false;
    g_autoptr(VipsImage) result = changed(action, settings, pixels);
    if (forks(action, settings))
        image_fork(image);
    if (!result || !blends(action, settings))
        return take_over(image, g_steal_pointer(&result), err);
    return take_over(image, blended(action, settings, pixels, result), err);
}

/* ---- ink ---- */

static bool is_grey(const Ink *ink)
{
    return pixels_colours(ink->picture) == 1;
}

/* Whether any of it lies on the photo. */
static bool is_seen(const Ink *ink, const VipsImage *photo)
{
    return ink->tiled || (ink->x < photo->Xsize && ink->x + ink->picture->Xsize > 0 &&
                          ink->y < photo->Ysize && ink->y + ink->picture->Ysize > 0);
}

static bool lay(const Ink *ink, Image *image, Error **err)
{
    VipsImage *photo = image_overlay_pixels(image, !is_grey(ink), err);

    if (!photo)
        return false;
    if (!is_seen(ink, photo))
        return true;
    g_autoptr(VipsImage) there = ink_in_colours_of(photo, ink->picture);
    g_autoptr(VipsImage) picture = there ? pixels_in_memory(there) : NULL;
    g_autoptr(VipsImage) over = picture ? ink_sheet(ink, picture, photo) : NULL;
    return take_over(image, over ? pixels_under(photo, over, ink->opacity, ink->blend) : NULL, err);
}

static bool ink(const Action *action, const void *settings, Image *image, Error **err)
{
    Ink laid = { .opacity = 1 };
    bool done =
        action->ink(settings, image, &laid, err) && (!laid.picture || lay(&laid, image, err));

    g_clear_object(&laid.picture);
    return done;
}

/* ---- a step ---- */

/* The value of the word that a choice or a colour is; 0: a colour is none. */
static int word_of(const Param *row, const void *settings)
{
    const void *field = (const char *) settings + row->offset;

    return row->type == PARAM_COLOUR ? ((const Colour *) field)->word : *(const int *) field;
}

/* Whether the step reads pixels more than once, or in any order, by itself. */
static bool is_random(const Action *action, const void *settings)
{
    const char *by = action->random_by;

    return action->flags & ACTION_RANDOM &&
           (!by || word_of(param_find(action->params, by), settings));
}

/* Whether the runner puts the picture into memory before the step. What several such steps read
 * without that grows with each of them many times: three sharpens of 6,000 pixels a row took 340
 * MB, of grey 2 GB. */
static bool settles(const Action *action, const void *settings, bool forked)
{
    bool reads_twice = is_random(action, settings) || (action->pixels && blends(action, settings));

    return !runner_skips(action, settings) && (reads_twice || (forked && forks(action, settings)));
}

static bool do_step(const Action *action, const void *settings, Image *image, Error **err)
{
    if (action->tone || action->colours || action->pixels)
        return change(action, settings, image, err);
    if (action->ink)
        return ink(action, settings, image, err);
    return action->geometry ? action->geometry(settings, image, err)
                            : action->apply(settings, image, err);
}

bool runner_enter(Runner *runner, bool again, double shrink, Error **err)
{
    if (!runner_finish(runner, err) || (again && !image_decode(runner->image, shrink, err)))
        return false;
    g_ptr_array_add(runner->left, image_state(runner->image));
    return true;
}

void runner_leave(Runner *runner)
{
    g_clear_pointer(&runner->tones, tones_free); /* of steps that no save came after */
    image_return(runner->image, g_ptr_array_steal_index(runner->left, runner->left->len - 1));
}

/* The density that a step gives the picture; 0: none. */
static unsigned density_of(const Action *action, const void *finished)
{
    const Common *common = common_of(action, finished);
    bool sets = action->flags & ACTION_SETS_DPI && !common->dpi_of_profile;

    return sets ? (unsigned) (common->dpi + 0.5) : 0;
}

static bool do_finished(Runner *runner, const Action *action, const void *finished, bool again,
                        Error **err)
{
    Image *image = runner->image;

    if (!(action->flags & (ACTION_SAVES | ACTION_JPEG | ACTION_LEAVES)))
        image_touch(image);
    if (is_table(action, finished))
        return add_tone(runner, action, finished, err);
    if (!runner_finish(runner, err))
        return false;
    /* Pixels flow from the decoder to the encoder once, and are kept where they are used again. */
    if (again && action->flags & ACTION_SAVES && !runner_copies(action, finished) &&
        !image_untouched_to_memory(image, err))
        return false;
    if (density_of(action, finished))
        image_set_dpi(image, density_of(action, finished));
    const Shape shape = image_shape(image);
    if (settles(action, finished, shape.forked) && !image_to_memory(image, err))
        return false;
    /* What a trim leaves was not known when the profile was planned. */
    return do_step(action, finished, image, err) &&
           image_check_size(image, image_width(image), image_height(image), err);
}

bool runner_step(Runner *runner, const Action *action, const void *settings, bool again,
                 Error **err)
{
    const Shape shape = image_shape(runner->image); /* tones that are not done do not change it */
    g_autofree void *finished = action_finished(action, settings, runner->image, &shape, err);

    if (!finished)
        return false;
    if (runner_skips(action, finished))
        return true;
    return (!action->ask || action->ask(finished, runner->image, err)) &&
           do_finished(runner, action, finished, again, err);
}

/* Whether the step works on the colours that the picture has. */
static bool takes_colours(const Action *action, const Shape *shape, Error **err)
{
    return shape->colours != PIXELS_INKS || action->flags & ACTION_INKS ||
           error_set(err, ERROR_PICTURE, "put icc to CMYK last, before save",
                     "the picture is CMYK here, and %s works on grey and RGB", action->name);
}

bool runner_plan(const Action *action, const void *finished, Shape *shape, Error **err)
{
    const Shape before = *shape;

    shape->held = 0;
    shape->making = 0;
    shape->let_go = false;
    shape->kept = 0;
    shape->across = 0;
    shape->down = 0;
    shape->linear = false;
    shape->as_stored = false;
    shape->by_planes = false;
    shape->settles = settles(action, finished, before.forked);
    shape->forked = before.forked && !shape->settles;
    shape->shrink = 1;
    if (runner_skips(action, finished))
        return true;
    if (action->flags & ACTION_LEAVES) {
        shape->shrink = 0;
        shape->as_stored = true;
        return true;
    }
    if (!takes_colours(action, shape, err))
        return false;
    shape->forked |= forks(action, finished);
    if (action->flags & (ACTION_MAKES_GREY | ACTION_MAKES_RGB))
        shape->colours = action->flags & ACTION_MAKES_GREY ? 1 : 3;
    if (channels_split(channels_of(action, finished)))
        shape->colours = 3;
    if (action->plan && !action->plan(finished, shape, err))
        return false;
    shape->fresh &= shape->shrink == 0;
    if (!action->geometry && !(action->flags & ACTION_SAVES)) /* it gets pixels */
        shape->planes = (ShapePlanes){ 0 };
    if (!blends(action, finished))
        return true;
    shape->colours = MAX(shape->colours, before.colours);
    shape->let_go = false; /* it is mixed with what came in */
    return true;
}
