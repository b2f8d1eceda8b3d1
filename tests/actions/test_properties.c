/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What holds for every action, by its table alone, whatever its settings are and whatever the
 * picture is: random settings in range, from a seed, on pictures of every kind.
 *
 *   test_properties
 *
 * HOTFOLDER_CASES is how many settings each action gets on each picture; HOTFOLDER_SEED is the
 * first seed; with HOTFOLDER_EVERY=3 each action gets every third picture, another third than the
 * action before it. A failure names the seed and the step. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/bands.h"
#include "actions/pixels.h"
#include "actions/runner.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/kinds.h"
#include "tests/actions/random_steps.h"

static const StepSizes small = { 60, .share = 1, .px_percent = 0.3, .px_mm = 12, .dpi = true };

/* ---- a case ---- */

typedef struct Case {
    const Picture *picture;
    const Action *action;
    unsigned seed;
    char *text;
    GPtrArray *profiles;
} Case;

static GString *complaints; /* on the log, during the case */

static void note_complaint(const char *domain, GLogLevelFlags level, const char *message,
                           void *user G_GNUC_UNUSED)
{
    /* The encoder's check reads an AVIF that has a colour profile. */
    bool right = strstr(message, "ignoring nclx profile");

    if (!right && level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
        g_string_append_printf(complaints, "%s: %s; ", domain ? domain : "", message);
}

G_NORETURN G_GNUC_PRINTF(2, 3) static void fails(const Case *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *why = g_strdup_vprintf(format, args);
    va_end(args);
    fail_msg("seed %u: %s on %s: %s", c->seed, c->text, c->picture->name, why);
    abort(); /* fail_msg() does not return, but does not say so */
}

/* NULL where settings that are right alone are not right together. */
static GPtrArray *read_steps(const char *steps)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text = g_strdup_printf("profile \"web\" { dpi = 300 %s save {} }", steps);
    GPtrArray *profiles = profiles_read(text, errors);

    profiles_prepare(profiles, errors);
    if (errors->len)
        g_clear_pointer(&profiles, g_ptr_array_unref);
    return profiles;
}

static const Step *step_of(GPtrArray *profiles)
{
    const Profile *profile = profiles->pdata[0];

    return &g_array_index(profile->steps, Step, 0);
}

/* Formulas stand in place of some of the settings, which are right together. */
static void use_formulas(Case *c)
{
    enum { OF = 4 };
    char *text = step_with_formulas(c->text, OF);

    g_ptr_array_unref(c->profiles);
    g_free(c->text);
    c->text = text;
    c->profiles = read_steps(text);
    if (!c->profiles)
        fails(c, "formulas are refused");
}

/* Many settings in a row that are not right: the table promises too much. */
static Case case_new(const Picture *picture, const Action *action, unsigned seed)
{
    enum { TRIES = 1000 };
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    Case c = { picture, action, seed, NULL, NULL };

    for (int i = 0; !c.profiles; i++) {
        g_free(c.text);
        c.text = random_step(random, action, &small, MARK);
        c.profiles = read_steps(c.text);
        if (i == TRIES)
            fails(&c, "no settings in range are right");
    }
    use_formulas(&c);
    return c;
}

static void case_clear(Case *c)
{
    g_free(c->text);
    g_ptr_array_unref(c->profiles);
}

/* ---- what holds ---- */

static void said_nothing(const Case *c)
{
    if (complaints->len)
        fails(c, "it complains: %s", complaints->str);
    if (*vips_error_buffer())
        fails(c, "libvips says: %s", vips_error_buffer());
}

static void has_shape(const Case *c, VipsImage *made, const Shape *planned)
{
    Shape shape = shape_of(made);
    bool fits = planned->at_most ? shape.width <= planned->width && shape.height <= planned->height
                                 : shape.width == planned->width && shape.height == planned->height;

    if (!fits || shape.colours != planned->colours || shape.alpha != planned->alpha ||
        shape.format != planned->format)
        fails(c, "made %dx%d, %d colours, alpha %d, format %d; planned %dx%d, %d, %d, %d",
              shape.width, shape.height, shape.colours, shape.alpha, shape.format, planned->width,
              planned->height, planned->colours, planned->alpha, planned->format);
    if (made->Type != pixels_type(made->BandFmt, made->Bands))
        fails(c, "made pixels of type %d", made->Type);
}

/* "" where there is none; newly referenced. */
static GBytes *profile_of(VipsImage *image)
{
    const void *profile = NULL;
    size_t size = 0;

    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) &&
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size))
        fail_msg("%s", vips_error_buffer());
    return g_bytes_new(profile, size);
}

/* It describes these bands, and is the picture's own where the kind of the action cannot need
 * another one: tones and geometry that add no colours. */
static void has_profile(const Case *c, VipsImage *made, VipsImage *before)
{
    enum { AT_SPACE = 16 };
    g_autoptr(GBytes) own = profile_of(before);
    g_autoptr(GBytes) now = profile_of(made);
    const char *space = pixels_colours(made) == 1 ? "GRAY" : "RGB ";
    const char *bytes = g_bytes_get_data(now, NULL);
    bool keeps =
        (c->action->tone || c->action->geometry) && pixels_colours(made) == pixels_colours(before);

    if (g_bytes_get_size(now) && memcmp(bytes + AT_SPACE, space, 4) != 0)
        fails(c, "its profile is not for %s", space);
    if (keeps && !g_bytes_equal(own, now))
        fails(c, "the profile has not stayed");
}

static bool is_opaque(VipsImage *pixels)
{
    g_autoptr(VipsImage) alpha = NULL;
    double least = 0;

    if (pixels->Bands == pixels_colours(pixels))
        return true;
    if (vips_extract_band(pixels, &alpha, pixels->Bands - 1, NULL) || vips_min(alpha, &least, NULL))
        fail_msg("%s", vips_error_buffer());
    return least >= pixels_white(pixels);
}

static bool planned_step(const Step *step, Image *image, Shape *shape, Error **err)
{
    g_autofree void *finished = action_finished(step->action, step->settings, image, shape, err);

    return finished && runner_plan(step->action, finished, shape, err);
}

/* The step makes alpha of a picture without it. */
static bool adds_alpha(const Case *c, Shape shape)
{
    g_autoptr(Image) image = kinds_open(c->picture, NULL);
    g_autoptr(Error) ignored = NULL;

    shape.alpha = false;
    return planned_step(step_of(c->profiles), image, &shape, &ignored) && shape.alpha;
}

static void stays_opaque(const Case *c, VipsImage *made, VipsImage *before, const Shape *shape)
{
    if (is_opaque(before) && !is_opaque(made) && !adds_alpha(c, *shape))
        fails(c, "holes where there were none");
}

/* ---- doing it ---- */

/* The pixels in memory, or NULL with *err set. */
static VipsImage *done(Image *image, const Step *step, Error **err)
{
    g_autoptr(Runner) runner = runner_new(image);

    if (!runner_step(runner, step->action, step->settings, true, err) ||
        !runner_finish(runner, err) || !image_to_memory(image, err))
        return NULL;
    return g_object_ref(image_pixels(image, err));
}

static VipsImage *untouched(const Picture *picture)
{
    g_autoptr(Image) image = kinds_open(picture, NULL);
    g_autoptr(Error) error = NULL;

    return vips_image_copy_memory(image_pixels(image, &error));
}

/* NULL where no picture remains, as planned. */
static VipsImage *made_by(const Case *c, Shape *planned)
{
    const Step *step = step_of(c->profiles);
    g_autoptr(Image) image = kinds_open(c->picture, NULL);
    g_autoptr(Error) refused = NULL;
    g_autoptr(Error) error = NULL;

    g_string_truncate(complaints, 0);
    *planned = image_shape(image);
    bool possible = planned_step(step, image, planned, &refused);
    VipsImage *made = done(image, step, &error);
    if (!made != !possible)
        fails(c, "planned: %s; done: %s", possible ? "yes" : refused->what,
              made ? "yes" : error->what);
    return made;
}

static void check_case(const Case *c)
{
    Shape planned = { 0 };
    g_autoptr(VipsImage) before = untouched(c->picture);
    g_autoptr(VipsImage) made = made_by(c, &planned);
    Shape shape = shape_of(before);

    said_nothing(c);
    if (!made)
        return;
    has_shape(c, made, &planned);
    has_profile(c, made, before);
    stays_opaque(c, made, before, &shape);
}

/* ---- the identity ---- */

static bool same_pixels(VipsImage *a, VipsImage *b)
{
    g_autoptr(GBytes) own = profile_of(a);
    g_autoptr(GBytes) now = profile_of(b);

    return a->Xsize == b->Xsize && a->Ysize == b->Ysize && a->Bands == b->Bands &&
           a->BandFmt == b->BandFmt && a->Type == b->Type && g_bytes_equal(own, now) &&
           memcmp(VIPS_IMAGE_ADDR(a, 0, 0), VIPS_IMAGE_ADDR(b, 0, 0), VIPS_IMAGE_SIZEOF_IMAGE(a)) ==
               0;
}

/* The same step with `more` settings. */
static void is_identity(const Case *c, const char *more)
{
    g_autofree char *start = g_strndup(c->text, strlen(c->text) - 1);
    g_autofree char *text = g_strdup_printf("%s %s }", start, more);
    Case off = { c->picture, c->action, c->seed, text, read_steps(text) };
    Shape planned = { 0 };
    g_autoptr(VipsImage) before = untouched(c->picture);

    if (!off.profiles)
        fails(&off, "settings are not right any more");
    g_autoptr(VipsImage) made = made_by(&off, &planned);
    said_nothing(&off);
    if (!made || !same_pixels(before, made))
        fails(&off, "the picture has changed");
    has_shape(&off, made, &planned);
    g_ptr_array_unref(off.profiles);
}

static void check_identity(const Case *c)
{
    is_identity(c, "enabled = no");
    if (c->action->flags & ACTION_BLENDS)
        is_identity(c, "amount = 0");
}

/* ---- depths ---- */

/* Why a step may make another picture of other numbers. */
static bool may_differ(const Case *c)
{
    static const char *const deciding[] = { "trim", "attention", "entropy" };
    bool alpha = c->picture->bands % 2 == 0;

    for (size_t i = 0; i < G_N_ELEMENTS(deciding); i++)
        if (strstr(c->text, deciding[i])) /* the pixels decide where it cuts */
            return true;
    if (c->action->ask) /* random, from the hash of the file */
        return true;
    /* rounding is sharpened, too, from the second pass on */
    if (!strcmp(c->action->name, "effect"))
        return alpha || strstr(c->text, "repeat");
    /* the grey that it looks up is rounded, as Pillow's, and on both sides of a middle twice as
     * steep */
    if (!strcmp(c->action->name, "duotone"))
        return strstr(c->text, "middle");
    /* what transparent pixels hide is filled in with 8 bits, and that rounding is sharpened, too */
    return alpha && !strcmp(c->action->name, "sharpen");
}

/* Both in floats of 0 to 255, weighted by alpha: what a transparent pixel hides does not count. */
static VipsImage *as_seen(VipsImage *pixels)
{
    g_autoptr(VipsImage) weighted = bands_premultiplied(pixels);
    VipsImage *out = NULL;

    if (!weighted || vips_linear1(weighted, &out, 255 / pixels_white(pixels), 0, NULL))
        fail_msg("%s", vips_error_buffer());
    return out;
}

static void check_depths(const Case *c)
{
    /* Two passes, across and down, round to 8 bits each. */
    static const double step = 1, passes = 0.5;
    Case deep = *c;
    Shape planned = { 0 };

    if (!c->picture->deep || may_differ(c))
        return;
    deep.picture = &pictures[c->picture->deep];
    g_autoptr(VipsImage) eight = made_by(c, &planned);
    g_autoptr(VipsImage) sixteen = made_by(&deep, &planned);
    if (!eight || !sixteen)
        return;
    g_autoptr(VipsImage) a = as_seen(eight);
    g_autoptr(VipsImage) b = as_seen(sixteen);
    Distance distance = picture_distance(a, b);
    if (distance.most > step + passes)
        fails(c, "with 16 bits it is another picture, by %.2f of 255", distance.most);
}

/* ---- over the tables ---- */

static unsigned number_of(const char *variable, unsigned fallback)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned) g_ascii_strtoull(text, NULL, 10) : fallback;
}

static bool kind_of_pixels(const Action *action)
{
    return !(action->flags & (ACTION_SAVES | ACTION_BRANCHES | ACTION_JPEG));
}

static void for_each_case(void (*check)(const Case *c))
{
    unsigned count = number_of("HOTFOLDER_CASES", 1);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);
    unsigned every = number_of("HOTFOLDER_EVERY", 1);

    for (const Action *const *action = actions; *action; action++)
        for (size_t i = 0; i < picture_count; i++)
            for (unsigned n = 0; n < count && kind_of_pixels(*action); n++, seed++) {
                if ((i + (size_t) (action - actions)) % every)
                    continue;
                Case c = case_new(&pictures[i], *action, seed);
                check(&c);
                case_clear(&c);
            }
}

static void a_picture_comes_out_as_it_was_planned_and_without_a_warning(void **state)
{
    (void) state;
    for_each_case(check_case);
}

static void a_step_that_is_not_enabled_or_has_no_amount_changes_nothing(void **state)
{
    (void) state;
    for_each_case(check_identity);
}

static void pictures_of_8_and_16_bits_look_the_same(void **state)
{
    (void) state;
    for_each_case(check_depths);
}

/* ---- branches ---- */

/* What the last step saves. NULL where a step in `branch` cannot be done on this picture. */
static VipsImage *saved_after(const Picture *picture, const char *branch)
{
    g_autofree char *steps = g_strdup_printf(
        "dpi = 300 brightness { strength = 10%% } %s save { name = \"x.tif\" }", branch);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    gsize size = 0;
    const void *bytes = g_bytes_get_data(picture->bytes, &size);

    return desk_run(desk, picture_bytes(bytes, size), steps, &error)
               ? desk_output(desk, desk->files->len - 1)
               : NULL;
}

static void a_branch_leaves_the_picture_as_it_was(void **state)
{
    unsigned count = number_of("HOTFOLDER_CASES", 1);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);

    (void) state;
    for (size_t i = 0; i < picture_count; i++) {
        g_autoptr(VipsImage) plain = saved_after(&pictures[i], "");
        for (unsigned n = 0; n < count; n++) {
            Case c = case_new(&pictures[i], action_find("branch"), seed++);
            g_autoptr(VipsImage) made = saved_after(&pictures[i], c.text);
            if (made && !same_pixels(plain, made))
                fails(&c, "the picture has changed");
            case_clear(&c);
        }
    }
}

/* ---- what saves ---- */

static void save_one(const Picture *picture, const Action *action, unsigned seed)
{
    Case c = case_new(picture, action, seed);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    gsize size = 0;
    const void *bytes = g_bytes_get_data(picture->bytes, &size);

    g_string_truncate(complaints, 0);
    if (!desk_run(desk, picture_bytes(bytes, size), c.text, &error))
        fails(&c, "%s", error->what);
    if (complaints->len)
        fails(&c, "it complains: %s", complaints->str);
    g_autoptr(VipsImage) saved = desk_output(desk, 0);
    if (saved->Xsize != picture->width || saved->Ysize != picture->height)
        fails(&c, "saved %dx%d", saved->Xsize, saved->Ysize);
    case_clear(&c);
}

static void every_output_can_be_read_and_is_as_large_as_the_picture(void **state)
{
    unsigned count = number_of("HOTFOLDER_CASES", 1);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);

    (void) state;
    for (const Action *const *action = actions; *action; action++)
        for (size_t i = 0; i < picture_count; i++)
            for (unsigned n = 0; n < count && (*action)->flags & ACTION_SAVES; n++)
                save_one(&pictures[i], *action, seed++);
}

static int set_up(void **state)
{
    (void) state;
    complaints = g_string_new(NULL);
    kinds_make();
    g_log_set_default_handler(note_complaint, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    kinds_free();
    g_log_set_default_handler(g_log_default_handler, NULL);
    g_string_free(complaints, TRUE);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_comes_out_as_it_was_planned_and_without_a_warning),
        cmocka_unit_test(a_step_that_is_not_enabled_or_has_no_amount_changes_nothing),
        cmocka_unit_test(pictures_of_8_and_16_bits_look_the_same),
        cmocka_unit_test(a_branch_leaves_the_picture_as_it_was),
        cmocka_unit_test(every_output_can_be_read_and_is_as_large_as_the_picture),
    };
    g_autoptr(Error) error = NULL;

    /* libvips' vector code reckons with 6 bits, which sharp edges show: 4 steps of 255. */
    g_setenv("VIPS_NOVECTOR", "1", TRUE);
    if (!libvips_start("test_properties", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("properties", tests, set_up, tear_down);
    libvips_stop();
    return failed;
}
